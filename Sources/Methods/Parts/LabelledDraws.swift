import Tensors
import Training

/// The numbers 0..<count in random order, drawn one at a time: a permutation of which only what is used is
/// worked out (Fisher and Yates).
struct RandomOrder {
  private let count: Int
  private var generator: Generator
  private var drawn = 0
  private var moved: [Int: Int] = [:]

  init(_ count: Int, using generator: Generator) {
    self.count = count
    self.generator = generator
  }

  /// The next number; `nil` when all are drawn.
  mutating func next() -> Int? {
    guard drawn < count else { return nil }
    let place = generator.integer(in: drawn...count - 1)
    let chosen = moved[place] ?? place
    moved[place] = moved[drawn] ?? drawn
    drawn += 1
    return chosen
  }
}

extension LabelledImages {
  /// The number of labelled images.
  var count: Int { members.reduce(0) { $0 + $1.count } }

  /// At most `most` images at random, none twice, with their classes.
  func draw(
    _ most: Int, using generator: Generator
  ) throws(TensorError) -> (images: Tensor, labels: [Int]) {
    let members = members
    var order = RandomOrder(count, using: generator)
    var places: [Int] = []
    var labels: [Int] = []
    for _ in 0..<most {
      guard var number = order.next() else { break }
      var label = 0
      while number >= members[label].count {
        number -= members[label].count
        label += 1
      }
      places.append(members[label][number])
      labels.append(label)
    }
    return (try images(at: places), labels)
  }
}

extension Batch {
  /// The batch itself where its classes are known; otherwise at most `most` of the labelled images.
  ///
  /// - Throws: `TensorError.argument` where no classes are known at all.
  func withLabels(
    for word: String, most: Int, using generator: Generator
  ) throws(TensorError) -> (images: Tensor, labels: [Int]) {
    if let labels { return (images, labels) }
    guard let labelled, labelled.count > 0 else {
      throw .argument(
        operation: word, name: "labelled", value: "nothing",
        fix: "it learns from labelled images, if only a few")
    }
    return try labelled.draw(most, using: generator)
  }
}

/// Refuses images from which a method that needs some of every class cannot learn.
func checkLabels(
  of source: any BatchSource, for word: String, classNames: [String], atLeast least: Int
) throws(TensorError) {
  guard let members = source.labelled?.members, members.contains(where: { !$0.isEmpty }) else {
    throw .argument(
      operation: "train", name: "on", value: "a set without labels",
      fix: "\(word) learns from images whose classes are known, if only some of them: "
        + "train(…, on: fashion.train, labelled: fashion.train.labelled(100, seed: 1))")
  }
  guard members.count == classNames.count else {
    throw .argument(
      operation: "train", name: "on", value: "a set of \(members.count) classes",
      fix: "the model was made for \(classNames.count) classes; "
        + "make one for these with \(word)(for: …)")
  }
  guard let rare = members.indices.first(where: { members[$0].count < least }) else { return }
  let count = members[rare].count
  throw .argument(
    operation: "train", name: "labelled",
    value: "a set with \(count) image\(count == 1 ? "" : "s") of \"\(classNames[rare])\"",
    fix: "\(word) needs at least \(least) labelled image\(least == 1 ? "" : "s") of every class"
      + (least > 1 ? ", since an image is compared with others of its class" : "")
      + ": take more, or the same number of each, as fashion.train.labelled(100, seed: 1) does")
}
