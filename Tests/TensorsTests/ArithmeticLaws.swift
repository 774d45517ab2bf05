import Glibc
import Tensors

extension Law {
  static let arithmetic: [Law] = {
    // Equal shapes, the right one repeated over leading dimensions, and single values.
    let shapes: [([Int], [Int])] = [
      ([3, 17], [3, 17]), ([1], [1]), ([2, 3, 5], [2, 3, 5]), ([33], [33]), ([4, 5, 3], [5, 3]),
      ([7, 18], [18]), ([6, 1], [1]), ([3, 5], []), ([2, 2], [1, 1]),
    ]
    var laws: [Law] = []
    for (left, right) in shapes {
      let both = [left, right]
      laws.append(
        Law(name: "+", shapes: both, operation: { try $0[0] + $0[1] }) { $0[0].with($0[1], +) })
      laws.append(
        Law(name: "-", shapes: both, operation: { try $0[0] - $0[1] }) { $0[0].with($0[1], -) })
      laws.append(
        Law(name: "*", shapes: both, linear: [0, 1], operation: { try $0[0] * $0[1] }) {
          $0[0].with($0[1], *)
        })
      laws.append(
        Law(
          name: "/", shapes: both, range: 0.5...2, linear: [0], operation: { try $0[0] / $0[1] }
        ) { $0[0].with($0[1], /) })
    }
    laws.append(
      Law(name: "+ number", shapes: [[3, 7]], operation: { try $0[0] + 1.5 }) {
        $0[0].map { $0 + 1.5 }
      })
    laws.append(
      Law(name: "- number", shapes: [[3, 7]], operation: { try $0[0] - 1.5 }) {
        $0[0].map { $0 - 1.5 }
      })
    laws.append(
      Law(name: "* number", shapes: [[3, 7]], linear: [0], operation: { try $0[0] * 1.5 }) {
        $0[0].map { $0 * 1.5 }
      })
    laws.append(
      Law(name: "/ number", shapes: [[3, 7]], linear: [0], operation: { try $0[0] / 1.5 }) {
        $0[0].map { $0 / 1.5 }
      })
    laws.append(
      Law(name: "negative", shapes: [[19]], linear: [0], operation: { try -$0[0] }) {
        $0[0].map { -$0 }
      })
    laws.append(
      Law(name: "x * x, one tensor twice", shapes: [[2, 9]], operation: { try $0[0] * $0[0] }) {
        $0[0].with($0[0], *)
      })
    laws.append(
      Law(
        name: "x + x, one tensor twice", shapes: [[2, 9]], linear: [0],
        operation: { try $0[0] + $0[0] }
      ) { $0[0].with($0[0], +) })
    return laws
  }()

  static let functions: [Law] = {
    typealias Row = (
      String, ClosedRange<Float>, @Sendable (Tensor) throws -> Tensor, @Sendable (Double) -> Double
    )
    let rows: [Row] = [
      ("rectified", -2...2, { try $0.rectified() }, { max($0, 0) }),
      ("tanh", -2...2, { try $0.tanh() }, { tanh($0) }),
      ("sigmoid", -2...2, { try $0.sigmoid() }, { 1 / (1 + exp(-$0)) }),
      ("exponential", -2...2, { try $0.exponential() }, { exp($0) }),
      ("logarithm", 0.2...3, { try $0.logarithm() }, { log($0) }),
      ("squared", -2...2, { try $0.squared() }, { $0 * $0 }),
      ("squareRoot", 0.2...3, { try $0.squareRoot() }, { $0.squareRoot() }),
      ("absolute", -2...2, { try $0.absolute() }, { abs($0) }),
    ]
    let shapes = [[5, 7], [1], [2, 16], [3, 33], []]
    return rows.flatMap { name, range, operation, reference in
      shapes.map { shape in
        Law(name: name, shapes: [shape], range: range, operation: { try operation($0[0]) }) {
          $0[0].map(reference)
        }
      }
    }
  }()

  static let reductions: [Law] = {
    var laws: [Law] = []
    for shape in [[3, 7], [1], [], [4, 5, 6], [9000]] as [[Int]] {
      laws.append(
        Law(
          name: "sum", shapes: [shape], range: -0.5...2, linear: [0],
          operation: { try $0[0].sum() }
        ) {
          Naive([], [$0[0].values.reduce(0, +)])
        })
      laws.append(
        Law(name: "mean", shapes: [shape], linear: [0], operation: { try $0[0].mean() }) {
          Naive([], [$0[0].values.reduce(0, +) / Double($0[0].values.count)])
        })
    }
    let cases: [([Int], [Int])] = [
      ([3, 7], [0]), ([3, 7], [1]), ([3, 7], [1, 0]), ([2, 3, 4, 5], [1, 2]), ([600, 3], [0]),
      ([2, 3, 4, 5], [0, 2]), ([2, 3, 4, 5], [3, 1]), ([2, 3, 17], [2]), ([1, 1], [0]), ([4], []),
    ]
    for (shape, axes) in cases {
      laws.append(
        Law(
          name: "sum over \(axes)", shapes: [shape], linear: [0],
          operation: { try $0[0].sum(axes: axes) }
        ) { $0[0].sum(axes) })
      let count = Double(axes.map { shape[$0] }.product)
      laws.append(
        Law(
          name: "mean over \(axes)", shapes: [shape], linear: [0],
          operation: { try $0[0].mean(axes: axes) }
        ) { $0[0].sum(axes).map { $0 / count } })
    }
    return laws
  }()
}
