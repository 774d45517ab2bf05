public import Tensors

/// The classifier without parameters: each class is the mean of the features of some of its images, and an
/// image is of the class whose mean is nearest (Feige, ICML 2019; the rule of prototypical networks, Snell et
/// al., 2017).
public struct NearestPrototypes: Sendable {
  /// The mean features, `[classes, D]`.
  public let prototypes: Tensor
  /// The number of images behind each.
  public let counts: [Int]

  /// Takes the means of features `[N, D]` by label.
  ///
  /// - Parameter most: how many images of a class are averaged at most: its first ones in the order of the
  ///   rows, or random ones where a generator is given.
  /// - Throws: `TensorError` when the labels do not match or a class has no image.
  public init(
    features: Tensor, labels: [Int], classNames: [String], most: Int = 1000,
    using generator: Generator? = nil
  ) throws(TensorError) {
    guard features.rank == 2, features.shape[0] == labels.count else {
      throw .shape(
        operation: "prototypes", shapes: [features.shape, [labels.count]],
        fix: "give one label for each row of features")
    }
    guard most > 0 else {
      throw .argument(
        operation: "prototypes", name: "complements", value: "\(most)",
        fix: "average at least 1 image of each class")
    }
    guard features.isFinite else {
      throw .notFinite(
        path: "a feature", fix: "the model has diverged; make it anew, or load it from a file")
    }
    var members = [[Int]](repeating: [], count: classNames.count)
    for (row, label) in labels.enumerated() { members[label].append(row) }
    for label in members.indices {
      guard !members[label].isEmpty else {
        throw .argument(
          operation: "prototypes", name: "train", value: "a set without \"\(classNames[label])\"",
          fix: "take a set with images of every class, as train.labelled(100, seed: 1) is")
      }
      if let generator {
        var stream = generator.split(.shuffle, label)
        let order = stream.permutation(members[label].count)
        members[label] = order.prefix(most).map { members[label][$0] }
      } else {
        members[label] = Array(members[label].prefix(most))
      }
    }
    let means = members
    let width = features.shape[1]
    prototypes = Tensor(shape: [means.count, width]) { target in
      features.withUnsafeScalars { values in
        for (label, rows) in means.enumerated() {
          for column in 0..<width {
            let sum = rows.reduce(0.0) { $0 + Double(values[$1 * width + column]) }
            target[label * width + column] = Float(sum / Double(rows.count))
          }
        }
      }
    }
    counts = means.map(\.count)
  }

  /// The class of the nearest mean for each row of `[M, D]`; the lower of two as near.
  public func classify(_ queries: Tensor) throws(TensorError) -> [Int] {
    try queries.nearestCodes(in: prototypes)
  }
}
