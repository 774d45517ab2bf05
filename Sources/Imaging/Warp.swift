import Compute
public import Tensors

extension Tensor {
  /// The images `[N, H, W, C]`, each recoloured and warped by its transformation, interpolated
  /// bilinearly.
  ///
  /// out(p) = in(sampling p) at every pixel centre p, where in is the image with its colours changed. With `fill: .crop(view:)` the images are
  /// canvases, of which the middle is shown; see `views(by:fill:mask:convention:size:using:)` for the
  /// view to compare with.
  ///
  /// - Parameters:
  ///   - mask: what it hides gets the value of a constant fill, else the released code's grey.
  ///   - convention: `.published` draws a constant fill with a hard edge, as the released code does.
  ///   - size: the size of the result; the images' own by default.
  ///   - generator: read only by `fill: .noise`; image i takes the stream split off with index i.
  /// - Throws: `TensorError` when the tensor is no batch of images, the transformations are not
  ///   one for each, or the images are tracked by a tape (the warp has no derivative).
  public func warped(
    by transformations: [Transformation], fill: Fill = .reflect, mask: ViewMask = .whole,
    convention: Convention = .centred, size: ImageSize? = nil,
    using generator: Generator = Generator(seed: 0)
  ) throws(TensorError) -> Tensor {
    guard !isTracked else {
      throw .derivative(operation: "warp", fix: "it has no derivative; warp `images.detached`")
    }
    let input = try ImageSize(of: self)
    let output = size ?? input
    guard transformations.count == shape[0] else {
      throw .shape(
        operation: "warp", shapes: [shape, [transformations.count]],
        fix: "give one transformation for each of the \(shape[0]) images")
    }
    try Options.check("warp", fill)
    let layout = Warp.Layout(
      count: shape[0], height: input.height, width: input.width, channels: shape[3],
      outputHeight: output.height, outputWidth: output.width)
    guard layout.isSupported else {
      throw .argument(
        operation: "warp", name: "size", value: "\(input) with \(shape[3]) channels",
        fix: "an image has from 1 to \(Warp.Layout.largestImage) values, its border included")
    }
    let images = try recoloured(for: transformations)
    if output == input, fill.view == 1, transformations.allSatisfy({ $0.sampling == .identity }) {
      return try images.hidden(by: mask, value: fill.hidingValue)
    }
    let maps = try transformations.maps(from: output, to: input, view: fill.view)
    return Tensor(shape: [shape[0], output.height, output.width, shape[3]]) { target in
      defer {
        mask.hide(
          target, count: shape[0], size: output, channels: shape[3], value: fill.hidingValue)
      }
      images.withUnsafeScalars { source in
        let border = fill.border(convention)
        guard fill == .noise else {
          return Warp.bilinear(source, into: target, layout: layout, maps: maps, border: border)
        }
        // Noise for every output pixel and channel, a stream an image.
        Warp.bilinear(source, into: target, layout: layout, maps: maps, border: border) {
          image, behind in
          var stream = generator.split(.transformation, image)
          stream.fill(behind)
        }
      }
    }
  }

  /// The two views of every image: as it is, and transformed.
  ///
  /// With `fill: .crop(view:)` both are windows of the same canvas, the image; otherwise the
  /// first is the image itself. With a `size` other than the images' own, both views have it:
  /// 32×32 views of 64×64 canvases with `.crop(view: 0.5)` read the canvases' pixels one to one.
  public func views(
    by transformations: [Transformation], fill: Fill = .reflect, mask: ViewMask = .whole,
    convention: Convention = .centred, size: ImageSize? = nil,
    using generator: Generator = Generator(seed: 0)
  ) throws(TensorError) -> (original: Tensor, transformed: Tensor) {
    let transformed = try warped(
      by: transformations, fill: fill, mask: mask, convention: convention, size: size,
      using: generator)
    let unmoved = [Transformation](repeating: .identity, count: shape[0])
    let original = try warped(
      by: unmoved, fill: fill, mask: mask, convention: convention, size: size, using: generator)
    return (original, transformed)
  }

  /// The images with their colours changed, or as they are where nothing changes.
  private func recoloured(for transformations: [Transformation]) throws(TensorError) -> Tensor {
    guard transformations.contains(where: { $0.color != .identity }) else { return self }
    return try recoloured(by: transformations.map(\.color))
  }
}

/// Where transformed images show something from beyond their frame: 1 there, 0 elsewhere,
/// `[N, H, W, 1]`.
///
/// The frame is the image's, or the canvas's with `fill: .crop(view:)`; where a mask hides the views, there
/// is 0. A model that sees nothing but this mask shows how much of the transformation the fill betrays.
///
/// - Throws: `TensorError.argument` when the size has no pixels.
public func outOfFrameMask(
  of transformations: [Transformation], size: ImageSize, fill: Fill = .reflect,
  mask: ViewMask = .whole
) throws(TensorError) -> Tensor {
  try Options.check("out-of-frame mask", size: size)
  try Options.check("out-of-frame mask", fill)
  let layout = Warp.Layout(
    count: transformations.count, height: size.height, width: size.width, channels: 1)
  let maps = try transformations.maps(from: size, to: size, view: fill.view)
  return Tensor(shape: [transformations.count, size.height, size.width, 1]) { target in
    Warp.outside(into: target, layout: layout, maps: maps)
    mask.hide(target, count: transformations.count, size: size, channels: 1, value: 0)
  }
}

extension TransformationFamily {
  /// The two views of every image under this family's fill, mask and convention.
  ///
  /// - Throws: what `Tensor.views(by:fill:mask:convention:size:using:)` throws.
  public func views(
    of images: Tensor, by transformations: [Transformation], using generator: Generator
  ) throws(TensorError) -> (original: Tensor, transformed: Tensor) {
    try images.views(
      by: transformations, fill: fill, mask: mask, convention: convention, using: generator)
  }
}

extension [Transformation] {
  /// The maps from output to input pixel indices; a view below 1 shows the middle of the input.
  func maps(from output: ImageSize, to input: ImageSize, view: Double) throws(TensorError)
    -> [Warp.PixelMap]
  {
    let window = Matrix3(view, 0, 0, 0, view, 0, 0, 0, 1)
    let (before, after) = (output.normalisedFromIndex, input.indexFromNormalised * window)
    var maps: [Warp.PixelMap] = []
    maps.reserveCapacity(count)
    for transformation in self {
      let matrix = after * transformation.sampling * before
      guard
        let map = Warp.PixelMap(
          u: matrix.row(0), v: matrix.row(1), w: matrix.row(2), outputHeight: output.height,
          outputWidth: output.width)
      else {
        throw .argument(
          operation: "warp", name: "transformation", value: "\(transformation.sampling)",
          fix: "its entries must stay finite in single precision")
      }
      maps.append(map)
    }
    return maps
  }
}

extension Fill {
  /// What the loops do beyond the frame.
  func border(_ convention: Convention) -> Warp.Border {
    switch self {
    case .constant(let value): convention == .published ? .hard(value) : .constant(value)
    case .reflect, .crop: .reflect
    case .clamp: .clamp
    case .noise: .background
    }
  }
}

extension Matrix3 {
  fileprivate func row(_ i: Int) -> SIMD3<Double> { SIMD3(self[i, 0], self[i, 1], self[i, 2]) }
}
