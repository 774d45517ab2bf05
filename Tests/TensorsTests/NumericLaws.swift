import Glibc
import Tensors

extension Law {
  /// The laws of the numerical and probabilistic operations.
  static let numerics = [
    scatters, activations, extremes, norms, logSumExps, categoricals, likelihoods, divergences,
    logistics, linearAlgebra, rotations,
  ].flatMap { $0 }

  private static let scatters: [Law] = {
    let cases: [([Int], [Int], Int)] = [
      ([5, 3], [2, 0, 2, 2, 3], 4), ([1, 1], [0], 1), ([3, 17], [1, 1, 1], 2),
      ([4], [3, 0, 0, 1], 5),
      ([2, 3, 5], [1, 0], 2),
    ]
    return cases.map { shape, rows, count in
      Law(
        name: "scatterAdded to \(count) rows", shapes: [shape], linear: [0],
        operation: { try $0[0].scatterAdded(rows: rows, count: count) }
      ) { input in
        Naive([count] + shape.dropFirst()) { place in
          rows.indices.filter { rows[$0] == place[0] }.reduce(0.0) {
            $0 + input[0][[$1] + place.dropFirst()]
          }
        }
      }
    }
  }()

  private static let activations: [Law] = {
    typealias Row = (
      String, ClosedRange<Float>, @Sendable (Tensor) throws -> Tensor, @Sendable (Double) -> Double
    )
    let rows: [Row] = [
      ("softplus", -6...6, { try $0.softplus() }, { log1p(exp($0)) }),
      ("leakyRectified", -2...2, { try $0.leakyRectified(slope: 0.2) }, { $0 > 0 ? $0 : 0.2 * $0 }),
      (
        "exponentialLinear", -3...3, { try $0.exponentialLinear(alpha: 1.5) },
        { $0 > 0 ? $0 : 1.5 * expm1($0) }
      ),
      ("clamped", -2...2, { try $0.clamped(to: -0.5...1.25) }, { min(max($0, -0.5), 1.25) }),
      ("sine", -9...9, { try $0.sine() }, { sin($0) }),
      ("cosine", -9...9, { try $0.cosine() }, { cos($0) }),
      ("power 2.5", 0.2...2, { try $0.power(2.5) }, { pow($0, 2.5) }),
      ("power 3", -2...2, { try $0.power(3) }, { pow($0, 3) }),
      ("power 0", -2...2, { try $0.power(0) }, { _ in 1 }),
      ("power -1", 0.5...2, { try $0.power(-1) }, { 1 / $0 }),
    ]
    let shapes = [[5, 7], [1], [2, 16], [3, 33], []]
    var laws = rows.flatMap { name, range, operation, reference in
      shapes.map { shape in
        Law(name: name, shapes: [shape], range: range, operation: { try operation($0[0]) }) {
          $0[0].map(reference)
        }
      }
    }
    for shape in shapes {
      laws.append(
        Law(name: "gated", shapes: [shape, shape], operation: { try $0[0].gated(by: $0[1]) }) {
          $0[0].with($0[1]) { tanh($0) / (1 + exp(-$1)) }
        })
    }
    for shape in [[2], [1, 2], [5, 3, 2], [17, 2]] {
      laws.append(
        Law(name: "complexModulus", shapes: [shape], operation: { try $0[0].complexModulus() }) {
          input in
          Naive(Array(shape.dropLast())) { hypot(input[0][$0 + [0]], input[0][$0 + [1]]) }
        })
    }
    return laws
  }()

  private static let extremes: [Law] = {
    var laws: [Law] = []
    for shape in [[5, 7], [1], [3, 33], []] as [[Int]] {
      let both = [shape, shape]
      laws.append(
        Law(name: "maximum", shapes: both, operation: { try $0[0].maximum($0[1]) }) {
          $0[0].with($0[1], max)
        })
      laws.append(
        Law(name: "minimum", shapes: both, operation: { try $0[0].minimum($0[1]) }) {
          $0[0].with($0[1], min)
        })
    }
    let cases: [([Int], Int)] = [
      ([3, 8, 5], 1), ([4, 3], 0), ([4, 3], 1), ([1], 0), ([2, 3, 2, 17], 2), ([2, 1, 3], 1),
    ]
    for (shape, axis) in cases {
      laws.append(
        Law(
          name: "maximum along \(axis)", shapes: [shape],
          operation: { try $0[0].maximum(axis: axis) }
        ) { input in
          var kept = shape
          kept.remove(at: axis)
          return Naive(kept) { place in
            (0..<shape[axis]).map { k in
              var whole = place
              whole.insert(k, at: axis)
              return input[0][whole]
            }.max() ?? 0
          }
        })
    }
    return laws
  }()

  private static let norms: [Law] = {
    @Sendable func length(_ row: [Double]) -> Double { row.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    var laws: [Law] = []
    for shape in [[4, 5], [1, 1], [3, 17], [2, 2, 33], [16]] {
      laws.append(
        Law(
          name: "euclideanNormalised", shapes: [shape], range: 0.5...2,
          operation: { try $0[0].euclideanNormalised() }
        ) { $0[0].rows { row in row.map { $0 / length(row) } } })
      laws.append(
        Law(
          name: "euclideanNormalised by epsilon", shapes: [shape],
          operation: { try $0[0].euclideanNormalised(epsilon: 100) }
        ) { $0[0].map { $0 / 100 } })
      laws.append(
        Law(name: "squashed", shapes: [shape], operation: { try $0[0].squashed(epsilon: 0.1) }) {
          $0[0].rows { row in
            let square = length(row) * length(row) + 0.1
            return row.map { $0 * square.squareRoot() / (1 + square) }
          }
        })
    }
    return laws
  }()
}
