import Compute
public import Tensors

extension Tensor {
  /// The images `[N, H, W, C]` with values in 0...1, each with its colours changed: saturation first, then
  /// contrast, brightness and sharpness, each clamped to 0...1.
  ///
  /// A blend with the factor 1 is left out. Only images of three channels have a saturation; the contrast
  /// of the others is about the mean of all their values. Pillow computes the same on bytes and rounds
  /// after every blend.
  ///
  /// - Throws: `TensorError` when the tensor is no batch of images, the factors are not one set for each,
  ///   or the images are tracked by a tape (the blends have no derivative here).
  public func recoloured(by factors: [ColorFactors]) throws(TensorError) -> Tensor {
    guard !isTracked else {
      throw .derivative(
        operation: "recolour", fix: "it has no derivative; recolour `images.detached`")
    }
    let size = try ImageSize(of: self)
    guard factors.count == shape[0] else {
      throw .shape(
        operation: "recolour", shapes: [shape, [factors.count]],
        fix: "give one set of factors for each of the \(shape[0]) images")
    }
    let layout = Recolouring.Layout(
      count: shape[0], height: size.height, width: size.width, channels: shape[3])
    let changes = factors.map {
      Recolouring.Factors(
        saturation: $0[.saturation], contrast: $0[.contrast], brightness: $0[.brightness],
        sharpness: $0[.sharpness])
    }
    return Tensor(shape: shape) { target in
      withUnsafeScalars { Recolouring.blend($0, into: target, layout: layout, factors: changes) }
    }
  }
}
