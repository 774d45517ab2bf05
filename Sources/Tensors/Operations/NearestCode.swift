import Compute

extension Tensor {
  /// The place of each vector's nearest code in a codebook, by Euclidean distance.
  ///
  /// Shapes: `[..., D]` with a codebook `[K, D]` gives one place from 0 to `K − 1` for each vector, in
  /// row-major order: the k that makes `‖e_k‖² − 2 z·e_k` least, the lowest of equals. Off the tape:
  /// `codebook.gathered(rows:)` looks the codes up, with a gradient for the codebook, and
  /// `straightThrough(to:)` hands the decoder's gradient to the encoder (van den Oord et al., 2017,
  /// equations 2 and 3).
  ///
  /// - Throws: `TensorError.shape` when the vectors and codes differ in size, or there are none of
  ///   either; `TensorError.notFinite` for a vector without a finite distance.
  public func nearestCodes(in codebook: Tensor) throws(TensorError) -> [Int] {
    guard codebook.rank == 2, rank >= 1, shape[rank - 1] == codebook.shape[1] else {
      throw .shape(
        operation: "nearestCodes", shapes: [shape, codebook.shape],
        fix: "the codebook is [K, D], and the vectors' last size must be D")
    }
    let dimension = codebook.shape[1]
    guard count > 0, codebook.count > 0 else {
      throw .shape(
        operation: "nearestCodes", shapes: [shape, codebook.shape],
        fix: "give at least one vector and one code, of at least one value")
    }
    guard codebook.isFinite else {
      throw .notFinite(
        path: "the codebook of nearestCodes", fix: "the step that wrote it went out of bounds")
    }
    let rows = count / dimension
    var places = [Int](repeating: -1, count: rows)
    try computing("nearestCodes", [shape, codebook.shape]) { () throws(ComputeError) in
      try NearestCode.find(
        pointer, count: rows, codebook.pointer, codeCount: codebook.shape[0],
        dimension: dimension, into: &places)
      withExtendedLifetime((self, codebook)) {}
    }
    if let lost = places.firstIndex(of: -1) {
      throw .notFinite(
        path: "vector \(lost) of nearestCodes",
        fix: "the numbers grew out of bounds; a lower learning rate usually helps")
    }
    return places
  }

  /// This value, with the gradient of `source`: the straight-through estimator.
  ///
  /// Both have one shape. What depends on the result depends on `source` as if the result were it:
  /// `quantised.straightThrough(to: encoded)` (van den Oord et al., 2017, section 3.2). This tensor
  /// itself gets no gradient through it.
  ///
  /// - Throws: `TensorError.shape` when the shapes differ.
  public func straightThrough(to source: Tensor) throws(TensorError) -> Tensor {
    guard source.shape == shape else {
      throw .shape(
        operation: "straightThrough", shapes: [shape, source.shape],
        fix: "the two must have one shape")
    }
    return try Tape.record("straightThrough", [source], output: detached) {
      (upstream, _) throws(TensorError) in [upstream]
    }
  }
}
