import Glibc
public import Tensors

/// Turns, shifts, scales and shears about the centre: what the Euclidean, the similarity and the affine
/// family draw, each the first of them.
///
/// The forward map is p ↦ c + t + L(p - c) in pixels, with L = s [[cos a, -sin(a + h)], [sin a,
/// cos(a + h)]] for the angle a (clockwise), the scale s and the shear h: the form of torchvision
/// 0.2.1. The target is (cos a, sin a, tx, ty, s, h), as far as the family goes.
public struct CentredMotions: Sendable, Hashable {
  /// The angle is drawn from ± this, in degrees.
  public let rotation: Float
  /// The shift along each axis is drawn from ± this fraction of the side.
  public let translation: Float
  /// The scale is drawn from this range; `nil` where the family has none.
  public let scale: ClosedRange<Float>?
  /// The shear is drawn from ± this, in degrees; `nil` where the family has none.
  public let shear: Float?
  /// How the motions are drawn and written.
  public let convention: Convention

  init(
    _ family: String, rotation: Float, translation: Float, scale: ClosedRange<Float>? = nil,
    shear: Float? = nil, convention: Convention
  ) throws(TensorError) {
    try Options.check(family, "rotation", rotation, in: 0...180, unit: "degrees")
    try Options.check(family, "translation", translation, in: 0...1, unit: "of the side")
    if let scale { try Options.check(family, scale: scale) }
    if let shear { try Options.check(family, "shear", shear, in: 0...80, unit: "degrees") }
    self.rotation = rotation
    self.translation = translation
    self.scale = scale
    self.shear = shear
    self.convention = convention
  }

  /// How many numbers of (angle, x, y, scale, shear) are drawn.
  private var drawnCount: Int { 3 + (scale == nil ? 0 : 1) + (shear == nil ? 0 : 1) }

  /// What is drawn, with units.
  var parameterNames: [String] {
    ["rotation (degrees)", "x (pixels)", "y (pixels)"] + (scale == nil ? [] : ["scale"])
      + (shear == nil ? [] : ["shear (degrees)"])
  }

  /// The coordinates of a target.
  var targetNames: [String] {
    ["cosine", "sine", "x", "y"] + (scale == nil ? [] : ["scale"]) + (shear == nil ? [] : ["shear"])
  }

  /// The ranges in a few words.
  var description: String {
    "rotation ±\(rotation)°, translation ±\(translation)" + (scale.map { ", scale \($0)" } ?? "")
      + (shear.map { ", shear ±\($0)°" } ?? "")
  }

  func sample(size: ImageSize, using generator: inout Generator) -> Transformation {
    let angle = generator.uniform(in: -rotation...rotation)
    var x = generator.uniform(in: -translation...translation) * Float(size.width)
    var y = generator.uniform(in: -translation...translation) * Float(size.height)
    if convention == .published { (x, y) = (x.rounded(), y.rounded()) }
    let factor = scale.map { generator.uniform(in: $0) }
    let slant = shear.map { generator.uniform(in: -$0...$0) }
    let motion = Motion(
      angle: Double(angle), x: Double(x), y: Double(y), scale: Double(factor ?? 1),
      shear: Double(slant ?? 0))
    return transformation(
      motion, size: size, drawn: [angle, x, y] + [factor, slant].compactMap { $0 }) ?? .identity
  }

  func target(of transformation: Transformation, size: ImageSize) -> [Float] {
    let motion = motion(of: transformation, size: size)
    let (cosine, sine) = Degrees.cosineAndSine(motion.angle)
    let (x, y) = (motion.x / Double(size.width), motion.y / Double(size.height))
    var target = [cosine, sine, x, y]
    if convention == .published {
      let units = publishedUnits
      target = [cosine, sine, x / units.shift, y / units.shift]
      if scale != nil { target.append((motion.scale - units.middle) / units.half) }
      if shear != nil { target.append(motion.shear / units.slant) }
    } else {
      if scale != nil { target.append(motion.scale) }
      if shear != nil { target.append(motion.shear * .pi / 180) }
    }
    return target.map { Float($0) }
  }

  func transformation(fromTarget target: [Float], size: ImageSize) -> Transformation? {
    guard target.count == targetNames.count, target.allSatisfy(\.isFinite) else { return nil }
    let t = target.map { Double($0) }
    // The angle of the two-vector: its length, which a prediction does not keep at 1, plays no
    // part.
    var motion = Motion(angle: atan2(t[1], t[0]) * 180 / .pi, x: t[2], y: t[3])
    if scale != nil { motion.scale = t[4] }
    if shear != nil, let slant = t.last { motion.shear = slant * 180 / .pi }
    if convention == .published {
      let units = publishedUnits
      motion.x *= units.shift
      motion.y *= units.shift
      if scale != nil { motion.scale = units.middle + units.half * t[4] }
      if shear != nil, let slant = t.last { motion.shear = slant * units.slant }
    }
    motion.x *= Double(size.width)
    motion.y *= Double(size.height)
    guard motion.scale > 0.01, abs(motion.shear) < 89 else { return nil }
    return transformation(motion, size: size, drawn: [])
  }

  /// The divisors of the released code's targets; 1 where a range is a single value.
  private var publishedUnits: (shift: Double, middle: Double, half: Double, slant: Double) {
    let (lower, upper) = (Double(scale?.lowerBound ?? 1), Double(scale?.upperBound ?? 1))
    let half = (upper - lower) / 2
    let slant = Double(shear ?? 0)
    return (
      translation > 0 ? Double(translation) : 1, (lower + upper) / 2, half > 0 ? half : 1,
      slant > 0 ? slant : 1
    )
  }

  /// The five numbers of the forward map: degrees and pixels.
  private struct Motion {
    var angle: Double
    var x: Double
    var y: Double
    var scale = 1.0
    var shear = 0.0
  }

  /// The centre in frame pixels; the released code's is half a pixel off the frame's.
  private func centre(_ size: ImageSize) -> Point {
    let offset = convention == .published ? 0.5 : 0
    return Point(x: Double(size.width) / 2 + offset, y: Double(size.height) / 2 + offset)
  }

  private func transformation(
    _ motion: Motion, size: ImageSize, drawn: [Float]
  ) -> Transformation? {
    let (cosine, sine) = Degrees.cosineAndSine(motion.angle)
    let (slantedCosine, slantedSine) = Degrees.cosineAndSine(motion.angle + motion.shear)
    let (a, b) = (motion.scale * cosine, -motion.scale * slantedSine)
    let (c, d) = (motion.scale * sine, motion.scale * slantedCosine)
    let centre = centre(size)
    let forward = Matrix3(
      a, b, centre.x + motion.x - a * centre.x - b * centre.y,
      c, d, centre.y + motion.y - c * centre.x - d * centre.y,
      0, 0, 1)
    guard let inverse = forward.inverse else { return nil }
    return Transformation(
      sampling: size.normalisedFromFrame * inverse * size.frameFromNormalised, drawn: drawn)
  }

  /// Reads the five numbers off a matrix.
  ///
  /// An affine map has six degrees of freedom and the widest family five: angle and scale are those
  /// of the x axis, as they are for members of the family.
  private func motion(of transformation: Transformation, size: ImageSize) -> Motion {
    let pixels = size.frameFromNormalised * transformation.forward * size.normalisedFromFrame
    let forward = 1 / pixels[2, 2] * pixels
    let centre = centre(size)
    let image = forward.apply(to: centre)
    let angle = atan2(forward[1, 0], forward[0, 0])
    let slanted = atan2(-forward[0, 1], forward[1, 1])
    return Motion(
      angle: angle * 180 / .pi, x: image.x - centre.x, y: image.y - centre.y,
      scale: hypot(forward[0, 0], forward[1, 0]),
      shear: remainder(slanted - angle, 2 * .pi) * 180 / .pi)
  }
}

/// A family of motions about the centre.
public protocol CentredFamily: TransformationFamily {
  /// The ranges that it draws from.
  var motions: CentredMotions { get }
}

extension CentredFamily {
  /// The angle is drawn from ± this, in degrees.
  public var rotation: Float { motions.rotation }
  /// The shift along each axis is drawn from ± this fraction of the side.
  public var translation: Float { motions.translation }
  /// How transformations are drawn and written.
  public var convention: Convention { motions.convention }
  /// What is drawn, in the order of `Transformation.parameters`.
  public var parameterNames: [String] { motions.parameterNames }
  /// The coordinates of a target.
  public var targetNames: [String] { motions.targetNames }
  /// Every option with its value.
  public var description: String {
    "\(name): \(motions.description), fill \(fill), \(convention)\(mask.note)"
  }

  /// Throws when the options do not fit images of this size.
  ///
  /// - Throws: `TensorError.argument` with the option and its limit.
  public func check(size: ImageSize) throws(TensorError) {
    try Options.check(name, size: size)
  }

  /// Draws a transformation.
  ///
  /// - Throws: what `check(size:)` throws.
  public func sample(size: ImageSize, using generator: inout Generator) throws(TensorError)
    -> Transformation
  {
    try check(size: size)
    return motions.sample(size: size, using: &generator)
  }

  /// The target before whitening.
  public func target(of transformation: Transformation, size: ImageSize) -> [Float] {
    motions.target(of: transformation, size: size)
  }

  /// The transformation that a target before whitening stands for; `nil` when its scale or shear
  /// degenerates the image.
  public func transformation(fromTarget target: [Float], size: ImageSize) -> Transformation? {
    motions.transformation(fromTarget: target, size: size)
  }

  /// The released code scales its targets into [-1, 1] itself and whitens no further.
  public func publishedWhitening(size: ImageSize) -> Whitening? {
    convention == .published ? .none(dimension: targetDimension) : nil
  }
}
