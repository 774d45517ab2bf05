import CVectors

/// The derivative by the source of a convolution from few channels, as a matrix product and a sum of
/// patches.
///
/// oneDNN has no fast code for so few channels: 28×28 grey images by 4×4 windows with stride 2, which is
/// what the last layer of a decoder computes, took 4.5 times as long (13 GFLOP/s on a core).
struct PatchConvolution {
  let shape: Convolution
  /// The weights as `[O, kH, kW, C]`, so that a patch is contiguous as in the image.
  private let weight: Buffer

  /// Takes weights `[O, C, k, k]`; `nil` where the convolution's own code is better.
  init?(_ shape: Convolution, weight: UnsafePointer<Float>) {
    guard shape.channels <= 4, shape.groups == 1, shape.dilation == 1,
      shape.windowHeight == shape.windowWidth
    else { return nil }
    self.shape = shape
    self.weight = Buffer(count: shape.weightCount)
    let taps = shape.windowHeight * shape.windowWidth
    for output in 0..<shape.outputs {
      for tap in 0..<taps {
        for channel in 0..<shape.channels {
          self.weight.pointer[(output * taps + tap) * shape.channels + channel] =
            weight[(output * shape.channels + channel) * taps + tap]
        }
      }
    }
  }

  private var patchCount: Int { shape.windowHeight * shape.windowWidth * shape.channels }
  private var positions: Int { shape.outputHeight * shape.outputWidth }

  /// The number of `Float`s that a call for so many images needs as scratch memory.
  func scratchCount(_ images: Int) -> Int { images * positions * patchCount }

  /// Writes the gradient by the source of `images` images.
  func backwardSource(
    _ images: Int, gradient: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) throws(ComputeError) {
    try MatrixProduct.multiply(
      rows: images * positions, columns: patchCount, inner: shape.outputs, gradient,
      weight.pointer, into: scratch, factors: shape.factors)
    orbit_scatter_patches(
      scratch, target, Int64(images), Int64(shape.height), Int64(shape.width),
      Int64(shape.channels), Int64(shape.windowHeight), Int64(shape.stride),
      Int64(shape.padding), Int64(shape.outputHeight), Int64(shape.outputWidth))
  }
}
