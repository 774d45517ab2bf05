public import Tensors

/// A geometric family and changes of colour, drawn and predicted together: `Projective().with(Color())`.
///
/// The colours change first, then the pixels move: the fill keeps its values, which would betray the
/// factors if they changed with them. The target is the geometric one, then the colours'.
public struct Composed<Geometric: TransformationFamily>: TransformationFamily {
  /// What moves the pixels.
  public let geometric: Geometric
  private let colors: Color

  /// Puts both together; the colours take the geometric family's convention.
  ///
  /// - Throws: `TensorError.argument` when the first changes colours itself.
  public init(_ geometric: Geometric, _ color: Color) throws(TensorError) {
    guard geometric.isGeometric, geometric.color == nil else {
      throw .argument(
        operation: "with", name: "family", value: geometric.name,
        fix: "it changes colours already; write Projective().with(Color())")
    }
    self.geometric = geometric
    colors = try color.adopting(geometric.convention)
  }

  /// What changes the colours.
  public var color: Color? { colors }
  /// Both names.
  public var name: String { "\(geometric.name) and \(colors.name)" }
  /// What is drawn: for the geometry, then for the colours.
  public var parameterNames: [String] { geometric.parameterNames + colors.parameterNames }
  /// The coordinates of a target: the geometry's, then the colours'.
  public var targetNames: [String] { geometric.targetNames + colors.targetNames }
  /// How transformations are drawn and written.
  public var convention: Convention { geometric.convention }
  /// What stands beyond the frame.
  public var fill: Fill { geometric.fill }
  /// The part of both views that is shown.
  public var mask: ViewMask { geometric.mask }
  /// Every option of both with its value.
  public var description: String { "\(geometric.description); \(colors.description)" }

  /// The same ranges under another convention.
  ///
  /// - Throws: `TensorError.argument` when the convention refuses an option.
  public func adopting(_ convention: Convention) throws(TensorError) -> Composed {
    try Composed(geometric.adopting(convention), colors)
  }

  /// Without saturation where images have no colours.
  ///
  /// - Throws: `TensorError.argument` when no change of colour is left.
  public func fitting(channels: Int) throws(TensorError) -> Composed {
    try Composed(geometric.fitting(channels: channels), colors.fitting(channels: channels))
  }

  /// Throws when the options do not fit images of this size.
  ///
  /// - Throws: `TensorError.argument` with the option and its limit.
  public func check(size: ImageSize) throws(TensorError) { try geometric.check(size: size) }

  /// Draws where pixels go, then the factors.
  ///
  /// - Throws: what `check(size:)` throws.
  public func sample(size: ImageSize, using generator: inout Generator) throws(TensorError)
    -> Transformation
  {
    let motion = try geometric.sample(size: size, using: &generator)
    let change = try colors.sample(size: size, using: &generator)
    return motion.with(change.color, drawn: motion.parameters + change.parameters)
  }

  /// The target before whitening.
  public func target(of transformation: Transformation, size: ImageSize) -> [Float] {
    geometric.target(of: transformation, size: size)
      + colors.target(of: transformation, size: size)
  }

  /// The transformation that a target before whitening stands for; `nil` when one of its parts stands
  /// for none.
  public func transformation(fromTarget target: [Float], size: ImageSize) -> Transformation? {
    guard target.count == targetDimension else { return nil }
    let count = geometric.targetDimension
    guard
      let motion = geometric.transformation(fromTarget: Array(target[..<count]), size: size),
      let change = colors.transformation(fromTarget: Array(target[count...]), size: size)
    else { return nil }
    return motion.with(change.color)
  }

  /// The constants of both; `nil` when the sampler's own moments whiten.
  public func publishedWhitening(size: ImageSize) -> Whitening? {
    guard let first = geometric.publishedWhitening(size: size),
      let second = colors.publishedWhitening(size: size)
    else { return nil }
    return Whitening(mean: first.mean + second.mean, deviation: first.deviation + second.deviation)
  }
}

extension TransformationFamily {
  /// This family together with changes of colour, drawn and predicted at once.
  ///
  /// - Throws: `TensorError.argument` when this family changes colours itself.
  public func with(_ color: Color) throws(TensorError) -> any TransformationFamily {
    try Composed(self, color)
  }
}
