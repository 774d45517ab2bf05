import COneDNN
import CVectors

/// A convolution whose images are worked through in chunks by threads of their own, with the weights
/// brought into the layout of the kernels once for all chunks.
///
/// Routes, by measurement on Zen 5 with oneDNN 2.6 (GFLOP/s, both cores): the derivative by the source
/// of a convolution with stride 1 is itself a convolution, of the gradient with the turned weights, and
/// runs faster as such (538 against 484 for 5×5, 358 against 236 for 3×3 from 24 channels); for 1×1
/// both derivatives are matrix products (402 against 344 and 380 against 201 for 192→160), except that
/// narrow weight gradients stay with the convolution's own code (288 against 138 for 24→24).
///
/// With factors in bfloat16 a chunk is rounded in the cache before each run. There the turned weights win
/// from 64 channels (on one core 537 against 458 for 5×5, 530 against 439 for 3×3, both of 192 outputs;
/// 356 against 560 for 48→48), and 1×1 has fast code of its own for the source.
struct LaneConvolution {
  let shape: Convolution
  /// The numbers of images of a call.
  let sizes: [Int]
  private let forwardKernels: [Kernel]

  init(_ shape: Convolution, sizes: [Int], hasBias: Bool = false) throws(ComputeError) {
    self.shape = shape
    self.sizes = sizes
    forwardKernels = try Self.kernels(sizes) { (size) throws(ComputeError) in
      try shape.of(batch: size).forwardKernel(bias: hasBias)
    }
  }

  static func kernels(
    _ sizes: [Int], _ make: (Int) throws(ComputeError) -> Kernel
  ) throws(ComputeError) -> [Kernel] {
    var kernels: [Kernel] = []
    for size in sizes { kernels.append(try make(size)) }
    return kernels
  }

  var isPointwise: Bool {
    shape.windowHeight == 1 && shape.windowWidth == 1 && shape.stride == 1 && shape.padding == 0
      && shape.groups == 1
  }

  /// The number of values of a source image.
  var sourceCount: Int { shape.height * shape.width * shape.channels }
  /// The number of values of a destination image.
  var outputCount: Int { shape.outputHeight * shape.outputWidth * shape.outputs }
  var positions: Int { shape.outputHeight * shape.outputWidth }

  /// The scratch memory of kernels, in `Float`s, up to where other memory can start.
  func scratchCount(of kernels: [Kernel]) -> Int {
    Lanes.aligned(kernels.map(\.scratchCount).max() ?? 0)
  }

  /// The room, in `Float`s, for the largest chunk in the format of the factors, where that is another.
  func roundedCount(_ valuesPerImage: Int) -> Int {
    guard shape.factors == .bfloat16 else { return 0 }
    return Lanes.aligned(((sizes.max() ?? 0) * valuesPerImage + 1) / 2)
  }

  /// Values in the format of the factors: themselves, or rounded into `place`.
  func rounded(
    _ values: UnsafePointer<Float>, count: Int, in place: UnsafeMutablePointer<Float>
  ) -> UnsafeRawPointer {
    guard shape.factors == .bfloat16 else { return UnsafeRawPointer(values) }
    orbit_bfloat16(values, place.halves, Int64(count))
    return UnsafeRawPointer(place)
  }

  /// The forward run with packed weights.
  struct Forward {
    fileprivate let convolution: LaneConvolution
    fileprivate let packed: [Buffer]
    fileprivate let bias: UnsafePointer<Float>?

    /// The number of `Float`s that a call needs as scratch memory.
    var scratchCount: Int {
      convolution.scratchCount(of: convolution.forwardKernels)
        + convolution.roundedCount(convolution.sourceCount)
    }

    /// Convolves `images` images.
    func callAsFunction(
      _ images: Int, _ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>,
      scratch: UnsafeMutablePointer<Float>
    ) throws(ComputeError) {
      let place = convolution.sizes.firstIndex(of: images) ?? 0
      let kernels = convolution.forwardKernels
      let source = convolution.rounded(
        source, count: images * convolution.sourceCount,
        in: scratch + convolution.scratchCount(of: kernels))
      try check(
        orbit_convolution_forward_packed(
          kernels[place].handle, source, packed[place].pointer, bias, target, scratch))
    }
  }

  /// Packs the weights, `[O, C / groups, kH, kW]`; the bias must stay valid as long as it is used.
  func forward(
    weight: UnsafePointer<Float>, bias: UnsafePointer<Float>? = nil
  ) throws(ComputeError) -> Forward {
    Forward(convolution: self, packed: try forwardKernels.packing(weight), bias: bias)
  }

  /// The derivative by the source.
  struct BackwardSource {
    fileprivate enum Route {
      case product(UnsafePointer<Float>)
      case reversed(LaneConvolution.Forward)
      case direct([Kernel], [Buffer])
      case patches(PatchConvolution)
    }
    fileprivate let convolution: LaneConvolution
    fileprivate let route: Route

    /// The number of `Float`s that a call needs as scratch memory.
    var scratchCount: Int {
      switch route {
      case .product: 0
      case .reversed(let forward): forward.scratchCount
      case .direct(let kernels, _):
        convolution.scratchCount(of: kernels) + convolution.roundedCount(convolution.outputCount)
      case .patches(let patches): patches.scratchCount(convolution.sizes.max() ?? 0)
      }
    }

    /// Writes the gradient by the source of `images` images.
    func callAsFunction(
      _ images: Int, gradient: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>,
      scratch: UnsafeMutablePointer<Float>
    ) throws(ComputeError) {
      let shape = convolution.shape
      switch route {
      case .product(let weight):
        try MatrixProduct.multiply(
          rows: images * convolution.positions, columns: shape.channels, inner: shape.outputs,
          gradient, weight, into: target)
      case .reversed(let forward):
        try forward(images, gradient, into: target, scratch: scratch)
      case .direct(let kernels, let packed):
        let place = convolution.sizes.firstIndex(of: images) ?? 0
        let gradient = convolution.rounded(
          gradient, count: images * convolution.outputCount,
          in: scratch + convolution.scratchCount(of: kernels))
        try check(
          orbit_convolution_backward_source_packed(
            kernels[place].handle, gradient, packed[place].pointer, target, scratch))
      case .patches(let patches):
        try patches.backwardSource(images, gradient: gradient, into: target, scratch: scratch)
      }
    }
  }

  /// Prepares the derivative by the source; `weight` must stay valid as long as it is used.
  func backwardSource(weight: UnsafePointer<Float>) throws(ComputeError) -> BackwardSource {
    let isSingle = shape.factors == .float32
    if isPointwise, isSingle { return BackwardSource(convolution: self, route: .product(weight)) }
    if !isPointwise, let reversed = shape.reversed, shape.channels >= (isSingle ? 16 : 64) {
      let turned = try PackedWeights.buffer(weight, for: nil, count: shape.weightCount) {
        shape.turn(weight, into: $0)
      }
      let forward = try LaneConvolution(reversed, sizes: sizes).forward(weight: turned.pointer)
      return BackwardSource(convolution: self, route: .reversed(forward))
    }
    if let patches = PatchConvolution(shape, weight: weight) {
      return BackwardSource(convolution: self, route: .patches(patches))
    }
    let kernels = try Self.kernels(sizes) { (size) throws(ComputeError) in
      try shape.of(batch: size).sourceKernel()
    }
    return BackwardSource(
      convolution: self, route: .direct(kernels, try kernels.packing(weight)))
  }
}

extension Kernel {
  /// The number of `Float`s of the weights in the kernel's own layout.
  var packedCount: Int { orbit_kernel_packed_size(handle) / 4 }
}

extension [Kernel] {
  /// The weights in the layout of each kernel.
  fileprivate func packing(_ weight: UnsafePointer<Float>) throws(ComputeError) -> [Buffer] {
    var packed: [Buffer] = []
    for kernel in self {
      packed.append(
        try PackedWeights.buffer(weight, for: kernel, count: kernel.packedCount) {
          (target) throws(ComputeError) in
          try kernel.run { orbit_kernel_pack($0, weight, target, $1) }
        })
    }
    return packed
  }
}

extension Convolution {
  /// The number of values of the weights.
  var weightCount: Int { outputs * (channels / groups) * windowHeight * windowWidth }

  /// The convolution that takes the gradient back to the source, where the stride is 1.
  var reversed: Convolution? {
    let reach = dilation * (windowHeight - 1)
    guard stride == 1, groups == 1, windowHeight == windowWidth, padding <= reach else {
      return nil
    }
    return Convolution(
      batch: batch, height: outputHeight, width: outputWidth, channels: outputs, outputs: channels,
      windowHeight: windowHeight, windowWidth: windowWidth, padding: reach - padding,
      dilation: dilation, factors: factors)
  }

  /// Writes the weights of `reversed`: inputs and outputs change places, and the window is turned
  /// by half a turn.
  func turn(_ weight: UnsafePointer<Float>, into turned: UnsafeMutablePointer<Float>) {
    let taps = windowHeight * windowWidth
    for output in 0..<outputs {
      for channel in 0..<channels {
        let from = weight + (output * channels + channel) * taps
        let to = turned + (channel * outputs + output) * taps
        for tap in 0..<taps { to[taps - 1 - tap] = from[tap] }
      }
    }
  }
}
