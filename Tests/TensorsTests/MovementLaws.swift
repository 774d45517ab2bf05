import Glibc
import Tensors

extension Law {
  static let movements: [Law] = {
    let picks = [2, 0, 2, 2, 3]
    var laws: [Law] = [
      Law(
        name: "reshaped", shapes: [[3, 8]], linear: [0],
        operation: { try $0[0].reshaped([2, 3, 4]) }
      ) { Naive([2, 3, 4], $0[0].values) },
      Law(
        name: "rows", shapes: [[5, 3, 2]], linear: [0], operation: { try $0[0].rows(1..<4) }
      ) { Naive([3, 3, 2], Array($0[0].values[6..<24])) },
      Law(
        name: "no rows", shapes: [[5, 3]], linear: [0], operation: { try $0[0].rows(2..<2) }
      ) { _ in Naive([0, 3], []) },
      Law(
        name: "rows of rows", shapes: [[7, 3]],
        operation: { try $0[0].rows(1..<6).rows(2..<4).tanh() }
      ) { Naive([2, 3], $0[0].values[9..<15].map { tanh($0) }) },
      Law(
        name: "columns", shapes: [[2, 3, 7]], linear: [0], operation: { try $0[0].columns(2..<5) }
      ) { input in Naive([2, 3, 3]) { input[0][[$0[0], $0[1], $0[2] + 2]] } },
      Law(
        name: "gathered", shapes: [[4, 3]], linear: [0],
        operation: { try $0[0].gathered(rows: picks) }
      ) { input in Naive([5, 3]) { input[0][[picks[$0[0]], $0[1]]] } },
      Law(
        name: "the two halves of a batch", shapes: [[4, 3]],
        operation: { try $0[0].rows(0..<2) * $0[0].rows(2..<4) }
      ) { input in Naive([2, 3]) { input[0][$0] * input[0][[$0[0] + 2, $0[1]]] } },
    ]
    for shape in [[3, 5], [1, 17], [33, 40]] {
      laws.append(
        Law(
          name: "transposed", shapes: [shape], linear: [0], operation: { try $0[0].transposed() }
        ) { $0[0].transposed })
    }
    let joins: [([[Int]], Int)] = [
      ([[2, 3], [4, 3]], 0), ([[2, 3], [2, 1], [2, 5]], 1), ([[2, 1, 3], [2, 4, 3]], 1), ([[3]], 0),
    ]
    for (shapes, axis) in joins {
      laws.append(
        Law(
          name: "concatenated along \(axis)", shapes: shapes,
          operation: { try .concatenated($0, axis: axis) }
        ) { joined($0, axis) })
    }
    let spreads: [([Int], [Int])] = [
      ([3, 1], [2, 3, 4]), ([], [3, 2]), ([1], [5]), ([2, 1, 3, 1], [2, 4, 3, 5]),
      ([4, 1], [4, 17]), ([3, 4], [3, 4]),
    ]
    for (shape, target) in spreads {
      laws.append(
        Law(
          name: "broadcast to \(target)", shapes: [shape], linear: [0],
          operation: { try $0[0].broadcast(to: target) }
        ) { $0[0].broadcast(target) })
    }
    return laws
  }()

  private static func joined(_ inputs: [Naive], _ axis: Int) -> Naive {
    var shape = inputs[0].shape
    shape[axis] = inputs.reduce(0) { $0 + $1.shape[axis] }
    return Naive(shape) { place in
      var (place, part) = (place, 0)
      while place[axis] >= inputs[part].shape[axis] {
        place[axis] -= inputs[part].shape[axis]
        part += 1
      }
      return inputs[part][place]
    }
  }

  static let products: [Law] = {
    var laws: [Law] = []
    for (m, k, n) in [(3, 5, 7), (1, 1, 1), (17, 2, 33), (4, 1, 3)] {
      for (left, right) in [(false, false), (false, true), (true, false), (true, true)] {
        laws.append(
          Law(
            name: "matrixProduct(\(left), \(right))",
            shapes: [left ? [k, m] : [m, k], right ? [n, k] : [k, n]], linear: [0, 1],
            operation: {
              try $0[0].matrixProduct($0[1], transposingLeft: left, transposingRight: right)
            }
          ) { (left ? $0[0].transposed : $0[0]).product(right ? $0[1].transposed : $0[1]) })
      }
    }
    laws.append(
      Law(
        name: "linear", shapes: [[5, 3], [7, 3], [7]],
        operation: { try $0[0].linear(weight: $0[1], bias: $0[2]) }
      ) { $0[0].product($0[1].transposed).with($0[2], +) })
    laws.append(
      Law(
        name: "linear without bias", shapes: [[1, 17], [1, 17]], linear: [0, 1],
        operation: { try $0[0].linear(weight: $0[1], bias: nil) }
      ) { $0[0].product($0[1].transposed) })
    laws.append(
      Law(
        name: "linear on images", shapes: [[2, 3, 2, 4], [5, 4], [5]],
        operation: { try $0[0].linear(weight: $0[1], bias: $0[2]) }
      ) {
        let result = Naive([12, 4], $0[0].values).product($0[1].transposed).with($0[2], +)
        return Naive([2, 3, 2, 5], result.values)
      })
    return laws
  }()
}
