import Compute

extension Tensor {
  /// The rectifier: `max(x, 0)`; what is not a number stays so.
  ///
  /// Its derivative is read off the output, so the input need not be kept.
  public func rectified() throws(TensorError) -> Tensor {
    let output = mapped { $0.replacing(with: 0, where: $0 .< 0) }
    return try Tape.record("rectified", [self], output: output) {
      (upstream, _) throws(TensorError) in
      [upstream.zipped(output) { $0.replacing(with: 0, where: $1 .<= 0) }]
    }
  }
}
