import COneDNN
import CVectors

extension LaneConvolution {
  /// The derivative by the weights, one sum for each lane.
  struct BackwardWeight {
    let convolution: LaneConvolution
    let kernels: [Kernel]
    /// One sum for each lane and kernel, in the kernel's layout.
    let sums: [[Buffer]]
    /// One where a lane has written its sum, zero elsewhere.
    let started: Buffer

    /// The number of `Float`s that a call needs as scratch memory.
    var scratchCount: Int {
      convolution.scratchCount(of: kernels) + partCount
        + convolution.roundedCount(convolution.sourceCount)
        + convolution.roundedCount(convolution.outputCount)
    }

    /// Room for the gradient of a chunk that is to be added to a sum.
    private var partCount: Int { Lanes.aligned(kernels.map(\.packedCount).max() ?? 0) }

    /// Adds the gradient by the weights of `images` images to the sum of a lane.
    func callAsFunction(
      _ images: Int, lane: Int, source: UnsafePointer<Float>, gradient: UnsafePointer<Float>,
      scratch: UnsafeMutablePointer<Float>
    ) throws(ComputeError) {
      let shape = convolution.shape
      let parts = scratch + convolution.scratchCount(of: kernels)
      let halves = parts + partCount
      let roundedSource = convolution.rounded(
        source, count: images * convolution.sourceCount, in: halves)
      let roundedGradient = convolution.rounded(
        gradient, count: images * convolution.outputCount,
        in: halves + convolution.roundedCount(convolution.sourceCount))
      guard !kernels.isEmpty else {
        let (rows, columns) = (shape.outputs, shape.channels)
        let (sum, beta) = (sums[lane][0].pointer, started.pointer[lane])
        started.pointer[lane] = 1
        guard shape.factors == .bfloat16 else {
          return try MatrixProduct.multiply(
            rows: rows, columns: columns, inner: images * convolution.positions, gradient, source,
            transposingLeft: true, into: sum, beta: beta)
        }
        let product = HalfProduct(
          rows: rows, columns: columns, inner: images * convolution.positions,
          transposingLeft: true, leftStride: rows, rightStride: columns, stride: columns,
          beta: beta)
        return try product(roundedGradient, roundedSource, into: sum)
      }
      let place = convolution.sizes.firstIndex(of: images) ?? 0
      let (kernel, flag) = (
        kernels[place], started.pointer + lane * kernels.count + place
      )
      let sum = sums[lane][place].pointer
      let part = flag.pointee == 1 ? parts : sum
      try check(
        orbit_convolution_backward_weight_packed(
          kernel.handle, roundedSource, roundedGradient, part, nil, scratch))
      if flag.pointee == 1 { orbit_add(sum, part, Int64(kernel.packedCount)) }
      flag.pointee = 1
    }

    /// Writes the sum over the lanes, in their order, as `[O, C / groups, kH, kW]`.
    func finish(into target: UnsafeMutablePointer<Float>) throws(ComputeError) {
      let count = convolution.shape.weightCount
      guard !kernels.isEmpty else {
        let first = sums[0][0].pointer
        target.update(from: first, count: count)
        for lane in sums.dropFirst() { orbit_add(target, lane[0].pointer, Int64(count)) }
        return
      }
      var isFirst = true
      for (place, kernel) in kernels.enumerated() {
        let written = sums.indices.filter { started.pointer[$0 * kernels.count + place] == 1 }
        guard let first = written.first else { continue }
        let total = sums[first][place].pointer
        Parallel.ranges(kernel.packedCount, grain: 1 << 14) { range in
          for lane in written.dropFirst() {
            orbit_add(
              total + range.lowerBound, sums[lane][place].pointer + range.lowerBound,
              Int64(range.count))
          }
        }
        let part = isFirst ? nil : Buffer(count: count)
        try kernel.run { handle, scratch in
          orbit_kernel_unpack(handle, total, part?.pointer ?? target, scratch)
        }
        if let part { orbit_add(target, part.pointer, Int64(count)) }
        isFirst = false
      }
    }
  }

  /// Prepares the derivative by the weights.
  func backwardWeight(lanes: Int) throws(ComputeError) -> BackwardWeight {
    let isProduct = isPointwise && shape.channels * shape.outputs >= 96 * 96
    let kernels =
      isProduct
      ? []
      : try Self.kernels(sizes) { (size) throws(ComputeError) in
        try shape.of(batch: size).weightKernel(bias: false)
      }
    let sums = (0..<lanes).map { _ in
      isProduct
        ? [Buffer(count: shape.weightCount)] : kernels.map { Buffer(count: $0.packedCount) }
    }
    let flags = lanes * max(1, kernels.count)
    let started = Buffer(count: flags)
    started.pointer.update(repeating: 0, count: flags)
    return BackwardWeight(convolution: self, kernels: kernels, sums: sums, started: started)
  }
}
