public import Tensors

/// Turns, shifts, scales and shears about the centre (AET-affine; Zhang et al., 2019).
///
/// The target is (cos a, sin a, tx, ty, s, h); see `CentredMotions` for the map.
public struct Affine: CentredFamily {
  /// The ranges that it draws from.
  public let motions: CentredMotions
  /// What stands beyond the frame.
  public let fill: Fill
  /// The part of both views that is shown.
  public let mask: ViewMask

  /// Takes the ranges to draw from: angles and shears in degrees either way, shifts in parts of the
  /// side.
  ///
  /// - Parameter fill: reflection by default, the released code's grey in published mode.
  /// - Throws: `TensorError.argument` when a range is negative, not finite, or degenerates the
  ///   image.
  public init(
    rotation: Float = 180, translation: Float = 0.2, scale: ClosedRange<Float> = 0.7...1.3,
    shear: Float = 30, fill: Fill? = nil, mask: ViewMask = .whole,
    convention: Convention = .centred
  ) throws(TensorError) {
    motions = try CentredMotions(
      "Affine", rotation: rotation, translation: translation, scale: scale, shear: shear,
      convention: convention)
    self.fill = try Options.fill("Affine", fill, convention)
    self.mask = mask
  }

  /// The scale is drawn from this range.
  public var scale: ClosedRange<Float> { motions.scale ?? 1...1 }
  /// The shear is drawn from ± this, in degrees.
  public var shear: Float { motions.shear ?? 0 }
  /// The name of the family.
  public var name: String { "affine" }

  /// The same ranges under another convention; a fill that was not the convention's own stays.
  ///
  /// - Throws: `TensorError.argument` when the convention refuses an option.
  public func adopting(_ convention: Convention) throws(TensorError) -> Affine {
    try Affine(
      rotation: rotation, translation: translation, scale: scale, shear: shear,
      fill: Options.adopted(fill, from: self.convention, to: convention), mask: mask,
      convention: convention)
  }
}
