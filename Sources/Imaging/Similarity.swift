public import Tensors

/// Turns, shifts and scales about the centre: maps that keep angles.
///
/// The target is (cos a, sin a, tx, ty, s), the first five numbers of the affine one, as in the released
/// code of EnAET (Wang et al., 2020); see `CentredMotions` for the map.
public struct Similarity: CentredFamily {
  /// The ranges that it draws from.
  public let motions: CentredMotions
  /// What stands beyond the frame.
  public let fill: Fill
  /// The part of both views that is shown.
  public let mask: ViewMask

  /// Takes the ranges to draw from: angles in degrees either way, shifts in parts of the side.
  ///
  /// - Parameter fill: reflection by default, the released code's grey in published mode.
  /// - Throws: `TensorError.argument` when a range is negative, not finite, or degenerates the
  ///   image.
  public init(
    rotation: Float = 180, translation: Float = 0.2, scale: ClosedRange<Float> = 0.7...1.3,
    fill: Fill? = nil, mask: ViewMask = .whole, convention: Convention = .centred
  ) throws(TensorError) {
    motions = try CentredMotions(
      "Similarity", rotation: rotation, translation: translation, scale: scale,
      convention: convention)
    self.fill = try Options.fill("Similarity", fill, convention)
    self.mask = mask
  }

  /// The scale is drawn from this range.
  public var scale: ClosedRange<Float> { motions.scale ?? 1...1 }
  /// The name of the family.
  public var name: String { "similarity" }

  /// The same ranges under another convention; a fill that was not the convention's own stays.
  ///
  /// - Throws: `TensorError.argument` when the convention refuses an option.
  public func adopting(_ convention: Convention) throws(TensorError) -> Similarity {
    try Similarity(
      rotation: rotation, translation: translation, scale: scale,
      fill: Options.adopted(fill, from: self.convention, to: convention), mask: mask,
      convention: convention)
  }
}
