import Compute

extension Tensor {
  /// Sets each value to zero with probability `rate` and divides the others by `1 − rate`, so that the
  /// mean stays (Srivastava et al., 2014); for training passes only.
  ///
  /// - Throws: `TensorError.argument` for a rate outside `0 ..< 1`.
  public func dropout(
    rate: Float, using generator: inout Generator
  ) throws(TensorError) -> Tensor {
    guard rate >= 0, rate < 1 else {
      throw .argument(
        operation: "dropout", name: "rate", value: "\(rate)",
        fix: "it is the fraction dropped, from 0 to less than 1")
    }
    let kept = 1 / (1 - rate)
    let mask = Tensor(shape: shape) { target in
      for i in target.indices { target[i] = generator.uniform() < rate ? 0 : kept }
    }
    // Not a product alone: what is not finite must not survive where it is dropped.
    func masked(_ values: Tensor) -> Tensor {
      values.zipped(mask) { ($0 * $1).replacing(with: 0, where: $1 .== 0) }
    }
    return try Tape.record("dropout", [self], output: masked(self)) {
      (upstream, _) throws(TensorError) in
      [upstream.zipped(mask) { $0 * $1 }]
    }
  }
}
