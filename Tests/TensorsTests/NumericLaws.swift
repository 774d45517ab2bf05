import Tensors

extension Law {
  /// The laws of the numerical and probabilistic operations.
  static let numerics = [scatters].flatMap { $0 }

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
}
