import Glibc
public import Tensors

/// A transformation of an image: a change of its colours, then a homography of its plane.
///
/// The transformed image takes at every position p the value of the image at `sampling` p. That
/// map, from the output to the input, is what is stored, what the warps read, and what the
/// projective family regresses (as in the released AET code); `forward` is its inverse and says
/// where things go. Both are in normalised coordinates, x and y in [-1, 1] over the frame, with
/// determinant 1 (see `ImageSize`). Most families leave the colours as they are.
public struct Transformation: Sendable, Hashable {
  /// The map from positions of the transformed image to positions of the image, determinant 1.
  public let sampling: Matrix3
  /// How the colours change before the pixels move.
  public let color: ColorFactors
  /// What was drawn, in the order and units of the family's `parameterNames`; empty when the
  /// transformation was not drawn by a family (composed, inverted, decoded).
  public let parameters: [Float]

  init?(sampling: Matrix3, drawn parameters: [Float] = []) {
    guard let matrix = sampling.normalised else { return nil }
    self.sampling = matrix
    self.color = .identity
    self.parameters = parameters
  }

  /// A change of the colours alone.
  init(_ color: ColorFactors, drawn parameters: [Float]) {
    self.init(exactly: .identity, color, drawn: parameters)
  }

  /// The transformation with this map from output to input positions, in normalised coordinates.
  ///
  /// - Throws: `TensorError.argument` when the matrix is singular or not finite.
  public init(sampling: Matrix3) throws(TensorError) {
    guard let valid = Transformation(sampling: sampling, drawn: []) else {
      throw .argument(
        operation: "Transformation", name: "sampling", value: "\(sampling)",
        fix: "a transformation needs an invertible matrix")
    }
    self = valid
  }

  private init(
    exactly sampling: Matrix3, _ color: ColorFactors = .identity, drawn parameters: [Float] = []
  ) {
    self.sampling = sampling
    self.color = color
    self.parameters = parameters
  }

  /// A change of the colours alone.
  public init(color: ColorFactors) { self.init(exactly: .identity, color) }

  /// The same motion with this change of the colours before it.
  public func with(_ color: ColorFactors) -> Transformation { with(color, drawn: []) }

  func with(_ color: ColorFactors, drawn parameters: [Float]) -> Transformation {
    Transformation(exactly: sampling, color, drawn: parameters)
  }

  /// The transformation that changes nothing.
  public static let identity = Transformation(exactly: .identity)

  /// Where the positions of the image go, determinant 1: the inverse of `sampling`.
  public var forward: Matrix3 { sampling.inverse?.normalised ?? .identity }

  /// This transformation, then another: warping by the result is warping by this one and then by
  /// `next` (but for interpolating once instead of twice).
  ///
  /// Colour factors multiply. A motion between two changes of colour makes no difference to saturation
  /// and brightness; contrast and sharpness depend a little on what comes into view.
  public func followed(by next: Transformation) -> Transformation {
    let product = sampling * next.sampling
    return Transformation(
      exactly: product.normalised ?? product, color.followed(by: next.color))
  }

  /// The transformation that undoes this one, but for colours that were clamped.
  public func inverse() -> Transformation { Transformation(exactly: forward, color.inverse()) }

  /// A clockwise turn about the centre of the frame, in degrees; multiples of 90° are exact.
  public static func rotation(degrees: Double, size: ImageSize) -> Transformation {
    let (cosine, sine) = Degrees.cosineAndSine(-degrees)
    let ratio = Double(size.height) / Double(size.width)
    return Transformation(
      exactly: Matrix3(cosine, -sine * ratio, 0, sine / ratio, cosine, 0, 0, 0, 1))
  }

  /// A shift by pixels to the right and downwards.
  public static func translation(x: Double, y: Double, size: ImageSize) -> Transformation {
    Transformation(
      exactly: Matrix3(
        1, 0, -2 * x / Double(size.width), 0, 1, -2 * y / Double(size.height), 0, 0, 1))
  }
}

/// Angles in degrees.
enum Degrees {
  /// The cosine and sine of an angle, exact at multiples of 90°.
  static func cosineAndSine(_ degrees: Double) -> (Double, Double) {
    let turn = degrees - 360 * (degrees / 360).rounded()
    switch turn {
    case 0: return (1, 0)
    case 90: return (0, 1)
    case -90: return (0, -1)
    case 180, -180: return (-1, 0)
    default: return (cos(turn * .pi / 180), sin(turn * .pi / 180))
    }
  }
}
