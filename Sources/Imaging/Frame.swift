extension Transformation {
  /// Where the image's frame lands in the transformed image: the four corners, clockwise from the
  /// image's top left, in frame pixels ([0, W] × [0, H]), ready to be drawn.
  ///
  /// A corner that goes to infinity is not finite.
  public func frame(size: ImageSize) -> [Point] {
    let map = size.frameFromNormalised * forward
    return ImageSize.corners.map { map.apply(to: $0) }
  }

  /// Where the transformed image's frame comes from: its four corners in the image, in frame
  /// pixels.
  public func window(size: ImageSize) -> [Point] {
    let map = size.frameFromNormalised * sampling
    return ImageSize.corners.map { map.apply(to: $0) }
  }
}

/// The mean distance, in pixels, between the corners of the frame where two transformations put
/// them; colours play no part.
///
/// Infinite when one of them puts a corner at infinity.
public func cornerError(
  predicted: Transformation, truth: Transformation, size: ImageSize
) -> Float {
  let distances = zip(predicted.frame(size: size), truth.frame(size: size))
    .map { $0.distance(to: $1) }
  let mean = distances.reduce(0, +) / 4
  return mean.isFinite ? Float(mean) : .infinity
}
