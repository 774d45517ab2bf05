import Compute
import Testing

@testable import Tensors

/// Rounded to the nearest number with 8 bits of mantissa, in the middle to the even one.
private func rounded(_ value: Float) -> Float {
  let unit = Float(sign: .plus, exponent: value.exponent - 7, significand: 1)
  return value == 0 ? 0 : (value / unit).rounded(.toNearestOrEven) * unit
}

extension Tensor {
  fileprivate var rounded: Tensor {
    let values = scalars
    return Tensor(shape: shape) { target in
      for i in target.indices { target[i] = TensorsTests.rounded(values[i]) }
    }
  }
}

/// An operation with two factors, in a precision and by plain loops.
private struct Product: Sendable, CustomTestStringConvertible {
  let name: String
  let shapes: [[Int]]
  let operation: @Sendable ([Tensor], Precision) throws -> Tensor
  let reference: @Sendable ([Naive]) -> Naive
  var testDescription: String { "\(name) of \(shapes)" }

  func inputs(seed: UInt64) -> [Tensor] {
    var generator = Generator(seed: seed)
    return shapes.map { .uniform($0, in: -2...2, using: &generator) }
  }

  /// The value, and the gradients of its inner product with `direction`.
  func run(_ inputs: [Tensor], _ precision: Precision, direction: Tensor) throws -> [Tensor] {
    let tape = Tape()
    let leaves = inputs.map { tape.watch($0) }
    let output = try operation(leaves, precision)
    let gradients = try tape.gradients(of: (output * direction).sum())
    return [output.detached] + leaves.compactMap { gradients[$0] }
  }

  func direction(seed: UInt64) throws -> Tensor {
    var generator = Generator(seed: seed)
    return .uniform(
      try operation(inputs(seed: 1), .float32).shape, in: -1...1, using: &generator)
  }

  static func convolution(
    _ image: [Int], _ weight: [Int], stride: Int = 1, padding: Int = 0, dilation: Int = 1,
    groups: Int = 1, bias: Bool = false
  ) -> Product {
    Product(
      name: "convolution", shapes: [image, weight] + (bias ? [[weight[0]]] : []),
      operation: {
        try $0[0].convolution(
          weight: $0[1], bias: bias ? $0[2] : nil, stride: stride, padding: padding,
          dilation: dilation, groups: groups, precision: $1)
      }
    ) {
      $0[0].convolution(
        $0[1], bias ? $0[2] : nil, stride: stride, padding: padding, dilation: dilation,
        groups: groups)
    }
  }

  static func product(_ left: [Int], _ right: [Int], _ turns: (Bool, Bool)) -> Product {
    Product(
      name: "matrixProduct", shapes: [left, right],
      operation: {
        try $0[0].matrixProduct(
          $0[1], transposingLeft: turns.0, transposingRight: turns.1, precision: $1)
      }
    ) {
      (turns.0 ? $0[0].transposed : $0[0]).product(turns.1 ? $0[1].transposed : $0[1])
    }
  }

  static func linear(_ rows: Int, _ inputs: Int, _ outputs: Int) -> Product {
    Product(
      name: "linear", shapes: [[rows, inputs], [outputs, inputs], [outputs]],
      operation: { try $0[0].linear(weight: $0[1], bias: $0[2], precision: $1) }
    ) {
      $0[0].product($0[1].transposed).with($0[2], +)
    }
  }

  static let small: [Product] = [
    .convolution([1, 1, 1, 1], [1, 1, 1, 1]),
    .convolution([2, 5, 4, 3], [7, 3, 3, 3], padding: 1, bias: true),
    .convolution([2, 9, 7, 5], [6, 5, 3, 2], stride: 2, padding: 1),
    .convolution([3, 8, 8, 4], [6, 2, 3, 3], padding: 2, dilation: 2, groups: 2),
    .convolution([2, 7, 7, 6], [6, 1, 3, 3], padding: 1, groups: 6, bias: true),
    .convolution([2, 8, 8, 1], [24, 1, 5, 5], padding: 2),
    .convolution([9, 4, 4, 24], [48, 24, 3, 3], padding: 1),
    .convolution([2, 6, 6, 24], [17, 24, 1, 1], bias: true),
    .product([1, 1], [1, 1], (false, false)),
    .product([3, 5], [5, 7], (false, false)),
    .product([33, 17], [17, 31], (false, false)),
    .product([17, 33], [17, 31], (true, false)),
    .product([33, 17], [31, 17], (false, true)),
    .product([17, 33], [31, 17], (true, true)),
    .linear(5, 7, 3),
    Product(
      name: "transposedConvolution", shapes: [[2, 5, 4, 6], [6, 7, 4, 4], [7]],
      operation: {
        try $0[0].transposedConvolution(
          weight: $0[1], bias: $0[2], stride: 2, padding: 1, precision: $1)
      }
    ) {
      $0[0].transposedConvolution($0[1], $0[2], stride: 2, padding: 1)
    },
  ]

  /// Those that take other routes, or are cut into parts; plain loops would take long.
  static let large: [Product] = [
    .convolution([17, 8, 8, 96], [97, 96, 1, 1], bias: true),
    .convolution([17, 16, 16, 64], [32, 64, 3, 3], padding: 1),
    .product([16, 64], [64, 3000], (false, false)),
    .product([300, 64], [130, 64], (false, true)),
    .product([64, 300], [64, 130], (true, false)),
    .product([64, 300], [130, 64], (true, true)),
    .linear(130, 150, 128),
  ]
}

extension Naive {
  /// Every value of the source added to the places that its window writes.
  fileprivate func transposedConvolution(
    _ weight: Naive, _ bias: Naive, stride: Int, padding: Int
  ) -> Naive {
    let (window, outputs) = (weight.shape[2], weight.shape[1])
    let sides = [1, 2].map { (shape[$0] - 1) * stride - 2 * padding + window }
    var result = Naive([shape[0], sides[0], sides[1], outputs]) { bias.values[$0[3]] }
    for place in Naive.places(shape) {
      for tap in Naive.places([outputs, window, window]) {
        let (row, column) = (
          place[1] * stride - padding + tap[1], place[2] * stride - padding + tap[2]
        )
        guard (0..<sides[0]).contains(row), (0..<sides[1]).contains(column) else { continue }
        let flat = ((place[0] * sides[0] + row) * sides[1] + column) * outputs + tap[0]
        result.values[flat] += self[place] * weight[[place[3]] + tap]
      }
    }
    return result
  }
}

@Suite("Half the bits", .enabled(if: Precision.bfloat16.isAvailable))
struct PrecisionTests {
  @Test("are in the factors, and in nothing else", arguments: Product.small)
  private func values(_ product: Product) throws {
    let inputs = product.inputs(seed: 1)
    let value = try product.operation(inputs, .bfloat16)
    // The bias is added, not multiplied, and keeps its bits.
    let factors = inputs.enumerated().map { $0 < 2 ? $1.rounded : $1 }
    let reference = product.reference(factors.map { Naive($0) })
    #expect(value.shape == reference.shape)
    #expect(distance(value.scalars, reference.values) < 1e-5)
    // The rounding is there: the same loops on the whole numbers are further away.
    guard value.count > 1 else { return }
    let whole = product.reference(inputs.map { Naive($0) })
    #expect(distance(value.scalars, whole.values) > 1e-4)
  }

  @Test("are in the factors of both derivatives", arguments: Product.small + Product.large)
  private func gradients(_ product: Product) throws {
    let inputs = product.inputs(seed: 2)
    let direction = try product.direction(seed: 3)
    let half = try product.run(inputs, .bfloat16, direction: direction)
    // A derivative is a product of the other factor and the gradient, rounded both.
    let factors = inputs.enumerated().map { $0 < 2 ? $1.rounded : $1 }
    let reference = try product.run(factors, .float32, direction: direction.rounded)
    let single = try product.run(inputs, .float32, direction: direction)
    for place in 0..<inputs.count + 1 {
      let own = half[place].scalars
      // The gradient of a bias is a sum of what came, as it came.
      let twin = place < 3 ? reference : single
      #expect(distance(own, twin[place].scalars.map(Double.init)) < 1e-5, "input \(place - 1)")
      #expect(distance(own, single[place].scalars.map(Double.init)) < 0.02)
    }
  }

  @Test(
    "come out the same on every run and on any number of threads",
    arguments: Product.small + Product.large)
  private func bits(_ product: Product) throws {
    let inputs = product.inputs(seed: 4)
    let direction = try product.direction(seed: 5)
    let first = try product.run(inputs, .bfloat16, direction: direction).map(\.scalars)
    let count = Parallel.threadCount
    for threads in [1, 2, count, count] {
      Parallel.setThreadCount(threads)
      defer { Parallel.setThreadCount(count) }
      #expect(try product.run(inputs, .bfloat16, direction: direction).map(\.scalars) == first)
    }
  }

  @Test("of a chain of units are those of its operations one by one, near the whole ones")
  func chain() throws {
    var generator = Generator(seed: 6)
    let images = Tensor.uniform([10, 9, 9, 3], in: -1...1, using: &generator)
    let widths = [(3, 24, 5), (24, 96, 1), (96, 100, 1), (100, 64, 3)]
    let units = widths.map { inputs, outputs, window in
      ChainUnit(
        weight: .normal(
          [outputs, inputs, window, window],
          deviation: 1 / Float(inputs * window * window).squareRoot(), using: &generator),
        scale: .uniform([outputs], in: 0.5...1.5, using: &generator),
        shift: .uniform([outputs], in: -0.5...0.5, using: &generator),
        padding: (window - 1) / 2, path: "\(window)")
    }
    let direction = Tensor.uniform([10, 5, 5, 64], in: -1...1, using: &generator)
    func run(_ precision: Precision, isSplit: Bool = false) throws -> [[Float]] {
      let tape = Tape()
      let image = tape.watch(images)
      let watched = units.map {
        ChainUnit(
          weight: tape.watch($0.weight), scale: tape.watch($0.scale), shift: tape.watch($0.shift),
          padding: $0.padding, path: $0.path)
      }
      var output = image
      if isSplit {
        for unit in watched {
          output = try output.convolution(
            weight: unit.weight, padding: unit.padding, precision: precision
          ).batchNormalised(scale: unit.scale, shift: unit.shift, branches: 2, rectify: true).output
        }
        output = try output.averagePooled(window: 3, stride: 2, padding: 1)
      } else {
        output = try image.convolutionChain(
          watched, pooling: .average(window: 3, stride: 2, padding: 1), branches: 2,
          precision: precision
        ).output
      }
      let gradients = try tape.gradients(of: (output * direction).sum())
      let leaves = [image] + watched.flatMap { [$0.weight, $0.scale, $0.shift] }
      return [output.scalars] + leaves.map { gradients[$0]?.scalars ?? [] }
    }
    let half = try run(.bfloat16)
    #expect(try run(.bfloat16) == half)
    /// The greatest distance in units of length: rectifiers near zero change sides.
    func expect(_ others: [[Float]], within value: Double, _ gradient: Double) {
      for (place, (a, b)) in zip(half, others).enumerated() {
        let length = b.reduce(0.0) { $0 + Double($1 * $1) }.squareRoot()
        let apart = zip(a, b).reduce(0.0) { $0 + Double(($1.0 - $1.1) * ($1.0 - $1.1)) }
          .squareRoot()
        #expect(apart < (place == 0 ? value : gradient) * length, "\(place): \(apart / length)")
      }
    }
    expect(try run(.bfloat16, isSplit: true), within: 1e-3, 0.02)
    expect(try run(.float32), within: 0.02, 0.2)
    // The rounding is there.
    #expect(try zip(half[0], run(.float32)[0]).contains { abs($0 - $1) > 1e-4 })
  }

  @Test("keep what is not a number or not finite")
  func notFinite() throws {
    for bits: UInt32 in [0x7f80_0001, 0x7fff_ffff, 0xff80_0001, 0x7fc0_0000] {
      // In the vectors of the loop and behind them.
      for place in [0, 5, 16] {
        var values = [Float](repeating: 1, count: 17)
        values[place] = Float(bitPattern: bits)
        let row = try Tensor(values, shape: [1, 17])
        let ones = Tensor.filled(1, shape: [17, 1])
        #expect(try row.matrixProduct(ones, precision: .bfloat16).item().isNaN)
      }
    }
    let row = try Tensor([.infinity, 1], shape: [1, 2])
    let sum = try row.matrixProduct(.filled(1, shape: [2, 1]), precision: .bfloat16)
    #expect(try sum.item() == .infinity)
  }
}
