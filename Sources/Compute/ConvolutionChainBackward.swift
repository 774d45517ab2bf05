extension ConvolutionChain {
  /// Where the gradients of a unit's parameters go.
  public struct Gradients {
    let weight: UnsafeMutablePointer<Float>
    let scale: UnsafeMutablePointer<Float>
    let shift: UnsafeMutablePointer<Float>

    /// Points at `[O, C, k, k]`, `[O]` and `[O]`.
    public init(
      weight: UnsafeMutablePointer<Float>, scale: UnsafeMutablePointer<Float>,
      shift: UnsafeMutablePointer<Float>
    ) {
      (self.weight, self.scale, self.shift) = (weight, scale, shift)
    }
  }

  /// Writes the gradients by all parameters and, where asked for, by the source.
  ///
  /// - Parameter memory: What the forward run left; its buffers go back to the pool on the way.
  public func backward(
    source: UnsafePointer<Float>, weights: [Weights], memory: consuming Memory,
    gradient: UnsafePointer<Float>, gradients: [Gradients],
    source sourceGradient: UnsafeMutablePointer<Float>?
  ) throws(ComputeError) {
    var sums = ChannelSums(lanes: lanes.count, channels: units[units.count - 1].outputs)
    var above = try unpool(gradient, memory: memory, sums: sums)
    memory.workspace = nil
    for unit in units.indices.reversed() {
      let normalisation = memory.normalisations[unit].gradient(
        sums: sums, lanes: lanes, scale: gradients[unit].scale, shift: gradients[unit].shift)
      sums = ChannelSums(lanes: lanes.count, channels: units[unit].channels)
      let below =
        unit > 0 ? Buffer(count: units[unit].batch * valuesPerImage(behind: unit - 1)) : nil
      try undo(
        unit, source: source, weights: weights[unit], memory: memory, normalisation: normalisation,
        gradient: above.map { UnsafePointer($0.pointer) } ?? gradient,
        below: below?.pointer ?? sourceGradient, sums: sums, weight: gradients[unit].weight)
      memory.convolved.removeLast()
      above = below
    }
  }

  /// The first sweep: the gradient before the pooling, if there is one, and the sums that the
  /// derivative of the last normalisation needs.
  private func unpool(
    _ gradient: UnsafePointer<Float>, memory: borrowing Memory, sums: ChannelSums
  ) throws(ComputeError) -> Buffer? {
    let last = units.count - 1
    let (values, rows) = (valuesPerImage(behind: last), positions(behind: last))
    let (convolved, normalisation) = (memory.convolved[last], memory.normalisations[last])
    let pooling = try LanePooling(pooling, lanes: lanes, values: values)
    let full = pooling == nil ? nil : Buffer(count: units[last].batch * values)
    let scratch = Lanes.scratch(pooling?.scratchCount ?? 0)
    let workspace = memory.workspace
    try lanes.run { (lane, worker) throws(ComputeError) in
      let place = lanes.lanes[lane]
      for images in lanes.chunks(of: place, valuesPerImage: values) {
        let start = images.lowerBound * values
        if let pooling, let full {
          try pooling.backward(
            images, gradient: gradient, workspace: workspace.map { UnsafePointer($0.pointer) },
            into: full.pointer + start, scratch: scratch[worker].pointer)
        }
        normalisation.addGradientSums(
          convolved.pointer + start,
          gradient: (full.map { UnsafePointer($0.pointer) } ?? gradient) + start,
          branch: place.branch, lane: lane, rows: images.count * rows, sums: sums)
      }
    }
    return full
  }

  /// One sweep: undoes the normalisation of a unit, takes both derivatives of its convolution, and
  /// gathers the sums for the normalisation below.
  private func undo(
    _ unit: Int, source: UnsafePointer<Float>, weights: Weights, memory: borrowing Memory,
    normalisation: ChannelNormalisation.Gradient, gradient: UnsafePointer<Float>,
    below: UnsafeMutablePointer<Float>?, sums: ChannelSums, weight: UnsafeMutablePointer<Float>
  ) throws(ComputeError) {
    let sizes = lanes.chunkSizes(valuesPerImage: chunkValues(unit))
    let convolution = try LaneConvolution(units[unit], sizes: sizes)
    let backwardWeight = try convolution.backwardWeight(lanes: lanes.count)
    let backwardSource = below == nil ? nil : try convolution.backwardSource(weight: weights.weight)
    let (inputs, outputs) = (valuesPerImage(behind: unit - 1), valuesPerImage(behind: unit))
    let largest = sizes.max() ?? 0
    let (undoneCount, rectifiedCount) = (
      Lanes.aligned(outputs * largest), unit > 0 ? Lanes.aligned(inputs * largest) : 0
    )
    let scratch = Lanes.scratch(
      undoneCount + rectifiedCount
        + max(backwardWeight.scratchCount, backwardSource?.scratchCount ?? 0))
    let convolved = memory.convolved[unit].pointer
    let under = unit > 0 ? memory.convolved[unit - 1].pointer : nil
    let underNormalisation = unit > 0 ? memory.normalisations[unit - 1] : nil
    try lanes.run { (lane, worker) throws(ComputeError) in
      let place = lanes.lanes[lane]
      let undone = scratch[worker].pointer
      let (rectified, rest) = (undone + undoneCount, undone + undoneCount + rectifiedCount)
      for images in lanes.chunks(of: place, valuesPerImage: chunkValues(unit)) {
        let (start, end) = (images.lowerBound * inputs, images.lowerBound * outputs)
        normalisation(
          convolved + end, gradient: gradient + end, branch: place.branch,
          rows: images.count * positions(behind: unit), into: undone)
        var input = source + start
        if let under, let underNormalisation {
          underNormalisation.apply(
            under + start, branch: place.branch,
            rows: images.count * positions(behind: unit - 1), into: rectified)
          input = UnsafePointer(rectified)
        }
        try backwardWeight(
          images.count, lane: lane, source: input, gradient: undone, scratch: rest)
        guard let below, let backwardSource else { continue }
        try backwardSource(images.count, gradient: undone, into: below + start, scratch: rest)
        if let under, let underNormalisation {
          underNormalisation.addGradientSums(
            under + start, gradient: below + start, branch: place.branch, lane: lane,
            rows: images.count * positions(behind: unit - 1), sums: sums)
        }
      }
    }
    try backwardWeight.finish(into: weight)
  }
}
