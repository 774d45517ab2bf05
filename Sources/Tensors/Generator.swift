import Compute

/// A counter-based source of random numbers: Philox 4×32 with ten rounds (Salmon et al., 2011).
///
/// The stream is a function of the key alone, so a stream can be derived for every purpose, epoch and
/// sample, and any of them regenerated without the others. There is no global generator.
public struct Generator: Sendable, Hashable, Codable {
  /// What a stream is for; streams for different purposes are independent.
  public enum Purpose: String, Sendable, CaseIterable {
    /// First weights.
    case initialisation
    /// The order of the images of an epoch.
    case shuffle
    /// What is random about an image besides its transformation, such as the noise behind its edge.
    case augmentation
    /// Transformations of images.
    case transformation
    /// Choices among images, and draws from distributions.
    case sampling
    /// What a measurement draws.
    case evaluation
  }

  private var key: UInt64
  private var counter: UInt64 = 0
  private var block: SIMD4<UInt32> = .zero
  private var used = 4

  /// The first stream of a seed.
  public init(seed: UInt64) { key = seed }

  /// An independent stream derived from this one's key; it does not depend on what was drawn so far.
  public func split(_ purpose: Purpose, _ index: Int = 0) -> Generator {
    // FNV-1a of the purpose's name: adding a purpose changes no other stream.
    let name = purpose.rawValue.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01b3
    }
    let place = UInt64(bitPattern: Int64(index))
    let derived = Self.philox(
      SIMD4(
        UInt32(truncatingIfNeeded: name), UInt32(truncatingIfNeeded: name >> 32),
        UInt32(truncatingIfNeeded: place), UInt32(truncatingIfNeeded: place >> 32)),
      key: key)
    return Generator(seed: UInt64(derived.y) << 32 | UInt64(derived.x))
  }

  /// Ten rounds of Philox 4×32 on one counter.
  static func philox(_ counter: SIMD4<UInt32>, key: UInt64) -> SIMD4<UInt32> {
    var (k0, k1) = (UInt32(truncatingIfNeeded: key), UInt32(truncatingIfNeeded: key >> 32))
    var c = counter
    for _ in 0..<10 {
      let p0 = UInt64(0xD251_1F53) * UInt64(c.x)
      let p1 = UInt64(0xCD9E_8D57) * UInt64(c.z)
      c = SIMD4(
        UInt32(truncatingIfNeeded: p1 >> 32) ^ c.y ^ k0, UInt32(truncatingIfNeeded: p1),
        UInt32(truncatingIfNeeded: p0 >> 32) ^ c.w ^ k1, UInt32(truncatingIfNeeded: p0))
      k0 &+= 0x9E37_79B9
      k1 &+= 0xBB67_AE85
    }
    return c
  }

  /// The next 32 random bits.
  public mutating func next() -> UInt32 {
    if used == 4 {
      block = Self.philox(
        SIMD4(UInt32(truncatingIfNeeded: counter), UInt32(truncatingIfNeeded: counter >> 32), 0, 0),
        key: key)
      counter &+= 1
      used = 0
    }
    defer { used += 1 }
    return block[used]
  }

  /// A number in [0, 1) with 24 random bits.
  public mutating func uniform() -> Float { Float(next() >> 8) * 0x1p-24 }

  /// A number in `range`, uniformly.
  public mutating func uniform(in range: ClosedRange<Float>) -> Float {
    range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
  }

  /// An integer in `range`, uniformly and without bias.
  public mutating func integer(in range: ClosedRange<Int>) -> Int {
    let width = UInt64(range.upperBound &- range.lowerBound) &+ 1
    precondition(width > 0 && width <= 1 << 32, "an integer range of at most 2^32 values")
    // Lemire's multiplication with rejection of the incomplete last interval.
    let limit = (1 << 32) % width
    while true {
      let product = UInt64(next()) * width
      if product & 0xFFFF_FFFF >= limit { return range.lowerBound + Int(product >> 32) }
    }
  }

  /// A number of the standard normal distribution (Box and Muller, 1958).
  public mutating func normal() -> Float {
    let first = next()
    return RandomPlace.normal(first, next())
  }

  /// Writes independent numbers uniform in [0, 1): the values of `Tensor.uniform`, into memory that is there.
  public mutating func fill(_ target: UnsafeMutableBufferPointer<Float>) {
    let place = advance(by: target.count)
    guard let start = target.baseAddress else { return }
    place.uniform(low: 0, width: 1, into: start, count: target.count)
  }

  /// The place of the next word; goes past the next `count`.
  fileprivate mutating func advance(by count: Int) -> RandomPlace {
    // The block in use is the one before the counter.
    let (start, place) = (counter &- 1, used)
    let last = (place + count - 1) / 4
    if count > 0, last > 0 {
      counter = start &+ UInt64(last)
      used = 4
      _ = next()
    }
    if count > 0 { used = (place + count - 1) % 4 + 1 }
    return RandomPlace(key: key, block: start, used: place)
  }

  /// The numbers 0..<count in random order (Fisher and Yates).
  public mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<max(count, 0))
    for i in stride(from: order.count - 1, to: 0, by: -1) {
      order.swapAt(i, integer(in: 0...i))
    }
    return order
  }
}

extension Tensor {
  /// Independent numbers in `range`, uniformly.
  public static func uniform(
    _ shape: [Int], in range: ClosedRange<Float>, using generator: inout Generator
  ) -> Tensor {
    let place = generator.advance(by: shape.product)
    return .written(shape) {
      place.uniform(
        low: range.lowerBound, width: range.upperBound - range.lowerBound, into: $0,
        count: shape.product)
    }
  }

  /// Independent normal numbers with mean 0 and the given standard deviation.
  public static func normal(
    _ shape: [Int], deviation: Float = 1, using generator: inout Generator
  ) -> Tensor {
    let place = generator.advance(by: 2 * shape.product)
    return .written(shape) {
      place.normal(deviation: deviation, into: $0, count: shape.product)
    }
  }
}
