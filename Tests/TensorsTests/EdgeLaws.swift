import Tensors

/// Laws at shapes that others leave out: sizes of one, and odd numbers of values that fill no vectors.
extension Law {
  static let edges: [Law] = numbers + ranges + pictures

  private static let numbers: [Law] = [[1], [1, 33], []].flatMap { shape in
    [
      Law(name: "+ number", shapes: [shape], operation: { try $0[0] + 0.75 }) {
        $0[0].map { $0 + 0.75 }
      },
      Law(name: "- number", shapes: [shape], operation: { try $0[0] - 0.75 }) {
        $0[0].map { $0 - 0.75 }
      },
      Law(name: "* number", shapes: [shape], linear: [0], operation: { try $0[0] * -0.75 }) {
        $0[0].map { $0 * -0.75 }
      },
      Law(name: "/ number", shapes: [shape], linear: [0], operation: { try $0[0] / 0.75 }) {
        $0[0].map { $0 / 0.75 }
      },
      Law(name: "negative", shapes: [shape], linear: [0], operation: { try -$0[0] }) {
        $0[0].map { -$0 }
      },
    ]
  }

  private static let ranges: [Law] = [
    Law(
      name: "reshaped", shapes: [[3, 1, 5]], linear: [0],
      operation: { try $0[0].reshaped([15, 1]) }
    ) { Naive([15, 1], $0[0].values) },
    Law(name: "rows", shapes: [[3, 1, 7]], linear: [0], operation: { try $0[0].rows(1..<2) }) {
      Naive([1, 1, 7], Array($0[0].values[7..<14]))
    },
    Law(name: "columns", shapes: [[1, 17]], linear: [0], operation: { try $0[0].columns(16..<17) })
    {
      Naive([1, 1], [$0[0].values[16]])
    },
    Law(
      name: "sliced along 1, one of one", shapes: [[3, 1, 5]], linear: [0],
      operation: { try $0[0].sliced(axis: 1, range: 0..<1) }
    ) { $0[0] },
    Law(
      name: "gathered from one row", shapes: [[1, 17]], linear: [0],
      operation: { try $0[0].gathered(rows: [0, 0, 0]) }
    ) { Naive([3, 17], $0[0].values + $0[0].values + $0[0].values) },
    Law(
      name: "concatenated with itself", shapes: [[3, 1, 5]], linear: [0],
      operation: { try .concatenated([$0[0], $0[0] * 2, $0[0]], axis: 1) }
    ) { input in
      Naive([3, 3, 5]) { input[0][[$0[0], 0, $0[2]]] * ($0[1] == 1 ? 2 : 1) }
    },
    Law(
      name: "maximum along 1", shapes: [[3, 5, 1]], operation: { try $0[0].maximum(axis: 1) }
    ) { input in
      Naive([3, 1]) { place in (0..<5).map { input[0][[place[0], $0, 0]] }.max() ?? 0 }
    },
    Law(
      name: "matrixProducts of odd sizes", shapes: [[3, 1, 5], [3, 5, 1]], linear: [0, 1],
      operation: { try $0[0].matrixProducts($0[1]) }
    ) { input in
      Naive([3, 1, 1]) { place in
        (0..<5).reduce(0.0) { $0 + input[0][[place[0], 0, $1]] * input[1][[place[0], $1, 0]] }
      }
    },
  ]

  private static let pictures: [Law] = [
    Law(
      name: "upsampled by 3", shapes: [[1, 3, 5, 7]], linear: [0],
      operation: { try $0[0].upsampled(by: 3) }
    ) { input in
      Naive([1, 9, 15, 7]) { input[0][[0, $0[1] / 3, $0[2] / 3, $0[3]]] }
    },
    Law(
      name: "cropped to the middle", shapes: [[1, 3, 5, 3]], linear: [0],
      operation: { try $0[0].cropped(rows: 1..<2, columns: 1..<4) }
    ) { input in Naive([1, 1, 3, 3]) { input[0][[0, 1, $0[2] + 1, $0[3]]] } },
    Law(
      name: "shifted by one", shapes: [[3, 5, 1, 1]], linear: [0],
      operation: { try $0[0].shifted(down: 1) }
    ) { input in
      Naive([3, 5, 1, 1]) { $0[1] == 0 ? 0 : input[0][[$0[0], $0[1] - 1, 0, 0]] }
    },
    Law(
      name: "padded at the top", shapes: [[3, 1, 1, 5]], linear: [0],
      operation: { try $0[0].padded(top: 2) }
    ) { input in Naive([3, 3, 1, 5]) { $0[1] < 2 ? 0 : input[0][[$0[0], 0, 0, $0[3]]] } },
    Law(
      name: "globallyAveraged", shapes: [[1, 3, 3, 5]], linear: [0],
      operation: { try $0[0].globallyAveraged() }
    ) { $0[0].sum([1, 2]).map { $0 / 9 } },
  ]
}
