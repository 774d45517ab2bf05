public import Tensors

/// Homographies from four moved corners (AET-projective; Zhang et al., 2019).
///
/// The corners of the frame are scaled about the centre, relabelled cyclically (quarter turns),
/// and jittered independently; the homography takes the moved corners back to the corners, so it
/// maps output to input. The target is its matrix over its last entry: eight numbers, in
/// normalised coordinates. Dividing by the last entry is safe there, since it belongs to the
/// centre of the frame (over 200,000 draws at 32×32 no coordinate's kurtosis is above 3.5); in
/// published mode the matrix is in frame pixels as in the released code, where the last entry
/// belongs to the top left corner (8).
public struct Projective: TransformationFamily {
  /// The factor of the corners' distance from the centre is drawn from this range.
  public let scale: ClosedRange<Float>
  /// Each coordinate of each corner moves by ± this many pixels; `nil` is an eighth of the
  /// shorter side, rounded down: 4 at 32, 3 at 28.
  public let jitter: Float?
  /// Whether a multiple of 90° is drawn too.
  public let quarterTurns: Bool
  /// What stands beyond the frame.
  public let fill: Fill
  /// The part of both views that is shown.
  public let mask: ViewMask
  /// How transformations are drawn and written.
  public let convention: Convention

  /// Takes the ranges to draw from.
  ///
  /// - Parameter fill: reflection by default, the released code's grey in published mode.
  /// - Throws: `TensorError.argument` when a range is negative, not finite, or degenerates the
  ///   image.
  public init(
    scale: ClosedRange<Float> = 0.8...1.2, jitter: Float? = nil, quarterTurns: Bool = true,
    fill: Fill? = nil, mask: ViewMask = .whole, convention: Convention = .centred
  ) throws(TensorError) {
    try Options.check("Projective", scale: scale)
    if let jitter {
      guard jitter.isFinite, jitter >= 0 else {
        throw .argument(
          operation: "Projective", name: "jitter", value: "\(jitter)",
          fix: "give pixels, 0 or more, or leave it out for an eighth of the side")
      }
    }
    self.scale = scale
    self.jitter = jitter
    self.quarterTurns = quarterTurns
    self.fill = try Options.fill("Projective", fill, convention)
    self.mask = mask
    self.convention = convention
  }

  /// The name of the family.
  public var name: String { "projective" }
  /// What is drawn, in the order of `Transformation.parameters`.
  public var parameterNames: [String] {
    ["scale", "quarter turns"]
      + ["top left", "top right", "bottom right", "bottom left"].flatMap {
        ["\($0) x (pixels)", "\($0) y (pixels)"]
      }
  }
  /// The coordinates of a target.
  public var targetNames: [String] { (1...8).map { "h\($0)" } }
  /// Every option with its value.
  public var description: String {
    let pixels = jitter.map { "\($0) px" } ?? "an eighth of the side"
    return "projective: scale \(scale), jitter ±\(pixels), "
      + "\(quarterTurns ? "quarter turns" : "no quarter turns"), fill \(fill), \(convention)\(mask.note)"
  }

  /// The jitter at a size, in pixels.
  public func jitter(size: ImageSize) -> Float { jitter ?? Float(size.shorterSide / 8) }

  /// The same ranges under another convention; a fill that was not the convention's own stays.
  ///
  /// - Throws: `TensorError.argument` when the convention refuses an option.
  public func adopting(_ convention: Convention) throws(TensorError) -> Projective {
    try Projective(
      scale: scale, jitter: jitter, quarterTurns: quarterTurns,
      fill: Options.adopted(fill, from: self.convention, to: convention), mask: mask,
      convention: convention)
  }

  /// Throws when the options do not fit images of this size.
  ///
  /// - Throws: `TensorError.argument` with the option and its limit.
  public func check(size: ImageSize) throws(TensorError) {
    try Options.check("Projective", size: size)
    // Below a quarter of the smallest side no draw can fold the frame over itself.
    let limit = scale.lowerBound * Float(size.shorterSide) / 4
    let pixels = jitter(size: size)
    guard pixels < limit else {
      throw .argument(
        operation: "Projective", name: "jitter", value: "\(pixels) pixels",
        fix:
          "take a jitter below \(limit) pixels (a quarter of the side at the smallest scale), so "
          + "that no frame of \(size) folds over itself, or a larger smallest scale")
    }
    guard convention == .centred || pixels == pixels.rounded() else {
      throw .argument(
        operation: "Projective", name: "jitter", value: "\(pixels) pixels",
        fix: "published mode draws whole pixels; give a whole number")
    }
  }

  /// Draws a transformation.
  ///
  /// - Throws: what `check(size:)` throws.
  public func sample(size: ImageSize, using generator: inout Generator) throws(TensorError)
    -> Transformation
  {
    try check(size: size)
    // Where the horizon comes near the frame, targets and images degenerate: such draws, none in
    // 200,000 at the default jitter, are drawn again. The released code keeps them.
    for _ in 0..<100 {
      let drawn = draw(size: size, using: &generator)
      guard let drawn else { continue }
      let m = drawn.sampling
      let nearest = 1 - (abs(m[2, 0]) + abs(m[2, 1])) / m[2, 2]
      if convention == .published || (m[2, 2] > 0 && nearest >= 0.2) { return drawn }
    }
    return .identity
  }

  private func draw(size: ImageSize, using generator: inout Generator) -> Transformation? {
    let factor = generator.uniform(in: scale)
    let turns = quarterTurns ? generator.integer(in: 0...3) : 0
    let limit = jitter(size: size)
    var parameters = [factor, Float(turns)]
    let offset = convention == .published ? 0.5 : 0
    let centre = Point(x: 2 * offset / Double(size.width), y: 2 * offset / Double(size.height))
    var moved: [Point] = []
    for k in 0..<4 {
      let corner = ImageSize.corners[(k + turns) % 4]
      let (dx, dy) = (shift(limit, using: &generator), shift(limit, using: &generator))
      parameters += [dx, dy]
      moved.append(
        Point(
          x: centre.x + Double(factor) * (corner.x - centre.x)
            + 2 * Double(dx) / Double(size.width),
          y: centre.y + Double(factor) * (corner.y - centre.y)
            + 2 * Double(dy) / Double(size.height)))
    }
    guard let matrix = Matrix3.homography(from: moved, to: ImageSize.corners) else { return nil }
    return Transformation(sampling: matrix, drawn: parameters)
  }

  private func shift(_ limit: Float, using generator: inout Generator) -> Float {
    guard convention == .published else { return generator.uniform(in: -limit...limit) }
    return Float(generator.integer(in: -Int(limit)...Int(limit)))
  }

  /// The target before whitening.
  public func target(of transformation: Transformation, size: ImageSize) -> [Float] {
    let matrix =
      convention == .published
      ? size.frameFromNormalised * transformation.sampling * size.normalisedFromFrame
      : transformation.sampling
    return matrix.entries.prefix(8).map { Float($0 / matrix[2, 2]) }
  }

  /// The transformation that a target before whitening stands for; `nil` when the matrix is
  /// singular.
  public func transformation(fromTarget target: [Float], size: ImageSize) -> Transformation? {
    guard target.count == targetDimension else { return nil }
    let h = target.map { Double($0) }
    let matrix = Matrix3(h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7], 1)
    guard convention == .published else { return Transformation(sampling: matrix, drawn: []) }
    return Transformation(
      sampling: size.normalisedFromFrame * matrix * size.frameFromNormalised, drawn: [])
  }

  /// The constants of the released code.
  ///
  /// They are published for 32 pixels (CIFAR-10) and 224 pixels (ImageNet); elsewhere those of 32
  /// pixels are scaled with the side, as pixel coordinates scale.
  public func publishedWhitening(size: ImageSize) -> Whitening? {
    guard convention == .published else { return nil }
    let side = Float(size.shorterSide)
    if side == 224 {
      let (p, q): (Float, Float) = (6.4e-5, 7.75e-4)
      return Whitening(
        mean: [0, 0, 112, 0, 0, 112, p, p], deviation: [0.75, 0.75, 118, 0.75, 0.75, 118, q, q])
    }
    let ratio = side / 32
    let (shift, tilt) = (20 * ratio, 0.015 / ratio)
    return Whitening(
      mean: [0, 0, side / 2, 0, 0, side / 2, 0, 0],
      deviation: [1, 1, shift, 1, 1, shift, tilt, tilt])
  }
}
