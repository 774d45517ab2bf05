import COneDNN

/// A transcendental function of every value, through oneDNN's vector code.
public enum ElementaryFunction: Hashable, Sendable, CaseIterable {
  /// The hyperbolic tangent.
  case tanh
  /// The power of e.
  case exponential
  /// The natural logarithm.
  case logarithm
  /// 1 / (1 + exp(-x)).
  case sigmoid

  private struct Key: Hashable {
    let function: ElementaryFunction
    let count: Int
  }

  private static let kernels = KernelCache<Key>()

  /// Writes the function of `count` values to `destination`, which may be `source` itself.
  public func apply(
    _ source: UnsafePointer<Float>, into destination: UnsafeMutablePointer<Float>, count: Int
  ) throws(ComputeError) {
    guard count > 0 else { return }
    let kernel = try Self.kernels.kernel(Key(function: self, count: count)) { kernel in
      let code =
        switch self {
        case .tanh: orbit_function_tanh
        case .exponential: orbit_function_exponential
        case .logarithm: orbit_function_logarithm
        case .sigmoid: orbit_function_sigmoid
        }
      return orbit_function_create(Int32(code), Int64(count), kernel)
    }
    try kernel.run { kernel, scratch in
      orbit_function_apply(kernel, source, destination, scratch)
    }
  }
}
