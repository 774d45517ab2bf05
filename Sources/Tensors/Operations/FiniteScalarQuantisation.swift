import Glibc

extension Tensor {
  /// Each dimension of a code bounded and rounded to one of a few levels: finite scalar quantisation
  /// (Mentzer et al., 2023).
  ///
  /// Shapes: `[..., D]` with D `levels` gives `[..., D]`. With L levels, `half = 1.001 (L − 1) / 2`,
  /// `offset` ½ for an even L and 0 for an odd one, and `shift = artanh(offset / half)`, a value z
  /// becomes `round(tanh(z + shift) · half − offset) / ⌊L / 2⌋`: from −1 to 1 for an odd L, from −1 to
  /// `1 − 2/L` for an even one. The gradient passes straight through the rounding and is that of the
  /// bound: `half (1 − tanh²(z + shift)) / ⌊L / 2⌋`.
  ///
  /// - Throws: `TensorError.shape` when there are not D levels, or no codes; `TensorError.argument` for
  ///   fewer than two levels.
  public func finiteScalarQuantised(levels: [Int]) throws(TensorError) -> Tensor {
    let operation = "finiteScalarQuantised"
    guard let width = shape.last, width == levels.count, count > 0 else {
      throw .shape(
        operation: operation, shapes: [shape, [levels.count]],
        fix: "codes are [..., D], at least one, with a number of levels for each of the D "
          + "dimensions")
    }
    for (dimension, level) in levels.enumerated() where level < 2 {
      throw .argument(
        operation: operation, name: "levels[\(dimension)]", value: "\(level)",
        fix: "a dimension has at least 2 levels")
    }
    func row(_ value: (Double) -> Double) -> Tensor {
      Tensor(shape: [width]) { target in
        for (i, level) in levels.enumerated() { target[i] = Float(value(Double(level))) }
      }
    }
    func half(_ level: Double) -> Double { 1.001 * (level - 1) / 2 }
    func offset(_ level: Double) -> Double { level.remainder(dividingBy: 2) == 0 ? 0.5 : 0 }
    let shifted = try self + row { atanh(offset($0) / half($0)) }
    let bounded = try shifted.tanh() * row(half) - row(offset)
    return try bounded.rounded() / row { floor($0 / 2) }
  }
}
