public import Tensors

/// Turns and shifts: maps that keep distances.
///
/// The target is (cos a, sin a, tx, ty), the first four numbers of the affine one, as in the released
/// code of EnAET (Wang et al., 2020); see `CentredMotions` for the map.
public struct Euclidean: CentredFamily {
  /// The ranges that it draws from.
  public let motions: CentredMotions
  /// What stands beyond the frame.
  public let fill: Fill
  /// The part of both views that is shown.
  public let mask: ViewMask

  /// Takes the ranges to draw from: angles in degrees either way, shifts in parts of the side.
  ///
  /// - Parameter fill: reflection by default, the released code's grey in published mode.
  /// - Throws: `TensorError.argument` when a range is negative or not finite.
  public init(
    rotation: Float = 180, translation: Float = 0.2, fill: Fill? = nil, mask: ViewMask = .whole,
    convention: Convention = .centred
  ) throws(TensorError) {
    motions = try CentredMotions(
      "Euclidean", rotation: rotation, translation: translation, convention: convention)
    self.fill = try Options.fill("Euclidean", fill, convention)
    self.mask = mask
  }

  /// The name of the family.
  public var name: String { "Euclidean" }

  /// The same ranges under another convention; a fill that was not the convention's own stays.
  ///
  /// - Throws: `TensorError.argument` when the convention refuses an option.
  public func adopting(_ convention: Convention) throws(TensorError) -> Euclidean {
    try Euclidean(
      rotation: rotation, translation: translation,
      fill: Options.adopted(fill, from: self.convention, to: convention), mask: mask,
      convention: convention)
  }
}
