import Tensors

extension ImageSet {
  /// The images of a range, in their order.
  ///
  /// - Throws: `DatasetError.selection` when the range does not lie within the set.
  public subscript(range: Range<Int>) -> ImageSet {
    get throws(DatasetError) {
      guard range.lowerBound >= 0, range.upperBound <= count else {
        throw .selection(
          operation: "[\(range)]", set: recipe,
          reason: "it has \(count.grouped) images", fix: rangeAdvice)
      }
      return selecting(range, "[\(range)]")
    }
  }

  /// The first `n` images.
  ///
  /// - Throws: `DatasetError.selection` when there are fewer, or `n` is negative.
  public func first(_ n: Int) throws(DatasetError) -> ImageSet {
    let call = "first(\(n.grouped))"
    try checkCount(n, call)
    return selecting(0..<n, ".\(call)")
  }

  /// `n` images at random, none twice, in random order; the same seed gives the same images.
  ///
  /// - Throws: `DatasetError.selection` when there are fewer, or `n` is negative.
  public func sample(_ n: Int, seed: UInt64) throws(DatasetError) -> ImageSet {
    let call = "sample(\(n.grouped), seed: \(seed))"
    try checkCount(n, call)
    var generator = Generator(seed: seed).split(.sampling)
    return selecting(generator.permutation(count).prefix(n), ".\(call)")
  }

  /// `n` images at random with as many of each class, the classes taking turns; for learning from few labels.
  ///
  /// - Throws: `DatasetError.selection` when `n` is not a multiple of the number of classes, or a class
  ///   has too few images.
  public func labelled(_ n: Int, seed: UInt64) throws(DatasetError) -> ImageSet {
    let call = "labelled(\(n.grouped), seed: \(seed))"
    try checkCount(n, call)
    let classes = classNames.count
    guard classes > 0, n % classes == 0 else {
      let below = classes == 0 ? 0 : n / classes * classes
      throw .selection(
        operation: call, set: recipe,
        reason: "\(n.grouped) images cannot be shared evenly among \(classes) classes",
        fix: below == 0
          ? "ask for \((below + classes).grouped)"
          : "ask for \(below.grouped) or \((below + classes).grouped)")
    }
    let each = n / classes
    let generator = Generator(seed: seed)
    var members = [[Int]](repeating: [], count: classes)
    for (index, label) in labels.enumerated() { members[label].append(index) }
    for number in 0..<classes {
      guard members[number].count >= each else {
        let most = (members.map(\.count).min() ?? 0) * classes
        throw .selection(
          operation: call, set: recipe,
          reason:
            "it has only \(members[number].count.grouped) images of \"\(classNames[number])\"",
          fix: "ask for at most \(most.grouped)")
      }
      // A stream a class: the draw from one class does not depend on how many there are of the others.
      var stream = generator.split(.sampling, number + 1)
      let order = stream.permutation(members[number].count)
      members[number] = order.prefix(each).map { members[number][$0] }
    }
    let turns = (0..<each).flatMap { turn in members.map { $0[turn] } }
    return selecting(turns, ".\(call)")
  }

  private func checkCount(_ n: Int, _ call: String) throws(DatasetError) {
    guard n < 0 || n > count else { return }
    throw .selection(
      operation: call, set: recipe, reason: "it has \(count.grouped) images",
      fix: count > 0 ? "ask for 1 to \(count.grouped)" : "take another set")
  }

  private func selecting(_ chosen: some Collection<Int>, _ suffix: String) -> ImageSet {
    ImageSet(
      name: name, recipe: recipe + suffix, labels: chosen.map { labels[$0] }, store: store,
      indices: .some(chosen.map { indices[$0] }))
  }
}
