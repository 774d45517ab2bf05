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
    // Every part but the last has one length, so that few kernels serve.
    let parts = Parallel.isInside ? 1 : max(1, min(Parallel.most, count / Elementwise.grain))
    let size = Lanes.aligned((count + parts - 1) / parts)
    let whole = try kernel(min(size, count))
    let rest = count % size == 0 ? whole : try kernel(count % size)
    let scratch = Lanes.scratch(max(whole.scratchCount, rest.scratchCount))
    try Parallel.attempts((count + size - 1) / size) { (part, worker) throws(ComputeError) in
      let start = part * size
      try check(
        orbit_function_apply(
          (start + size <= count ? whole : rest).handle, source + start, destination + start,
          scratch[worker].pointer))
    }
  }

  private func kernel(_ count: Int) throws(ComputeError) -> Kernel {
    try Self.kernels.kernel(Key(function: self, count: count)) { kernel in
      let code =
        switch self {
        case .tanh: orbit_function_tanh
        case .exponential: orbit_function_exponential
        case .logarithm: orbit_function_logarithm
        case .sigmoid: orbit_function_sigmoid
        }
      return orbit_function_create(Int32(code), Int64(count), kernel)
    }
  }
}
