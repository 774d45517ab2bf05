// Transcendental functions of sixteen values at a time, for loops that would otherwise walk memory
// once a function. Each is within three units in the last place, has no branches, and lets what is not
// a number through.

extension SIMD16<Float> {
  /// The power of e: infinite above 88.7, and zero below −87, where the numbers become subnormal.
  @inlinable @inline(__always)
  public var exponential: Self {
    let (rest, scale) = exponentialParts
    return ((1 + rest) * scale) * 2
  }

  /// `eˣ − 1`, as accurate near zero as elsewhere; for x at most 80.
  @inlinable @inline(__always)
  public var exponentialMinusOne: Self {
    let (rest, scale) = exponentialParts
    // 2ⁿ(1 + q) − 1 with the small and the large part apart, so that nothing cancels at n = 0.
    return (rest * scale) * 2 + (scale * 2 - 1)
  }

  /// `eˣ = 2 · scale · (1 + rest)`, where scale is a power of two and rest is from −0.3 to 0.42.
  @inlinable @inline(__always)
  var exponentialParts: (rest: Self, scale: Self) {
    let x = clampedKeepingNaN(to: -87.3, 88.8)
    // Adding 1.5 · 2²³ rounds to an integer and leaves it in the low bits.
    let magic = Self(repeating: 12_582_912)
    let shifted = x * 1.442_695_04 + magic
    let n = shifted - magic
    // ln 2 in two parts, the first with so few bits that n times it is exact.
    let r = (x - n * 0.693_359_375) + n * 2.121_944_4e-4
    // The Taylor polynomial: its error at |r| ≤ 0.347 is below a tenth of the last place.
    var p = r * (1 / 5040.0) + 1 / 720.0
    p = p * r + 1 / 120.0
    p = p * r + 1 / 24.0
    p = p * r + 1 / 6.0
    p = p * r + 0.5
    let rest = r + r * r * p
    // Half of 2ⁿ, so that n = 128 still has an exponent; at n = −126 it is zero.
    let bits = unsafeBitCast(shifted, to: SIMD16<UInt32>.self) &- 0x4B40_0000 &+ 126
    return (rest, unsafeBitCast(bits &<< 23, to: Self.self))
  }

  /// `log(1 + eˣ)`: the softplus, as `max(x, 0) + log(1 + exp(−|x|))`.
  @inlinable @inline(__always)
  public var softplus: Self {
    let magnitude = replacing(with: -self, where: self .< 0)
    return replacing(with: 0, where: self .< 0) + (-magnitude).exponential.logarithmOfOnePlus
  }

  /// `log(1 + x)` for x from 0 to 1.
  @inlinable @inline(__always)
  var logarithmOfOnePlus: Self {
    // 2 artanh(x / (2 + x)), whose argument is at most a third.
    let s = self / (self + 2)
    let q = s * s
    var p = q * (2 / 15.0) + 2 / 13.0
    p = p * q + 2 / 11.0
    p = p * q + 2 / 9.0
    p = p * q + 2 / 7.0
    p = p * q + 2 / 5.0
    p = p * q + 2 / 3.0
    return s * 2 + s * (q * p)
  }

  /// `1 / (1 + exp(−x))`, accurate in both tails.
  @inlinable @inline(__always)
  public var logistic: Self {
    let negative = self .< 0
    let e = replacing(with: -self, where: .!negative).exponential
    let one = Self(repeating: 1)
    return one.replacing(with: e, where: negative) / (1 + e)
  }

  /// The hyperbolic tangent.
  @inlinable @inline(__always)
  public var hyperbolicTangent: Self {
    let magnitude = replacing(with: -self, where: self .< 0)
    let m = (magnitude * -2).exponentialMinusOne
    let t = -m / (m + 2)
    return t.replacing(with: -t, where: self .< 0)
  }

  /// The natural logarithm of positive numbers that are not subnormal.
  @inlinable @inline(__always)
  public var naturalLogarithm: Self {
    // x = 2ⁿ m with m from √½ to √2.
    let bits = unsafeBitCast(self, to: SIMD16<UInt32>.self)
    let offset = bits &- 0x3F35_04F3
    let exponent = unsafeBitCast(offset, to: SIMD16<Int32>.self) &>> 23
    let m = unsafeBitCast(
      (offset & 0x007F_FFFF) &+ 0x3F35_04F3, to: Self.self)
    let n =
      unsafeBitCast(
        unsafeBitCast(exponent, to: SIMD16<UInt32>.self) &+ 0x4B40_0000, to: Self.self)
      - 12_582_912
    let f = m - 1
    let s = f / (f + 2)
    let q = s * s
    var p = q * (2 / 9.0) + 2 / 7.0
    p = p * q + 2 / 5.0
    p = p * q + 2 / 3.0
    return n * 0.693_359_375 + (s * 2 + (s * (q * p) - n * 2.121_944_4e-4))
  }

  /// At least `low` and at most `high`; what is not a number stays so.
  @inlinable @inline(__always)
  public func clampedKeepingNaN(to low: Float, _ high: Float) -> Self {
    let lower = Self(repeating: low)
    let upper = Self(repeating: high)
    return replacing(with: lower, where: self .< lower).replacing(with: upper, where: self .> upper)
  }
}
