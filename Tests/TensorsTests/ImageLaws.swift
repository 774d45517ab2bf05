import Tensors

extension Law {
  struct ConvolutionCase: Sendable {
    let image: [Int]
    let weight: [Int]
    var stride = 1
    var padding = 0
    var dilation = 1
    var groups = 1
  }

  static let convolutions: [Law] = [
    ConvolutionCase(image: [2, 5, 6, 3], weight: [4, 3, 3, 3], padding: 1),
    ConvolutionCase(image: [1, 1, 1, 1], weight: [1, 1, 1, 1]),
    ConvolutionCase(image: [1, 7, 5, 2], weight: [3, 2, 3, 2], stride: 2, padding: 1),
    ConvolutionCase(image: [3, 6, 6, 17], weight: [5, 17, 1, 1]),
    ConvolutionCase(
      image: [2, 7, 7, 4], weight: [6, 2, 3, 3], padding: 2, dilation: 2, groups: 2),
    ConvolutionCase(image: [2, 4, 4, 6], weight: [6, 1, 3, 3], padding: 1, groups: 6),
    ConvolutionCase(image: [1, 5, 4, 16], weight: [16, 16, 5, 5], padding: 2),
    ConvolutionCase(image: [2, 5, 5, 1], weight: [24, 1, 5, 5], padding: 2),
    ConvolutionCase(image: [2, 5, 5, 3], weight: [2, 3, 5, 5]),
  ].flatMap { c in
    [
      Law(name: "convolution \(c)", shapes: [c.image, c.weight], range: -1...1, linear: [0, 1]) {
        try $0[0].convolution(
          weight: $0[1], stride: c.stride, padding: c.padding, dilation: c.dilation,
          groups: c.groups)
      } reference: {
        $0[0].convolution(
          $0[1], stride: c.stride, padding: c.padding, dilation: c.dilation, groups: c.groups)
      },
      Law(
        name: "convolution with bias \(c)", shapes: [c.image, c.weight, [c.weight[0]]],
        range: -1...1
      ) {
        try $0[0].convolution(
          weight: $0[1], bias: $0[2], stride: c.stride, padding: c.padding, dilation: c.dilation,
          groups: c.groups)
      } reference: {
        $0[0].convolution(
          $0[1], $0[2], stride: c.stride, padding: c.padding, dilation: c.dilation,
          groups: c.groups)
      },
    ]
  }

  static let normalisations: [Law] = {
    var laws: [Law] = []
    let epsilon = Double(Float(1e-3))
    let batches: [([Int], Int, Bool)] = [
      ([4, 3, 3, 5], 1, false), ([4, 3, 3, 5], 2, true), ([6, 2, 1, 17], 3, false),
      ([8, 4], 1, true), ([4, 5, 5, 16], 2, true), ([4, 2, 3, 24], 1, true), ([3, 7, 2], 1, false),
      ([2, 3, 3, 1], 1, true), ([6, 3, 3, 48], 2, true),
    ]
    for (shape, branches, rectify) in batches {
      let channels = [shape[shape.count - 1]]
      laws.append(
        Law(
          name: "batchNormalised, branches \(branches), rectify \(rectify)",
          shapes: [shape, channels, channels],
          operation: {
            try $0[0].batchNormalised(
              scale: $0[1], shift: $0[2], epsilon: 1e-3, branches: branches, rectify: rectify
            ).output
          }
        ) {
          $0[0].normalised(
            $0[1], $0[2], epsilon: epsilon, branches: branches, rectify: rectify)
        })
    }
    let given: [([Int], Bool)] = [
      ([4, 3, 3, 5], false), ([2, 2, 2, 17], true), ([5, 3], true), ([1, 1, 1, 16], false),
    ]
    for (shape, rectify) in given {
      let channels = shape[shape.count - 1]
      let mean = (0..<channels).map { Float($0) * 0.25 - 0.5 }
      let variance = (0..<channels).map { 0.5 + Float($0) * 0.125 }
      laws.append(
        Law(
          name: "normalised, rectify \(rectify)", shapes: [shape, [channels], [channels]],
          operation: {
            try $0[0].normalised(
              mean: Tensor(mean, shape: [channels]), variance: Tensor(variance, shape: [channels]),
              scale: $0[1], shift: $0[2], epsilon: 1e-3, rectify: rectify)
          }
        ) {
          $0[0].normalised(
            $0[1], $0[2], epsilon: epsilon, rectify: rectify,
            given: (mean.map(Double.init), variance.map(Double.init)))
        })
    }
    return laws
  }()

  static let poolings: [Law] = {
    var laws: [Law] = []
    let cases: [([Int], Int, Int, Int)] = [
      ([2, 6, 6, 3], 2, 2, 0), ([1, 7, 5, 17], 3, 2, 1), ([1, 1, 1, 1], 1, 1, 0),
      ([2, 5, 5, 16], 3, 1, 1), ([1, 4, 4, 5], 3, 2, 2), ([1, 7, 7, 24], 3, 2, 1),
    ]
    for (shape, window, stride, padding) in cases {
      let sizes = "\(window), \(stride), \(padding)"
      laws.append(
        Law(
          name: "maximumPooled \(sizes)", shapes: [shape],
          operation: {
            try $0[0].maximumPooled(window: window, stride: stride, padding: padding)
          }
        ) { $0[0].pooled(window, stride, padding) { $0.max() ?? .nan } })
      laws.append(
        Law(
          name: "averagePooled \(sizes)", shapes: [shape], linear: [0],
          operation: {
            try $0[0].averagePooled(window: window, stride: stride, padding: padding)
          }
        ) { $0[0].pooled(window, stride, padding) { $0.reduce(0, +) / Double(window * window) } })
      laws.append(
        Law(
          name: "averagePooled inside \(sizes)", shapes: [shape], linear: [0],
          operation: {
            try $0[0].averagePooled(
              window: window, stride: stride, padding: padding, countingPadding: false)
          }
        ) { $0[0].pooled(window, stride, padding) { $0.reduce(0, +) / Double($0.count) } })
    }
    for shape in [[2, 3, 5, 7], [1, 1, 1, 1], [3, 28, 28, 16]] {
      let positions = Double(shape[1] * shape[2])
      laws.append(
        Law(
          name: "globallyAveraged", shapes: [shape], linear: [0],
          operation: { try $0[0].globallyAveraged() }
        ) { $0[0].sum([1, 2]).map { $0 / positions } })
    }
    return laws
  }()
}
