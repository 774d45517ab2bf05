import Layers
import Tensors

/// Batch normalisation without scale and shift: what a linear head puts before its weights.
///
/// y = (x − mean) / √(variance + ε) for each channel; the running statistics move by a tenth after a step.
struct PlainNormalisation: Layer {
  /// The mean used in evaluation, `[C]`.
  let runningMean: Parameter
  /// The variance used in evaluation, `[C]`.
  let runningVar: Parameter

  init(channels: Int) {
    runningMean = Parameter(.zeros([channels]), isTrainable: false)
    runningVar = Parameter(.filled(1, shape: [channels]), isTrainable: false)
  }

  var title: String { "batch normalisation without scale and shift" }

  func couplesImages(in mode: Pass.Mode) -> Bool { mode == .training }

  func callAsFunction(_ input: Tensor, in pass: Pass) throws(TensorError) -> Tensor {
    let (one, zero) = (Tensor.filled(1, shape: runningVar.shape), Tensor.zeros(runningVar.shape))
    guard pass.mode == .training else {
      return try input.normalised(
        mean: runningMean.value, variance: runningVar.value, scale: one, shift: zero)
    }
    let result = try input.batchNormalised(scale: one, shift: zero)
    let population = Float(input.count / max(1, runningVar.shape[0]))
    let (mean, variance) = (result.mean, result.variance)
    pass.afterStep { () throws(TensorError) in
      let momentum: Float = 0.1
      func move(_ parameter: Parameter, towards target: Tensor, factor: Float) {
        parameter.update { values in
          target.withUnsafeScalars { target in
            for i in values.indices { values[i] += momentum * (factor * target[i] - values[i]) }
          }
        }
      }
      move(runningMean, towards: mean, factor: 1)
      move(runningVar, towards: variance, factor: population / max(1, population - 1))
    }
    return result.output
  }

  func outputShape(for input: [Int]) throws(TensorError) -> [Int] { input }
}

/// Maps as rows of features: `[N, H, W, C]` to `[N, H · W · C]`.
struct Flattening: Layer {
  var title: String { "flattened" }

  func callAsFunction(_ input: Tensor, in pass: Pass) throws(TensorError) -> Tensor {
    try input.reshaped([input.shape[0], input.shape.dropFirst().product])
  }

  func outputShape(for input: [Int]) throws(TensorError) -> [Int] { [input.product] }
}

/// A linear map without bias, for a normalisation that follows: y = x Wᵀ.
struct UnbiasedLinear: Layer {
  /// The weight W, `[outputs, inputs]`.
  let weight: Parameter

  /// Draws W from Normal(0, √(1 / inputs)).
  init(inputs: Int, outputs: Int, generator: inout Generator) {
    weight = Parameter(
      .normal([outputs, inputs], deviation: (1 / Float(inputs)).squareRoot(), using: &generator))
  }

  var title: String { "linear \(weight.shape[1])→\(weight.shape[0]), no bias" }

  func callAsFunction(_ input: Tensor, in pass: Pass) throws(TensorError) -> Tensor {
    try input.linear(weight: pass(weight), precision: pass.precision)
  }

  func outputShape(for input: [Int]) throws(TensorError) -> [Int] { [weight.shape[0]] }

  func multiplyAdds(for input: [Int]) throws(TensorError) -> Int { weight.shape.product }
}

extension ArraySlice<Int> {
  /// The product of the sizes.
  var product: Int { reduce(1, *) }
}
