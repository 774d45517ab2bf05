import Tensors

extension Law {
  struct TransposedCase: Sendable {
    let image: [Int]
    let weight: [Int]
    var stride = 1
    var padding = 0
    var outputPadding = 0
    var dilation = 1
    var groups = 1
  }

  static let transposedConvolutions: [Law] = [
    TransposedCase(image: [2, 4, 3, 5], weight: [5, 3, 4, 4], stride: 2, padding: 1),
    TransposedCase(image: [1, 1, 1, 1], weight: [1, 1, 1, 1]),
    TransposedCase(image: [2, 5, 4, 3], weight: [3, 7, 3, 3], padding: 1),
    TransposedCase(
      image: [1, 3, 4, 2], weight: [2, 17, 3, 2], stride: 2, padding: 1, outputPadding: 1),
    TransposedCase(
      image: [2, 3, 3, 4], weight: [4, 3, 3, 3], stride: 3, padding: 2, outputPadding: 2,
      dilation: 2, groups: 2),
    TransposedCase(image: [2, 3, 2, 6], weight: [6, 1, 4, 4], stride: 2, padding: 1, groups: 6),
    TransposedCase(image: [1, 5, 5, 24], weight: [24, 16, 4, 4], stride: 2, padding: 1),
    TransposedCase(image: [2, 2, 2, 16], weight: [16, 1, 5, 5], stride: 4, padding: 2),
    TransposedCase(image: [1, 2, 2, 2], weight: [2, 3, 1, 1], stride: 2),
  ].flatMap { c in
    [
      Law(
        name: "transposedConvolution \(c)", shapes: [c.image, c.weight], range: -1...1,
        linear: [0, 1]
      ) {
        try $0[0].transposedConvolution(
          weight: $0[1], stride: c.stride, padding: c.padding, outputPadding: c.outputPadding,
          dilation: c.dilation, groups: c.groups)
      } reference: {
        $0[0].transposedConvolution($0[1], c)
      },
      Law(
        name: "transposedConvolution with bias \(c)",
        shapes: [c.image, c.weight, [c.weight[1] * c.groups]], range: -1...1
      ) {
        try $0[0].transposedConvolution(
          weight: $0[1], bias: $0[2], stride: c.stride, padding: c.padding,
          outputPadding: c.outputPadding, dilation: c.dilation, groups: c.groups)
      } reference: {
        $0[0].transposedConvolution($0[1], c).with($0[2], +)
      },
    ]
  }
}

extension Naive {
  /// Every pixel writes a window.
  fileprivate func transposedConvolution(_ weight: Naive, _ c: Law.TransposedCase) -> Naive {
    let (w, each) = (weight.shape, shape[3] / c.groups)
    func size(_ axis: Int, _ window: Int) -> Int {
      (shape[axis] - 1) * c.stride - 2 * c.padding + c.dilation * (window - 1) + 1
        + c.outputPadding
    }
    let output = [shape[0], size(1, w[2]), size(2, w[3]), w[1] * c.groups]
    var result = Naive(output) { _ in 0 }
    for place in Naive.places(shape) {
      let (n, channel) = (place[0], place[3])
      for tap in Naive.places([w[1], w[2], w[3]]) {
        let row = place[1] * c.stride - c.padding + tap[1] * c.dilation
        let column = place[2] * c.stride - c.padding + tap[2] * c.dilation
        guard (0..<output[1]).contains(row), (0..<output[2]).contains(column) else { continue }
        let target =
          ((n * output[1] + row) * output[2] + column) * output[3] + channel / each * w[1] + tap[0]
        result.values[target] += self[place] * weight[[channel] + tap]
      }
    }
    return result
  }
}
