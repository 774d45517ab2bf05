import COneDNN

/// The format in which the factors of convolutions and matrix products are multiplied.
///
/// Values come and go in single precision, and sums are kept in it.
public enum FactorFormat: Sendable, Hashable {
  /// Single precision: 24 bits of mantissa.
  case float32
  /// The upper half of a `Float`: its range with 8 bits of mantissa.
  case bfloat16

  /// Whether the processor multiplies in the format itself.
  ///
  /// oneDNN also computes in bfloat16 where it has to imitate it, slower than in single precision.
  public var isNative: Bool { self == .float32 || Self.multipliesBfloat16 }

  private static let multipliesBfloat16 = orbit_bfloat16_is_native() != 0
}
