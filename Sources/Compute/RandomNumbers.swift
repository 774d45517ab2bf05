private import CVectors

/// A place in the stream of words of Philox 4×32 with ten rounds (Salmon et al., 2011), and the numbers that follow.
///
/// Block k of the stream is the four words of counter k. A number depends on its words alone, so the stream can be
/// cut and shared among threads.
public struct RandomPlace: Sendable {
  private let key: UInt64
  private let block: UInt64
  private let used: Int

  /// Names word `used` of a block, from 0.
  public init(key: UInt64, block: UInt64, used: Int) {
    self.key = key
    self.block = block &+ UInt64(used / 4)
    self.used = used % 4
  }

  /// Writes independent normal numbers with mean 0 (Box and Muller, 1958), from two words each.
  public func normal(
    deviation: Float, into y: UnsafeMutablePointer<Float>, count: Int
  ) {
    Parallel.ranges(count, grain: Elementwise.grain / 4) { range in
      let place = RandomPlace(key: key, block: block, used: used + 2 * range.lowerBound)
      orbit_normals(
        key, place.block, Int64(place.used), deviation, y + range.lowerBound, Int64(range.count))
    }
  }

  /// Writes `low + width · u` with u uniform in [0, 1), from a word each.
  public func uniform(
    low: Float, width: Float, into y: UnsafeMutablePointer<Float>, count: Int
  ) {
    Parallel.ranges(count, grain: Elementwise.grain / 2) { range in
      let place = RandomPlace(key: key, block: block, used: used + range.lowerBound)
      orbit_uniforms(
        key, place.block, Int64(place.used), low, width, y + range.lowerBound, Int64(range.count))
    }
  }

  /// The normal number that these two words make.
  public static func normal(_ first: UInt32, _ second: UInt32) -> Float {
    orbit_normal(first, second)
  }
}
