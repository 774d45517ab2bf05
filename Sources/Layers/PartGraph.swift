import Tensors

/// What one part of a batch has left on its tape.
struct PartGraph: Sendable {
  let tape: Tape?
  let input: Tensor?
  let output: Tensor
  let parameters: [Tensor]

  /// The gradients by the input, if it is watched, and by the parameters.
  func gradients(given upstream: Tensor) throws(TensorError) -> [Tensor?] {
    guard let tape, output.isTracked else { return [nil] + parameters.map { _ in nil } }
    let gradients = try tape.gradients(of: output, given: upstream)
    return [input.flatMap { gradients[$0] }] + parameters.map { gradients[$0] }
  }
}
