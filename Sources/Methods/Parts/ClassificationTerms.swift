import Tensors
import Training

extension Tensor {
  /// The cross-entropy of logits `[N, classes]` as the loss, and the share of right answers beside it.
  func classificationTerms(labels: [Int]) throws(TensorError) -> [NamedTensor] {
    let loss = try crossEntropy(labels: labels)
    let right = zip(try argumentOfMaximum(), labels).reduce(0) { $0 + ($1.0 == $1.1 ? 1 : 0) }
    return [
      NamedTensor("loss", loss),
      NamedTensor("accuracy", Tensor(Float(right) / Float(labels.count)), isMinimised: false),
    ]
  }
}
