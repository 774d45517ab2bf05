import Tensors

extension Law {
  static let groupNormalisations: [Law] = {
    var laws: [Law] = []
    let epsilon = Double(Float(1e-3))
    let batches: [([Int], Int)] = [
      ([3, 2, 3, 6], 2), ([2, 3, 3, 6], 6), ([2, 5, 7, 17], 1), ([1, 2, 2, 1], 1),
      ([3, 4, 5, 16], 4), ([2, 3, 1, 48], 3), ([5, 24], 4), ([2, 7, 3, 3], 1), ([70, 2, 4], 2),
      ([1, 2, 1, 272], 2), ([2, 1, 257], 1),
    ]
    for (shape, groups) in batches {
      let channels = [shape[shape.count - 1]]
      laws.append(
        Law(
          name: "groupNormalised, groups \(groups)", shapes: [shape, channels, channels],
          operation: {
            try $0[0].groupNormalised(groups: groups, scale: $0[1], shift: $0[2], epsilon: 1e-3)
          }
        ) { $0[0].groupNormalised(groups, $0[1], $0[2], epsilon: epsilon) })
    }
    for shape in [[7], [3, 16], [2, 3, 33], [5, 1], [129, 5]] {
      let channels = [shape[shape.count - 1]]
      let rows = shape.dropLast().reduce(1, *)
      laws.append(
        Law(
          name: "layerNormalised", shapes: [shape, channels, channels],
          operation: { try $0[0].layerNormalised(scale: $0[1], shift: $0[2], epsilon: 1e-3) }
        ) {
          let flat = Naive([rows] + channels, $0[0].values)
          return Naive(
            shape, flat.groupNormalised(1, $0[1], $0[2], epsilon: epsilon).values)
        })
    }
    return laws
  }()
}

extension Naive {
  fileprivate func groupNormalised(
    _ groups: Int, _ scale: Naive, _ shift: Naive, epsilon: Double
  ) -> Naive {
    let channels = shape[shape.count - 1]
    let (image, depth) = (values.count / shape[0], channels / groups)
    func group(_ i: Int) -> Int { i / image * groups + i % channels / depth }
    let size = Double(image / groups)
    var mean = [Double](repeating: 0, count: shape[0] * groups)
    var variance = mean
    for (i, value) in values.enumerated() { mean[group(i)] += value / size }
    for (i, value) in values.enumerated() {
      variance[group(i)] += (value - mean[group(i)]) * (value - mean[group(i)]) / size
    }
    return Naive(
      shape,
      values.enumerated().map { i, value in
        let (c, g) = (i % channels, group(i))
        return scale.values[c] * (value - mean[g]) / (variance[g] + epsilon).squareRoot()
          + shift.values[c]
      })
  }
}
