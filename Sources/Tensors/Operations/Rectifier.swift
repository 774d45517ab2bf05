import Compute

extension Tensor {
  /// The rectifier: `max(x, 0)`; what is not a number stays so.
  ///
  /// Its derivative is read off the output, so the input need not be kept.
  public func rectified() throws(TensorError) -> Tensor {
    let output = withExtendedLifetime(self) {
      Tensor.written(shape) { Elementwise.rectify(pointer, into: $0, count: count) }
    }
    return try Tape.record("rectified", [self], output: output) {
      (upstream, _) throws(TensorError) in
      [
        withExtendedLifetime((upstream, output)) {
          .written(output.shape) {
            Elementwise.rectifyGradient(
              upstream.pointer, output: output.pointer, into: $0, count: output.count)
          }
        }
      ]
    }
  }
}
