import Tensors

/// Convolution units that train as one, with the pooling behind them.
struct UnitChain {
  let units: [ConvolutionUnit]
  let pooling: ChainPooling?
  /// The place of the first unit among its neighbours.
  let start: Int

  /// The place behind the last layer of the chain.
  var end: Int { start + units.count + (pooling == nil ? 0 : 1) }

  func callAsFunction(_ input: Tensor, in pass: Pass) throws(TensorError) -> Tensor {
    for (index, unit) in units.enumerated() {
      try within("\(start + index).normalisation") { () throws(TensorError) in
        try unit.normalisation.checkMomentum()
      }
    }
    let result = try input.convolutionChain(
      units.enumerated().map { index, unit in
        ChainUnit(
          weight: pass(unit.convolution.weight), scale: pass(unit.normalisation.weight),
          shift: pass(unit.normalisation.bias), padding: unit.convolution.padding,
          path: String(start + index))
      }, pooling: pooling, epsilon: BatchNormalisation.epsilon, branches: pass.branches,
      precision: pass.precision)
    var shape = Array(input.shape.dropFirst())
    for (index, unit) in units.enumerated() {
      let (mean, variance) = result.statistics[index]
      shape = try unit.outputShape(for: shape)
      unit.normalisation.follow(
        mean: mean, variance: variance,
        population: input.shape[0] * shape[0] * shape[1] / pass.branches, in: pass)
    }
    return result.output
  }
}

/// A pooling that a chain can end with.
protocol ChainablePooling {
  var chainPooling: ChainPooling { get }
}

extension MaximumPooling: ChainablePooling {
  var chainPooling: ChainPooling { .maximum(window: window, stride: stride, padding: padding) }
}

extension AveragePooling: ChainablePooling {
  var chainPooling: ChainPooling { .average(window: window, stride: stride, padding: padding) }
}
