public import Tensors

extension Tensor {
  /// The images `[N, H, W, C]`, each warped by its transformation, interpolated bilinearly.
  ///
  /// out(p) = in(sampling p) at every pixel centre p. With `fill: .crop(view:)` the images are canvases,
  /// of which the middle is shown; see `views(by:fill:convention:size:using:)` for the view to compare
  /// with.
  ///
  /// - Parameters:
  ///   - convention: `.published` draws a constant fill with a hard edge, as the released code does.
  ///   - size: the size of the result; the images' own by default.
  ///   - generator: read only by `fill: .noise`; image i takes the stream split off with index i.
  /// - Throws: `TensorError` when the tensor is no batch of images, the transformations are not one for
  ///   each, or the images are tracked by a tape (the warp has no derivative).
  public func warped(
    by transformations: [Transformation], fill: Fill = .reflect,
    convention: Convention = .centred, size: ImageSize? = nil,
    using generator: Generator = Generator(seed: 0)
  ) throws(TensorError) -> Tensor {
    self
  }

  /// The two views of every image: as it is, and transformed.
  ///
  /// With `fill: .crop(view:)` both are windows of the same canvas, the image; otherwise the first is
  /// the image itself. With a `size` other than the images' own, both views have it.
  public func views(
    by transformations: [Transformation], fill: Fill = .reflect,
    convention: Convention = .centred, size: ImageSize? = nil,
    using generator: Generator = Generator(seed: 0)
  ) throws(TensorError) -> (original: Tensor, transformed: Tensor) {
    (self, self)
  }
}
