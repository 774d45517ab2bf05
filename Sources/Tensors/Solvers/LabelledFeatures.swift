/// Features with a class each, as a classifier is made from them.
struct LabelledFeatures {
  /// `[N, D]`, off the tape.
  let features: Tensor
  /// The distinct labels, ascending.
  let classes: [Int]
  /// The place of each row's label among the classes.
  let places: [Int]

  /// Checks both.
  ///
  /// - Throws: `TensorError.shape` for features that are not a matrix, or other than one label a row;
  ///   `TensorError.argument` for fewer than two classes; `TensorError.notFinite` for values that are not
  ///   finite.
  init(_ operation: String, _ features: Tensor, _ labels: [Int]) throws(TensorError) {
    guard features.rank == 2, features.count > 0, features.shape[0] == labels.count else {
      throw .shape(
        operation: operation, shapes: [features.shape, [labels.count]],
        fix: "give a row of features, at least one, for each label")
    }
    classes = Set(labels).sorted()
    guard classes.count >= 2 else {
      throw .argument(
        operation: operation, name: "labels", value: "all \(labels[0])",
        fix: "give examples of at least two classes")
    }
    guard features.isFinite else {
      throw .notFinite(path: "a feature of \(operation)", fix: "check what it was made from")
    }
    let order = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, $0) })
    places = labels.map { order[$0] ?? 0 }
    self.features = features.detached
  }

  /// Checks what a classifier made from rows of `width` values is asked about.
  static func check(
    _ operation: String, queries: Tensor, width: Int
  ) throws(TensorError) {
    guard queries.rank == 2, queries.shape[1] == width else {
      throw .shape(
        operation: operation, shapes: [queries.shape],
        fix: "give rows of \(width) values, as many as those it was made from")
    }
    guard queries.isFinite else {
      throw .notFinite(path: "a query of \(operation)", fix: "check what it was made from")
    }
  }
}
