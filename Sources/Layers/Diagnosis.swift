public import Tensors

/// A second look at a forward pass whose result is not finite: which layer's output went wrong first.
///
/// To look at every output costs time, so training looks at the loss and the gradients alone, and repeats
/// a step that went wrong in a diagnosis.
public enum Diagnosis {
  /// Whether a forward pass on this thread is a second look, in which no layers may be fused.
  @TaskLocal static var isOn = false

  /// Runs a forward pass in which a layer whose output is not finite throws `TensorError.notFinite`, with
  /// its path around it.
  public static func run(_ pass: () throws(TensorError) -> Void) throws(TensorError) {
    var failure: TensorError?
    $isOn.withValue(true) {
      do throws(TensorError) { try pass() } catch { failure = error }
    }
    if let failure { throw failure }
  }

  static func check<Output>(_ output: Output) throws(TensorError) {
    guard isOn, let output = output as? Tensor, !output.isFinite else { return }
    throw .notFinite(path: "the output", fix: "")
  }
}
