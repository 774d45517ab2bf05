import Glibc
import Tensors

extension Law {
  private static func logSoftmax(_ row: [Double]) -> [Double] {
    let total = row.reduce(0.0) { $0 + exp($1) }
    return row.map { $0 - log(total) }
  }

  static let losses: [Law] = {
    var laws: [Law] = []
    for shape in [[4, 5], [1, 1], [3, 17], [2, 2, 3]] {
      laws.append(
        Law(name: "softmax", shapes: [shape], operation: { try $0[0].softmax() }) {
          $0[0].rows { logSoftmax($0).map { exp($0) } }
        })
      laws.append(
        Law(name: "logSoftmax", shapes: [shape], operation: { try $0[0].logSoftmax() }) {
          $0[0].rows(logSoftmax)
        })
      laws.append(
        Law(
          name: "meanSquaredError", shapes: [shape],
          operation: { try $0[0].meanSquaredError(.filled(0.25, shape: shape)) }
        ) {
          let squares = $0[0].values.map { ($0 - 0.25) * ($0 - 0.25) }
          return Naive([], [squares.reduce(0, +) / Double(squares.count)])
        })
    }
    let cases: [([Int], [Int])] = [
      ([4, 5], [0, 4, 4, 2]), ([1, 1], [0]), ([3, 17], [16, 0, 7]), ([2, 1, 3], [1, 2]),
    ]
    for (shape, labels) in cases {
      laws.append(
        Law(
          name: "crossEntropy", shapes: [shape],
          operation: { try $0[0].crossEntropy(labels: labels) }
        ) {
          let (logarithms, width) = ($0[0].rows(logSoftmax).values, $0[0].shape.last ?? 1)
          let own = labels.enumerated().map { logarithms[$0.offset * width + $0.element] }
          return Naive([], [-own.reduce(0, +) / Double(labels.count)])
        })
    }
    return laws
  }()
}
