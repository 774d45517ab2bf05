import Compute

/// A unit of a chain: a convolution with stride 1 and no bias, batch normalisation, ReLU.
public struct ChainUnit: Sendable {
  /// The filters, `[O, I, k, k]`.
  public let weight: Tensor
  /// The scale γ of the normalisation, `[O]`.
  public let scale: Tensor
  /// The shift β of the normalisation, `[O]`.
  public let shift: Tensor
  /// The zeros around an image, in pixels.
  public let padding: Int
  /// Where the unit is in its network; errors tell it.
  public let path: String

  /// Takes the parameters of a unit.
  public init(weight: Tensor, scale: Tensor, shift: Tensor, padding: Int, path: String) {
    (self.weight, self.scale, self.shift) = (weight, scale, shift)
    (self.padding, self.path) = (padding, path)
  }
}

/// What follows the last unit of a chain.
public struct ChainPooling: Sendable {
  let kind: Pooling.Kind
  let window: Int
  let stride: Int
  let padding: Int

  /// The greatest value of each window; padding never wins.
  public static func maximum(window: Int, stride: Int, padding: Int) -> ChainPooling {
    ChainPooling(kind: .maximum, window: window, stride: stride, padding: padding)
  }

  /// The mean of each window; padded zeros count.
  public static func average(window: Int, stride: Int, padding: Int) -> ChainPooling {
    ChainPooling(kind: .average, window: window, stride: stride, padding: padding)
  }
}

/// What a chain gives in training.
public struct Chained: Sendable {
  /// The values behind the last unit and the pooling, `[N, H', W', O]`.
  public let output: Tensor
  /// Mean and biased variance of each unit, `[branches, O]` each, off the tape.
  public let statistics: [(mean: Tensor, variance: Tensor)]
}

extension Tensor {
  /// Units of convolution, batch normalisation with the statistics of the batch and ReLU, one after
  /// the other, with a pooling at the end.
  ///
  /// The same as `convolution`, `batchNormalised(rectify: true)` and a pooling called one by one, up to
  /// rounding, with less than half of the memory traffic (see `ConvolutionChain`) and without the
  /// rectified values among what is kept for the derivative. Its bits do not depend on the number of
  /// threads.
  ///
  /// Shapes: `[N, H, W, I]` gives `[N, H', W', O]` of the last unit, pooled.
  ///
  /// - Throws: `TensorError.shape` and `.argument` as the single operations do;
  ///   `TensorError.notFinite` with the path of the first unit whose statistics are no numbers.
  public func convolutionChain(
    _ units: [ChainUnit], pooling: ChainPooling? = nil, epsilon: Float = 1e-5, branches: Int = 1,
    precision: Precision = .float32
  ) throws(TensorError) -> Chained {
    let operation = "convolutionChain"
    try precision.check(for: operation)
    guard branches > 0, rank == 4, shape[0] % branches == 0 else {
      throw .argument(
        operation: operation, name: "branches", value: "\(branches)",
        fix: "images are [N, H, W, C], and N must divide into equal parts")
    }
    let chain = try Tensor.planChain(
      shape, units, pooling: pooling, epsilon: epsilon, branches: branches, precision: precision)
    let shapes = [shape] + units.map(\.weight.shape)
    let outputShape = Tensor.outputShape(of: chain)
    var memory = ConvolutionChain.Memory()
    let output = try computing(operation, shapes) { () throws(ComputeError) in
      try withExtendedLifetime((self, units)) { () throws(ComputeError) in
        try Tensor.written(outputShape) { (target) throws(ComputeError) in
          memory = try chain.forward(
            source: pointer, weights: units.map(\.places), into: target)
        }
      }
    }
    if let bad = memory.normalisations.firstIndex(where: { !$0.isFinite }) {
      throw .within(
        path: units[bad].path,
        .notFinite(
          path: "the input of batchNormalised",
          fix: "the numbers grew out of bounds; a lower learning rate usually helps"))
    }
    let statistics = memory.normalisations.map { $0.tensors(branches: branches) }
    let (source, constants) = (detached, units.map(\.detached))
    let inputs = [self] + units.flatMap { [$0.weight, $0.scale, $0.shift] }
    // The backward run gives the memory back as it goes, so nothing else may hold it.
    let held = Held(memory)
    memory = ConvolutionChain.Memory()
    let recorded = try Tape.record(operation, inputs, output: output) {
      (upstream, needed) throws(TensorError) in
      guard let memory = held.take() else {
        throw .derivative(operation: operation, fix: "a tape serves one backward pass")
      }
      return try computing("gradient of \(operation)", shapes) { () throws(ComputeError) in
        try chain.gradients(
          upstream, source: source, units: constants, memory: memory, needsSource: needed[0])
      }
    }
    return Chained(output: recorded, statistics: statistics)
  }

  private static func planChain(
    _ shape: [Int], _ units: [ChainUnit], pooling: ChainPooling?, epsilon: Float, branches: Int,
    precision: Precision
  ) throws(TensorError) -> ConvolutionChain {
    var plans: [Convolution] = []
    var shape = shape
    for unit in units {
      do throws(TensorError) {
        let plan = try planConvolution(
          of: shape, weight: unit.weight, padding: unit.padding, precision: precision)
        for parameter in [unit.scale, unit.shift] where parameter.shape != [plan.outputs] {
          throw TensorError.shape(
            operation: "batchNormalised", shapes: [shape, parameter.shape],
            fix: "scale and shift must have the shape [\(plan.outputs)]")
        }
        plans.append(plan)
        shape = [plan.batch, plan.outputHeight, plan.outputWidth, plan.outputs]
      } catch {
        throw .within(path: unit.path, error)
      }
    }
    let pool = pooling.flatMap { pooling in
      Pooling(
        pooling.kind, batch: shape[0], height: shape[1], width: shape[2], channels: shape[3],
        window: pooling.window, stride: pooling.stride, padding: pooling.padding, training: true)
    }
    guard pooling == nil || pool != nil,
      let chain = ConvolutionChain(plans, pooling: pool, branches: branches, epsilon: epsilon)
    else {
      throw .shape(
        operation: "convolutionChain", shapes: [shape],
        fix: "give at least one unit, and images at least as large as the pooling's window")
    }
    return chain
  }

  private static func outputShape(of chain: ConvolutionChain) -> [Int] {
    if let pooling = chain.pooling {
      return [pooling.batch, pooling.outputHeight, pooling.outputWidth, pooling.channels]
    }
    return chain.units.last.map { [$0.batch, $0.outputHeight, $0.outputWidth, $0.outputs] } ?? []
  }
}

extension ChainUnit {
  fileprivate var detached: ChainUnit {
    ChainUnit(
      weight: weight.detached, scale: scale.detached, shift: shift.detached, padding: padding,
      path: path)
  }

  fileprivate var places: ConvolutionChain.Weights {
    .init(weight: weight.pointer, scale: scale.pointer, shift: shift.pointer)
  }
}

extension ConvolutionChain {
  /// The gradients by the source and by weight, scale and shift of each unit.
  fileprivate func gradients(
    _ upstream: Tensor, source: Tensor, units: [ChainUnit], memory: consuming Memory,
    needsSource: Bool
  ) throws(ComputeError) -> [Tensor?] {
    let parameters = units.map { unit in
      [unit.weight, unit.scale, unit.shift].map { ($0.shape, Buffer(count: $0.count)) }
    }
    let sourceBuffer = needsSource ? Buffer(count: source.count) : nil
    let places = parameters.map {
      Gradients(weight: $0[0].1.pointer, scale: $0[1].1.pointer, shift: $0[2].1.pointer)
    }
    try backward(
      source: source.pointer, weights: units.map(\.places), memory: memory,
      gradient: upstream.pointer, gradients: places, source: sourceBuffer?.pointer)
    withExtendedLifetime((source, units, upstream)) {}
    return [sourceBuffer.map { Tensor(shape: source.shape, buffer: $0, offset: 0) }]
      + parameters.flatMap { $0.map { Tensor(shape: $0.0, buffer: $0.1, offset: 0) } }
  }
}
