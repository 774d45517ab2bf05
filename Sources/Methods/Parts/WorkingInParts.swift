public import Tensors

extension Tensor {
  /// Applies `body` to 250 rows at a time and puts the results together, so that the activations of a
  /// large set never exist at once.
  ///
  /// For work without a tape. The body gets at most 250 rows, and 250 exactly but for the last part.
  public func inParts(
    _ body: (Tensor) throws(TensorError) -> Tensor
  ) throws(TensorError) -> Tensor {
    let count = shape.first ?? 0
    let size = 250
    guard count > size else { return try body(self) }
    var parts: [Tensor] = []
    for start in stride(from: 0, to: count, by: size) {
      parts.append(try body(rows(start..<min(start + size, count))))
    }
    return try .concatenated(parts, axis: 0)
  }
}
