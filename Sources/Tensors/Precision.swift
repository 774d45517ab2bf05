import Compute

/// The precision in which convolutions and matrix products multiply.
///
/// Tensors, sums and everything else stay in single precision whatever is chosen here: the two factors of
/// each product are rounded just before they meet, in both directions of a pass. Parameters so keep the
/// small steps that bfloat16 would lose (mixed precision: Micikevicius et al., 2018, section 3.1; for
/// bfloat16 Kalamkar et al., 2019).
public enum Precision: String, Sendable, Hashable, CaseIterable {
  /// Single precision: 24 bits of mantissa.
  case float32
  /// The range of single precision with 8 bits of mantissa, and twice its rate where the processor has it.
  case bfloat16

  /// Whether this processor multiplies in it.
  public var isAvailable: Bool { factors.isNative }

  /// The format of the factors.
  var factors: FactorFormat { self == .bfloat16 ? .bfloat16 : .float32 }

  /// Refuses what the processor would have to imitate.
  ///
  /// Single precision in its place would be faster than the imitation, but a result that is said to come
  /// from bfloat16 would then depend on the machine.
  ///
  /// - Throws: `TensorError.argument` when the precision is not available.
  public func check(for operation: String) throws(TensorError) {
    guard !isAvailable else { return }
    throw .argument(
      operation: operation, name: "precision", value: rawValue,
      fix: "this processor has no arithmetic in bfloat16 (AVX512_BF16 or AMX), and would be slower "
        + "than in float32; leave precision out")
  }
}
