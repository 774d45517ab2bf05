public import Layers
public import Tensors

/// Finite scalar quantisation: each of a few values is bounded and rounded to one of its levels.
///
/// Nothing is learned and nothing can collapse (Mentzer, Minnen, Agustsson, Tschannen, 2023).
/// A code is the number whose digits are the places of the levels, the first value's the lowest:
/// `Σ d_i Π_{j<i} L_j` with `d_i = ẑ_i ⌊L_i / 2⌋ + ⌊L_i / 2⌋`. The loss has no term for it.
public struct FiniteScalars: Quantizer {
  /// The number of levels of each value.
  public let levels: [Int]

  /// Takes the numbers of levels.
  ///
  /// - Throws: `TensorError.argument` when there is none, one is below 2, or there are more than 65,536
  ///   codes.
  public init(levels: [Int]) throws(TensorError) {
    var codes = levels.isEmpty ? 0 : 1
    for level in levels where codes <= 65_536 { codes *= min(max(level, 0), 65_537) }
    guard levels.allSatisfy({ $0 >= 2 }), (2...65_536).contains(codes) else {
      throw .argument(
        operation: "finite scalars", name: "levels", value: "\(levels)",
        fix: "give at least 2 levels for each value, 65536 codes in all at most, such as [8, 6, 5]")
    }
    self.levels = levels
  }

  /// Nothing is stored.
  public var parts: [(name: String, part: Any)] { [] }
  /// The product of the levels.
  public var codeCount: Int { levels.reduce(1, *) }
  /// One value for each number of levels.
  public var dimension: Int { levels.count }
  /// Rounding multiplies nothing with weights.
  public var multiplyAdds: Int { 0 }
  /// `finite scalars, 8×6×5 levels`.
  public var title: String {
    "finite scalars, \(levels.map(String.init).joined(separator: "×")) levels"
  }

  /// Bounds and rounds maps `[N, h, w, D]`; the gradient passes the rounding and is that of the bound.
  public func quantise(
    _ encoded: Tensor, in pass: Pass, using generator: Generator
  ) throws(TensorError) -> Quantised {
    let vectors = try encoded.finiteScalarQuantised(levels: levels)
    return Quantised(vectors: vectors, codes: places(of: vectors), terms: [])
  }

  /// The code of each vector of `[..., D]`.
  public func codes(of encoded: Tensor) throws(TensorError) -> [Int] {
    places(of: try encoded.detached.finiteScalarQuantised(levels: levels))
  }

  private func places(of quantised: Tensor) -> [Int] {
    quantised.withUnsafeScalars { values in
      (0..<values.count / dimension).map { row in
        var (code, unit) = (0, 1)
        for (i, level) in levels.enumerated() {
          let half = level / 2
          code += unit * (Int((values[row * dimension + i] * Float(half)).rounded()) + half)
          unit *= level
        }
        return code
      }
    }
  }

  /// The levels that the digits of each code stand for.
  ///
  /// - Throws: `TensorError.argument` for a code that there is not.
  public func vectors(of codes: [Int]) throws(TensorError) -> Tensor {
    if let stray = codes.first(where: { !(0..<codeCount).contains($0) }) {
      throw .argument(
        operation: "finite scalars", name: "code", value: "\(stray)",
        fix: "there are \(codeCount) codes, counted from 0")
    }
    return Tensor(shape: [codes.count, dimension]) { target in
      for (row, code) in codes.enumerated() {
        var rest = code
        for (i, level) in levels.enumerated() {
          let half = level / 2
          target[row * dimension + i] = Float(rest % level - half) / Float(half)
          rest /= level
        }
      }
    }
  }

  /// None: it is always ready.
  public var vectorsToStart: Int { 0 }
  /// Does nothing.
  public func start(from vectors: Tensor, using generator: Generator) throws(TensorError) {}
}
