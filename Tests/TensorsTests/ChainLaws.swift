import Tensors

/// The laws of units in a chain: plain loops for each unit, and the derivative of the whole.
extension Law {
  struct ChainCase: Sendable {
    let image: [Int]
    /// The outputs and the window of each unit.
    let units: [(outputs: Int, window: Int)]
    var branches = 1
    var pooling: (isMaximum: Bool, window: Int, stride: Int, padding: Int)?

    /// The shapes of the images, and of weight, scale and shift of each unit.
    var shapes: [[Int]] {
      var shapes = [image]
      var inputs = image[3]
      for unit in units {
        let outputs = unit.outputs
        shapes += [[outputs, inputs, unit.window, unit.window], [outputs], [outputs]]
        inputs = unit.outputs
      }
      return shapes
    }
  }

  private static let chainCases: [ChainCase] = [
    // One unit, one channel; odd numbers of channels; several branches; each kind of pooling.
    ChainCase(image: [2, 3, 3, 1], units: [(1, 1)]),
    ChainCase(image: [3, 5, 4, 2], units: [(3, 3)]),
    ChainCase(image: [4, 5, 6, 3], units: [(5, 3), (17, 1)], branches: 2),
    ChainCase(image: [6, 4, 3, 1], units: [(4, 5)], branches: 3, pooling: (true, 2, 2, 0)),
    ChainCase(image: [2, 7, 5, 2], units: [(16, 3), (3, 1)], pooling: (true, 3, 2, 1)),
    ChainCase(
      image: [4, 6, 7, 1], units: [(5, 1), (6, 3)], branches: 2, pooling: (false, 3, 2, 1)),
    ChainCase(image: [2, 4, 4, 3], units: [(4, 1), (3, 3), (2, 1)], pooling: (false, 2, 1, 0)),
    // More images than parts of a batch, and no multiple of them.
    ChainCase(image: [19, 2, 3, 2], units: [(3, 1), (2, 1)]),
    ChainCase(image: [1, 5, 5, 33], units: [(1, 3)]),
  ]

  static let chains: [Law] = chainCases.map { c in
    Law(name: "convolutionChain \(c)", shapes: c.shapes, range: -1...1) { x in
      // Nothing lies so near to a rectifier's corner that a finite difference meets it only where the
      // normalised values are spread out, which a scale of about one does.
      var inputs = x
      for place in Swift.stride(from: 2, to: x.count, by: 3) { inputs[place] = try x[place] + 1.5 }
      return try inputs[0].convolutionChain(
        chainUnits(inputs),
        pooling: c.pooling.map {
          $0.isMaximum
            ? .maximum(window: $0.window, stride: $0.stride, padding: $0.padding)
            : .average(window: $0.window, stride: $0.stride, padding: $0.padding)
        }, epsilon: 1e-3, branches: c.branches
      ).output
    } reference: { x in
      var images = x[0]
      for unit in c.units.indices {
        let parameters = x[(1 + 3 * unit)..<(4 + 3 * unit)].map { $0 }
        images = images.convolution(parameters[0], padding: c.units[unit].window / 2).normalised(
          parameters[1].map { $0 + 1.5 }, parameters[2], epsilon: Double(Float(1e-3)),
          branches: c.branches, rectify: true)
      }
      guard let pooling = c.pooling else { return images }
      return images.pooled(pooling.window, pooling.stride, pooling.padding) { values in
        pooling.isMaximum
          ? values.max() ?? .nan
          : values.reduce(0, +) / Double(pooling.window * pooling.window)
      }
    }
  }
}
