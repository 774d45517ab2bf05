import CVectors

/// Units of convolution, batch normalisation and ReLU one after the other, and a pooling at the end,
/// worked through so that each value is fetched from memory as seldom as possible.
///
/// A network of such units is bound by memory: called one by one, the parts of a unit and their
/// derivatives walk some nineteen times over arrays larger than any cache. Here the batch is cut into
/// `Lanes`, and a lane into chunks that fit the cache of a core. Going forward, a chunk of the unit
/// before is normalised, rectified and convolved, and its moments are gathered, before the next chunk
/// comes; only what the convolutions give is kept. Going back, a chunk's normalisation is undone, both
/// derivatives of the convolution are taken, and the sums that the normalisation below will need are
/// gathered, again chunk by chunk; rectified values are computed anew from what was kept. That leaves
/// eight walks. What must wait for the whole batch, the statistics, is what separates one sweep over
/// the lanes from the next.
public struct ConvolutionChain: Sendable {
  /// The convolutions in order; the destination of one is the source of the next.
  public let units: [Convolution]
  /// What follows the last unit.
  public let pooling: Pooling?
  /// The number of equal consecutive parts of the batch with statistics of their own.
  public let branches: Int
  /// What is added to a variance.
  public let epsilon: Float
  let lanes: Lanes

  /// Takes units that fit each other; `nil` when they do not, or when the batch does not divide.
  public init?(_ units: [Convolution], pooling: Pooling?, branches: Int, epsilon: Float) {
    guard let first = units.first, let last = units.last, branches > 0,
      first.batch % branches == 0
    else { return nil }
    for (one, next) in zip(units, units.dropFirst())
    where one.outputs != next.channels || one.outputHeight != next.height
      || one.outputWidth != next.width || one.batch != next.batch
    {
      return nil
    }
    if let pooling,
      pooling.channels != last.outputs || pooling.height != last.outputHeight
        || pooling.width != last.outputWidth || pooling.batch != last.batch
    {
      return nil
    }
    self.units = units
    self.pooling = pooling
    self.branches = branches
    self.epsilon = epsilon
    lanes = Lanes(batch: first.batch, branches: branches)
  }

  /// Where the values of a unit's parameters are.
  public struct Weights {
    let weight: UnsafePointer<Float>
    let scale: UnsafePointer<Float>
    let shift: UnsafePointer<Float>

    /// Points at `[O, C, k, k]`, `[O]` and `[O]`.
    public init(
      weight: UnsafePointer<Float>, scale: UnsafePointer<Float>, shift: UnsafePointer<Float>
    ) {
      (self.weight, self.scale, self.shift) = (weight, scale, shift)
    }
  }

  /// What a forward run leaves: the statistics for the caller, the rest for the backward run.
  public struct Memory: Sendable {
    /// What each convolution gave.
    var convolved: [Buffer] = []
    /// The normalisation of each unit.
    public internal(set) var normalisations: [ChannelNormalisation] = []
    /// What the pooling of each chunk leaves for its derivative, in the order of the images.
    var workspace: Buffer?

    /// Nothing yet.
    public init() {}
  }

  /// The number of values of an image behind a unit, or before the first.
  func valuesPerImage(behind unit: Int) -> Int {
    unit < 0
      ? units[0].height * units[0].width * units[0].channels
      : units[unit].outputHeight * units[unit].outputWidth * units[unit].outputs
  }

  func positions(behind unit: Int) -> Int { units[unit].outputHeight * units[unit].outputWidth }

  /// The larger of what a unit takes and gives for an image: what decides the size of a chunk.
  func chunkValues(_ unit: Int) -> Int {
    max(valuesPerImage(behind: unit - 1), valuesPerImage(behind: unit))
  }

  /// Writes what the chain gives for `source` with the statistics of the batch.
  public func forward(
    source: UnsafePointer<Float>, weights: [Weights], into target: UnsafeMutablePointer<Float>
  ) throws(ComputeError) -> Memory {
    var memory = Memory()
    for unit in units.indices {
      try convolve(unit, source: source, weights: weights[unit], memory: &memory)
      // What is no number would spread through the sums of all channels above; the caller is told.
      guard memory.normalisations[unit].isFinite else { return memory }
    }
    try finish(memory: &memory, into: target)
    return memory
  }

  /// One sweep: rectifies what is below, convolves it, gathers the moments.
  private func convolve(
    _ unit: Int, source: UnsafePointer<Float>, weights: Weights, memory: inout Memory
  ) throws(ComputeError) {
    let shape = units[unit]
    let sizes = lanes.chunkSizes(valuesPerImage: chunkValues(unit))
    let forward = try LaneConvolution(shape, sizes: sizes).forward(weight: weights.weight)
    let (inputs, outputs) = (valuesPerImage(behind: unit - 1), valuesPerImage(behind: unit))
    let convolved = Buffer(count: shape.batch * outputs)
    let moments = ChannelSums(lanes: lanes.count, channels: shape.outputs)
    let below = unit > 0 ? memory.convolved[unit - 1].pointer : nil
    let normalisation = unit > 0 ? memory.normalisations[unit - 1] : nil
    let rectifiedCount = unit > 0 ? Lanes.aligned(inputs * (sizes.max() ?? 0)) : 0
    let scratch = Lanes.scratch(rectifiedCount + forward.scratchCount)
    try lanes.run { (lane, worker) throws(ComputeError) in
      let place = lanes.lanes[lane]
      for images in lanes.chunks(of: place, valuesPerImage: chunkValues(unit)) {
        var input = source + images.lowerBound * inputs
        if let below, let normalisation {
          let rectified = scratch[worker].pointer
          normalisation.apply(
            below + images.lowerBound * inputs, branch: place.branch,
            rows: images.count * positions(behind: unit - 1), into: rectified)
          input = UnsafePointer(rectified)
        }
        let output = convolved.pointer + images.lowerBound * outputs
        try forward(
          images.count, input, into: output, scratch: scratch[worker].pointer + rectifiedCount)
        moments.addMoments(
          output, lane: lane, rows: images.count * positions(behind: unit),
          isFirst: images.lowerBound == place.images.lowerBound)
      }
    }
    memory.convolved.append(convolved)
    memory.normalisations.append(
      ChannelNormalisation(
        moments: moments, lanes: lanes, positions: positions(behind: unit), epsilon: epsilon,
        scale: weights.scale, shift: weights.shift))
  }

  /// The last sweep: rectifies what the last unit gave, and pools it.
  private func finish(
    memory: inout Memory, into target: UnsafeMutablePointer<Float>
  ) throws(ComputeError) {
    let last = units.count - 1
    let (values, rows) = (valuesPerImage(behind: last), positions(behind: last))
    let (convolved, normalisation) = (memory.convolved[last], memory.normalisations[last])
    guard let pooling = try LanePooling(pooling, lanes: lanes, values: values) else {
      return try lanes.run { lane, _ in
        let images = lanes.lanes[lane].images
        normalisation.apply(
          convolved.pointer + images.lowerBound * values, branch: lanes.lanes[lane].branch,
          rows: images.count * rows, into: target + images.lowerBound * values)
      }
    }
    let workspace = pooling.workspaceCount > 0 ? Buffer(count: pooling.workspaceCount) : nil
    let longest = Lanes.aligned((pooling.sizes.max() ?? 0) * values)
    let scratch = Lanes.scratch(longest + pooling.scratchCount)
    try lanes.run { (lane, worker) throws(ComputeError) in
      let place = lanes.lanes[lane]
      for images in lanes.chunks(of: place, valuesPerImage: values) {
        normalisation.apply(
          convolved.pointer + images.lowerBound * values, branch: place.branch,
          rows: images.count * rows, into: scratch[worker].pointer)
        try pooling.forward(
          images, source: scratch[worker].pointer, into: target,
          workspace: workspace?.pointer, scratch: scratch[worker].pointer + longest)
      }
    }
    memory.workspace = workspace
  }
}
