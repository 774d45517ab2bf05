private import CVectors

/// An array that follows another one of the same size.
public struct AveragePart {
  /// The average.
  public let target: UnsafeMutablePointer<Float>
  /// What it follows.
  public let source: UnsafePointer<Float>
  /// The number of values.
  public let count: Int

  /// Names the places.
  public init(
    target: UnsafeMutablePointer<Float>, source: UnsafePointer<Float>, count: Int
  ) {
    self.target = target
    self.source = source
    self.count = count
  }
}

/// Moves averages towards their sources, `target ← target + share · (source − target)`, in one pass.
///
/// In this form an average that has arrived stays where it is, to the bit.
public func moveAverages(_ parts: [AveragePart], by share: Float) {
  eachPiece(parts, count: \.count) { part, range in
    let i = range.lowerBound
    orbit_approach(part.target + i, part.source + i, Int64(range.count), share)
  }
}
