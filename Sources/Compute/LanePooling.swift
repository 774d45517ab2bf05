import COneDNN

/// A pooling whose images are worked through in chunks by threads of their own.
struct LanePooling {
  let shape: Pooling
  /// The numbers of images of a call.
  let sizes: [Int]
  private let forwardKernels: [Kernel]
  private let backwardKernels: [Kernel]
  /// The room of each image's workspace, in `Float`s.
  private let workspacePerImage: Int

  /// Prepares the kernels; `nil` without a pooling.
  init?(_ shape: Pooling?, lanes: Lanes, values: Int) throws(ComputeError) {
    guard let shape else { return nil }
    self.shape = shape
    let sizes = lanes.chunkSizes(valuesPerImage: values)
    self.sizes = sizes
    forwardKernels = try LaneConvolution.kernels(sizes) { (size) throws(ComputeError) in
      try shape.of(batch: size).forwardKernel()
    }
    backwardKernels =
      shape.training
      ? try LaneConvolution.kernels(sizes) { (size) throws(ComputeError) in
        try shape.of(batch: size).backwardKernel()
      } : []
    // Rounded up so that every chunk's workspace is aligned, whatever its first image.
    workspacePerImage = zip(sizes, forwardKernels).reduce(0) { most, entry in
      max(most, ((entry.1.workspaceCount + entry.0 - 1) / entry.0 + 15) / 16 * 16)
    }
  }

  /// The number of `Float`s that the forward runs leave for the backward runs.
  var workspaceCount: Int { shape.batch * workspacePerImage }
  /// The number of `Float`s that a call needs as scratch memory.
  var scratchCount: Int { (forwardKernels + backwardKernels).map(\.scratchCount).max() ?? 0 }

  private var outputCount: Int { shape.outputHeight * shape.outputWidth * shape.channels }

  /// Pools the chunk of `images` at `source` to its place in `target`.
  func forward(
    _ images: Range<Int>, source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>,
    workspace: UnsafeMutablePointer<Float>?, scratch: UnsafeMutablePointer<Float>
  ) throws(ComputeError) {
    let place = sizes.firstIndex(of: images.count) ?? 0
    try check(
      orbit_pooling_forward(
        forwardKernels[place].handle, source, target + images.lowerBound * outputCount,
        workspace.map { UnsafeMutableRawPointer($0 + images.lowerBound * workspacePerImage) },
        scratch))
  }

  /// Writes the gradient by the source of the chunk to `target`, from its place in `gradient`.
  func backward(
    _ images: Range<Int>, gradient: UnsafePointer<Float>, workspace: UnsafePointer<Float>?,
    into target: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>
  ) throws(ComputeError) {
    let place = sizes.firstIndex(of: images.count) ?? 0
    try check(
      orbit_pooling_backward(
        backwardKernels[place].handle, gradient + images.lowerBound * outputCount,
        workspace.map { UnsafeRawPointer($0 + images.lowerBound * workspacePerImage) }, target,
        scratch))
  }
}
