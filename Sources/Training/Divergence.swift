import Layers
import Tensors

/// A step whose numbers are not finite, looked at a second time to find where they first went wrong.
struct Divergence {
  let method: any Trainable
  /// The images of the step with their places in the set.
  let batch: Batch
  /// The generator of the step: the second look draws what the first one drew.
  let generator: Generator
  /// The number of the step, from 0.
  let step: Int
  let rate: Float
  let precision: Precision

  /// What the run reports: the images, a parameter, a layer's output or a term, whichever comes first in
  /// a step, or else what the first look found.
  func report(_ found: TensorError) -> TensorError {
    if let image = badImage {
      return error(
        "image \(image) of the set", fix: "leave it out or repair it; \(standing)")
    }
    let parameters = method.parameters
    if let bad = parameters.first(where: { !$0.parameter.value.isFinite }) {
      return error(bad.name, fix: "make the model anew, or load it from a file")
    }
    do throws(TensorError) {
      try Diagnosis.run { () throws(TensorError) in
        let pass = Pass(.training, branches: method.branches, precision: precision)
        for term in try method.loss(of: batch, in: pass, using: generator)
        where !term.value.isFinite {
          throw .notFinite(
            path: term.name == "loss" ? "the loss" : "the loss \(term.name)", fix: "")
        }
      }
    } catch {
      return self.error(subject(error))
    }
    return self.error(subject(found))
  }

  private var badImage: Int? {
    let images = batch.images
    guard !images.isFinite, let count = images.shape.first else { return nil }
    return images.withUnsafeScalars { values in
      let size = values.count / count
      let row = (0..<count).first { row in
        !values[row * size..<(row + 1) * size].allSatisfy(\.isFinite)
      }
      return row.map { batch.places[$0] }
    }
  }

  /// What an error says is not finite, with its layer: `the output of encoder.blocks.1.0.convolution`.
  private func subject(_ error: TensorError) -> String {
    switch error {
    case .notFinite(let path, _): path
    case .within(let layer, let inner):
      "\(subject(inner)) \(subject(inner) == "the output" ? "of" : "in") \(layer)"
    default: "\(error)"
    }
  }

  private var standing: String { "the model is as step \(step) left it" }

  private func error(_ subject: String, fix: String? = nil) -> TensorError {
    let usual =
      step == 0
      ? "no step was taken, so no learning rate helps; make the model anew, or load it from a file"
      : "\(standing); make it anew and try a learning rate below \(rate)"
    return .notFinite(path: "\(subject) at step \(step + 1)", fix: fix ?? usual)
  }
}
