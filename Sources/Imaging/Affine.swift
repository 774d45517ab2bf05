import Glibc
public import Tensors

/// Turns, shifts, scales and shears about the centre (AET-affine; Zhang et al., 2019).
///
/// The forward map is p ↦ c + t + L(p - c) in pixels, with L = s [[cos a, -sin(a + h)], [sin a,
/// cos(a + h)]] for the angle a (clockwise), the scale s and the shear h: the form of torchvision
/// 0.2.1. The target is (cos a, sin a, tx, ty, s, h).
public struct Affine: TransformationFamily {
  /// The angle is drawn from ± this, in degrees.
  public let rotation: Float
  /// The shift along each axis is drawn from ± this fraction of the side.
  public let translation: Float
  /// The scale is drawn from this range.
  public let scale: ClosedRange<Float>
  /// The shear is drawn from ± this, in degrees.
  public let shear: Float
  /// What stands beyond the frame.
  public let fill: Fill
  /// How transformations are drawn and written.
  public let convention: Convention

  /// Takes the ranges to draw from.
  ///
  /// - Parameter fill: reflection by default, the released code's grey in published mode.
  /// - Throws: `TensorError.argument` when a range is negative, not finite, or degenerates the
  ///   image.
  public init(
    rotation: Float = 180, translation: Float = 0.2, scale: ClosedRange<Float> = 0.7...1.3,
    shear: Float = 30, fill: Fill? = nil, convention: Convention = .centred
  ) throws(TensorError) {
    try Options.check("Affine", "rotation", rotation, in: 0...180, unit: "degrees")
    try Options.check("Affine", "translation", translation, in: 0...1, unit: "of the side")
    try Options.check("Affine", scale: scale)
    try Options.check("Affine", "shear", shear, in: 0...80, unit: "degrees")
    self.rotation = rotation
    self.translation = translation
    self.scale = scale
    self.shear = shear
    self.fill = try Options.fill("Affine", fill, convention)
    self.convention = convention
  }

  /// The name of the family.
  public var name: String { "affine" }
  /// What is drawn, in the order of `Transformation.parameters`.
  public var parameterNames: [String] {
    ["rotation (degrees)", "x (pixels)", "y (pixels)", "scale", "shear (degrees)"]
  }
  /// The coordinates of a target.
  public var targetNames: [String] { ["cosine", "sine", "x", "y", "scale", "shear"] }
  /// Every option with its value.
  public var description: String {
    "affine: rotation ±\(rotation)°, translation ±\(translation), scale \(scale), shear ±\(shear)°, "
      + "fill \(fill), \(convention)"
  }

  /// The same ranges under another convention; a fill that was not the convention's own stays.
  ///
  /// - Throws: `TensorError.argument` when the convention refuses an option.
  public func adopting(_ convention: Convention) throws(TensorError) -> Affine {
    try Affine(
      rotation: rotation, translation: translation, scale: scale, shear: shear,
      fill: Options.adopted(fill, from: self.convention, to: convention), convention: convention)
  }

  /// Throws when the options do not fit images of this size.
  ///
  /// - Throws: `TensorError.argument` with the option and its limit.
  public func check(size: ImageSize) throws(TensorError) {
    try Options.check("Affine", size: size)
  }

  /// Draws a transformation.
  ///
  /// - Throws: what `check(size:)` throws.
  public func sample(size: ImageSize, using generator: inout Generator) throws(TensorError)
    -> Transformation
  {
    try check(size: size)
    let angle = generator.uniform(in: -rotation...rotation)
    var x = generator.uniform(in: -translation...translation) * Float(size.width)
    var y = generator.uniform(in: -translation...translation) * Float(size.height)
    if convention == .published { (x, y) = (x.rounded(), y.rounded()) }
    let factor = generator.uniform(in: scale)
    let slant = generator.uniform(in: -shear...shear)
    return transformation(
      Parts(
        angle: Double(angle), x: Double(x), y: Double(y), scale: Double(factor),
        shear: Double(slant)),
      size: size, drawn: [angle, x, y, factor, slant]) ?? .identity
  }

  /// The target before whitening.
  public func target(of transformation: Transformation, size: ImageSize) -> [Float] {
    let parts = parts(of: transformation, size: size)
    let (cosine, sine) = Degrees.cosineAndSine(parts.angle)
    let (x, y) = (parts.x / Double(size.width), parts.y / Double(size.height))
    guard convention == .published else {
      return [cosine, sine, x, y, parts.scale, parts.shear * .pi / 180].map { Float($0) }
    }
    let units = publishedUnits
    return [
      cosine, sine, x / units.shift, y / units.shift, (parts.scale - units.middle) / units.half,
      parts.shear / units.slant,
    ].map { Float($0) }
  }

  /// The transformation that a target before whitening stands for; `nil` when its scale or shear
  /// degenerates the image.
  public func transformation(fromTarget target: [Float], size: ImageSize) -> Transformation? {
    guard target.count == targetDimension, target.allSatisfy(\.isFinite) else { return nil }
    let t = target.map { Double($0) }
    // The angle of the two-vector: its length, which a prediction does not keep at 1, plays no
    // part.
    var parts = Parts(
      angle: atan2(t[1], t[0]) * 180 / .pi, x: t[2], y: t[3], scale: t[4],
      shear: t[5] * 180 / .pi)
    if convention == .published {
      let units = publishedUnits
      parts.x *= units.shift
      parts.y *= units.shift
      parts.scale = units.middle + units.half * t[4]
      parts.shear = t[5] * units.slant
    }
    parts.x *= Double(size.width)
    parts.y *= Double(size.height)
    guard parts.scale > 0.01, abs(parts.shear) < 89 else { return nil }
    return transformation(parts, size: size, drawn: [])
  }

  /// The released code scales its targets into [-1, 1] itself and whitens no further.
  public func publishedWhitening(size: ImageSize) -> Whitening? {
    convention == .published ? .none(dimension: targetDimension) : nil
  }

  /// The divisors of the released code's targets; 1 where a range is a single value.
  private var publishedUnits: (shift: Double, middle: Double, half: Double, slant: Double) {
    let middle = (Double(scale.lowerBound) + Double(scale.upperBound)) / 2
    let half = (Double(scale.upperBound) - Double(scale.lowerBound)) / 2
    return (
      translation > 0 ? Double(translation) : 1, middle, half > 0 ? half : 1,
      shear > 0 ? Double(shear) : 1
    )
  }

  /// The five numbers of the forward map: degrees and pixels.
  private struct Parts {
    var angle: Double
    var x: Double
    var y: Double
    var scale: Double
    var shear: Double
  }

  /// The centre in frame pixels; the released code's is half a pixel off the frame's.
  private func centre(_ size: ImageSize) -> Point {
    let offset = convention == .published ? 0.5 : 0
    return Point(x: Double(size.width) / 2 + offset, y: Double(size.height) / 2 + offset)
  }

  private func transformation(_ parts: Parts, size: ImageSize, drawn: [Float]) -> Transformation? {
    let (cosine, sine) = Degrees.cosineAndSine(parts.angle)
    let (slantedCosine, slantedSine) = Degrees.cosineAndSine(parts.angle + parts.shear)
    let (a, b) = (parts.scale * cosine, -parts.scale * slantedSine)
    let (c, d) = (parts.scale * sine, parts.scale * slantedCosine)
    let centre = centre(size)
    let forward = Matrix3(
      a, b, centre.x + parts.x - a * centre.x - b * centre.y,
      c, d, centre.y + parts.y - c * centre.x - d * centre.y,
      0, 0, 1)
    guard let inverse = forward.inverse else { return nil }
    return Transformation(
      sampling: size.normalisedFromFrame * inverse * size.frameFromNormalised, drawn: drawn)
  }

  /// Reads the five numbers off a matrix.
  ///
  /// An affine map has six degrees of freedom and this family five: the scale is that of the x
  /// axis, as it is for members of the family.
  private func parts(of transformation: Transformation, size: ImageSize) -> Parts {
    let pixels = size.frameFromNormalised * transformation.forward * size.normalisedFromFrame
    let forward = 1 / pixels[2, 2] * pixels
    let centre = centre(size)
    let image = forward.apply(to: centre)
    let angle = atan2(forward[1, 0], forward[0, 0])
    let slanted = atan2(-forward[0, 1], forward[1, 1])
    return Parts(
      angle: angle * 180 / .pi, x: image.x - centre.x, y: image.y - centre.y,
      scale: hypot(forward[0, 0], forward[1, 0]),
      shear: remainder(slanted - angle, 2 * .pi) * 180 / .pi)
  }
}
