public import Tensors

/// A family of transformations with a distribution to draw them from and a way to write them as
/// numbers to regress.
///
/// A `Transformation` means the same in every family and convention; the convention decides how
/// it is drawn and how it is written.
public protocol TransformationFamily: Sendable, Hashable, CustomStringConvertible {
  /// The family's name in the field.
  var name: String { get }
  /// The names of what is drawn, with their units, in the order of `Transformation.parameters`.
  var parameterNames: [String] { get }
  /// The names of the target's coordinates.
  var targetNames: [String] { get }
  /// How transformations are drawn and written.
  var convention: Convention { get }
  /// What stands beyond the frame.
  var fill: Fill { get }
  /// The part of both views that is shown.
  var mask: ViewMask { get }
  /// Whether pixels move.
  var isGeometric: Bool { get }
  /// The changes of colour that are drawn, if any.
  var color: Color? { get }
  /// Every option with its value, in a few words; the statistics are remembered by it.
  var description: String { get }

  /// The same ranges under another convention; a fill that was not the convention's own stays.
  ///
  /// - Throws: `TensorError.argument` when the convention refuses an option.
  func adopting(_ convention: Convention) throws(TensorError) -> Self

  /// The family without what means nothing for images of this many channels.
  ///
  /// - Throws: `TensorError.argument` when nothing is left.
  func fitting(channels: Int) throws(TensorError) -> Self

  /// Throws when the options do not fit images of this size.
  ///
  /// - Throws: `TensorError.argument` with the option and its limit.
  func check(size: ImageSize) throws(TensorError)

  /// Draws a transformation.
  ///
  /// - Throws: what `check(size:)` throws.
  func sample(size: ImageSize, using generator: inout Generator) throws(TensorError)
    -> Transformation

  /// The regression target before whitening; `targetDimension` numbers.
  func target(of transformation: Transformation, size: ImageSize) -> [Float]

  /// The transformation that a target before whitening stands for; `nil` when it stands for none
  /// (not finite, singular).
  func transformation(fromTarget target: [Float], size: ImageSize) -> Transformation?

  /// The published constants in published mode; `nil` when the sampler's own moments whiten.
  func publishedWhitening(size: ImageSize) -> Whitening?
}

extension TransformationFamily {
  /// How many draws the whitening is computed from.
  public static var statisticsDraws: Int { 20_000 }

  /// Everything, unless the family says otherwise.
  public var mask: ViewMask { .whole }
  /// Pixels move, unless the family says otherwise.
  public var isGeometric: Bool { true }
  /// None, unless the family says otherwise.
  public var color: Color? { nil }
  /// The family as it is, unless it says otherwise.
  public func fitting(channels: Int) throws(TensorError) -> Self { self }

  /// The length of a target.
  public var targetDimension: Int { targetNames.count }

  /// The moments of the targets over 20,000 draws of a fixed stream; computed once.
  public func statistics(size: ImageSize) throws(TensorError) -> TargetStatistics {
    try StatisticsCache.shared.statistics(of: self, size: size)
  }

  /// What the targets are whitened with: the published constants in published mode, else the
  /// moments of the sampler itself.
  public func whitening(size: ImageSize) throws(TensorError) -> Whitening {
    try check(size: size)
    if let published = publishedWhitening(size: size) { return published }
    let statistics = try statistics(size: size)
    return Whitening(
      mean: statistics.mean.map { Float($0) },
      deviation: statistics.deviation.map { $0 > 1e-6 ? Float($0) : 1 })
  }

  /// The mean squared error of the best constant predictor on whitened targets: the chance line.
  public func chance(size: ImageSize) throws(TensorError) -> Float {
    let whitening = try whitening(size: size)
    let statistics = try statistics(size: size)
    let parts = zip(statistics.deviation, whitening.deviation).map { deviation, scale in
      (deviation / Double(scale)) * (deviation / Double(scale))
    }
    return Float(parts.reduce(0, +) / Double(parts.count))
  }

  /// Draws `count` transformations, one after the other.
  public func samples(_ count: Int, size: ImageSize, using generator: inout Generator)
    throws(TensorError) -> [Transformation]
  {
    var drawn: [Transformation] = []
    drawn.reserveCapacity(count)
    for _ in 0..<count { drawn.append(try sample(size: size, using: &generator)) }
    return drawn
  }

  /// The whitened targets of transformations, `[N, targetDimension]`.
  public func targets(of transformations: [Transformation], size: ImageSize) throws(TensorError)
    -> Tensor
  {
    let whitening = try whitening(size: size)
    return try Tensor(
      transformations.flatMap { whitening.whiten(target(of: $0, size: size)) },
      shape: [transformations.count, targetDimension])
  }

  /// The transformations that rows of whitened targets or predictions `[N, targetDimension]`
  /// stand for; `nil` where a row stands for none.
  ///
  /// - Throws: `TensorError.shape` when the rows do not have the target's length.
  public func transformations(fromWhitened rows: Tensor, size: ImageSize) throws(TensorError)
    -> [Transformation?]
  {
    guard rows.rank == 2, rows.shape[1] == targetDimension else {
      throw .shape(
        operation: "\(name) transformations", shapes: [rows.shape],
        fix: "predictions of this family have the shape [N, \(targetDimension)]")
    }
    let whitening = try whitening(size: size)
    let values = rows.scalars
    return (0..<rows.shape[0]).map { row in
      let slice = Array(values[row * targetDimension..<(row + 1) * targetDimension])
      return transformation(fromTarget: whitening.unwhiten(slice), size: size)
    }
  }
}
