import Tensors
import Testing

/// A row of what `Fixtures/make_operation_fixtures.py` wrote down of PyTorch.
struct OperationGolden: Decodable, Sendable, CustomTestStringConvertible {
  /// The operation, and what tells the row from others of it.
  let name: String
  let inputs, constants, gradients: [GoldenValues]
  let output, upstream: GoldenValues

  var testDescription: String { "\(name) of \(inputs.map(\.shape))" }

  static let all: [OperationGolden] = goldenRows("operations")

  typealias Operation = @Sendable (_ x: [Tensor], _ constants: [Tensor]) throws -> Tensor

  /// What each name of the file stands for.
  static let operations: [String: Operation] = [
    arithmetic, functions, reductions, movements, quantisers, products, places, chains,
  ].reduce([:]) { $0.merging($1) { one, _ in one } }

  private static let arithmetic: [String: Operation] = [
    "+": { x, _ in try x[0] + x[1] },
    "-": { x, _ in try x[0] - x[1] },
    "*": { x, _ in try x[0] * x[1] },
    "/": { x, _ in try x[0] / x[1] },
    "+ number": { x, _ in try x[0] + 1.75 },
    "- number": { x, _ in try x[0] - 1.75 },
    "* number": { x, _ in try x[0] * 1.75 },
    "/ number": { x, _ in try x[0] / 1.75 },
    "negative": { x, _ in try -x[0] },
  ]

  private static let functions: [String: Operation] = [
    "rectified": { x, _ in try x[0].rectified() },
    "tanh": { x, _ in try x[0].tanh() },
    "sigmoid": { x, _ in try x[0].sigmoid() },
    "exponential": { x, _ in try x[0].exponential() },
    "logarithm": { x, _ in try x[0].logarithm() },
    "squared": { x, _ in try x[0].squared() },
    "squareRoot": { x, _ in try x[0].squareRoot() },
    "absolute": { x, _ in try x[0].absolute() },
    "sine": { x, _ in try x[0].sine() },
    "cosine": { x, _ in try x[0].cosine() },
    "power": { x, _ in try x[0].power(2.5) },
    "clamped": { x, _ in try x[0].clamped(to: -0.5...1.25) },
    "maximum of two": { x, _ in try x[0].maximum(x[1]) },
    "minimum of two": { x, _ in try x[0].minimum(x[1]) },
    "softmax": { x, _ in try x[0].softmax() },
    "logSoftmax": { x, _ in try x[0].logSoftmax() },
    "meanSquaredError": { x, c in try x[0].meanSquaredError(c[0]) },
    "reparameterised": { x, c in try x[0].reparameterised(logVariance: x[1], noise: c[0]) },
  ]

  private static let reductions: [String: Operation] = [
    "sum": { x, _ in try x[0].sum() },
    "mean": { x, _ in try x[0].mean() },
    "sum over axes": { x, _ in try x[0].sum(axes: [0, 2]) },
    "mean over axes": { x, _ in try x[0].mean(axes: [1, 2]) },
    "globallyAveraged": { x, _ in try x[0].globallyAveraged() },
  ]

  private static let movements: [String: Operation] = [
    "reshaped": { x, _ in try x[0].reshaped([2, 3, 4]) },
    "transposed": { x, _ in try x[0].transposed() },
    "rows": { x, _ in try x[0].rows(1..<4) },
    "columns": { x, _ in try x[0].columns(1..<18) },
    "sliced": { x, _ in try x[0].sliced(axis: 1, range: 1..<8, stride: 3) },
    "gathered": { x, _ in try x[0].gathered(rows: [2, 0, 2, 2, 3]) },
    "concatenated": { x, _ in try .concatenated(x, axis: 1) },
    "broadcast": { x, _ in try x[0].broadcast(to: [4, 2, 5, 3]) },
    "cropped": { x, _ in try x[0].cropped(rows: 1..<4, columns: 2..<6) },
    "shifted": { x, _ in try x[0].shifted(down: 1, right: -2, value: 0.5) },
    "straightThrough": { x, _ in try x[0].straightThrough(to: x[1]) },
  ]

  private static let quantisers: [String: Operation] = [
    "rounded": { x, _ in try x[0].rounded() },
    "signs": { x, _ in try x[0].signs() },
    "finiteScalarQuantised": { x, _ in try x[0].finiteScalarQuantised(levels: [8, 7, 5, 4, 2]) },
    "rotated": { x, _ in try x[0].rotated(onto: x[1]) },
    "thinPlateGrid": { x, c in
      try x[0].thinPlateGrid(controlPoints: c[0], height: 4, width: 5)
    },
  ]

  private static let products: [String: Operation] = [
    "matrixProduct": { x, _ in try x[0].matrixProduct(x[1]) },
    "matrixProduct of transposed": { x, _ in
      try x[0].matrixProduct(x[1], transposingLeft: true, transposingRight: true)
    },
    "matrixProducts": { x, _ in try x[0].matrixProducts(x[1]) },
    "linear": { x, _ in try x[0].linear(weight: x[1], bias: x[2]) },
    "choleskySolved": { x, _ in
      let identity = Tensor(shape: [6, 6]) { target in
        for i in target.indices { target[i] = i % 7 == 0 ? 6 : 0 }
      }
      return try (x[0] + identity).choleskySolved(x[1])
    },
    "leastSquares": { x, _ in try x[0].leastSquares(x[1]).solution },
    "ridgeRegression": { x, _ in try x[0].ridgeRegression(x[1], penalty: 0.5) },
    "symmetricEigen values": { x, _ in try doubled(x[0]).symmetricEigen().values },
    "symmetricEigen vectors": { x, _ in try doubled(x[0]).symmetricEigen().vectors.absolute() },
    "singularValueDecomposition left": { x, _ in
      try x[0].singularValueDecomposition().left.absolute()
    },
    "singularValueDecomposition values": { x, _ in try x[0].singularValueDecomposition().values },
    "singularValueDecomposition right": { x, _ in
      try x[0].singularValueDecomposition().right.absolute()
    },
    "rotationAngles": { x, _ in try x[0].rotationAngles() },
  ]

  private static let places: [String: Operation] = [
    "argumentOfMaximum": { x, _ in try numbers(x[0].argumentOfMaximum()) },
    "nearestCodes": { x, _ in try numbers(x[0].nearestCodes(in: x[1])) },
  ]

  private static let chains: [String: Operation] = [
    "convolutionChain": { x, _ in try chain(x, pooling: nil) },
    "convolutionChain maximum": { x, _ in
      try chain(x, pooling: .maximum(window: 3, stride: 2, padding: 1))
    },
    "convolutionChain average": { x, _ in
      try chain(x, pooling: .average(window: 3, stride: 2, padding: 1))
    },
  ]

  private static func doubled(_ matrix: Tensor) throws -> Tensor {
    try matrix + matrix.transposed()
  }

  private static func numbers(_ places: [Int]) throws -> Tensor {
    try Tensor(places.map(Float.init), shape: [places.count])
  }

  private static func chain(_ x: [Tensor], pooling: ChainPooling?) throws -> Tensor {
    try x[0].convolutionChain(chainUnits(x), pooling: pooling, branches: 2).output
  }
}

/// The units whose weights, scales and shifts follow the images; the images keep their size.
func chainUnits(_ x: [Tensor]) -> [ChainUnit] {
  stride(from: 1, to: x.count, by: 3).map {
    ChainUnit(
      weight: x[$0], scale: x[$0 + 1], shift: x[$0 + 2], padding: x[$0].shape[2] / 2,
      path: "\($0 / 3)")
  }
}

@Suite("PyTorch's values and gradients of operations")
struct OperationGoldenTests {
  @Test("are there, each name of the file and of the table")
  func rowsAreThere() {
    #expect(Set(OperationGolden.all.map(\.name)) == Set(OperationGolden.operations.keys))
  }

  @Test("are ours", arguments: OperationGolden.all)
  func agrees(_ golden: OperationGolden) throws {
    let tape = Tape()
    let inputs = try golden.inputs.map { tape.watch(try $0.tensor) }
    let operation = try #require(OperationGolden.operations[golden.name])
    let output = try operation(inputs, golden.constants.map { try $0.tensor })
    #expect(output.shape == golden.output.shape)
    #expect(distance(output.scalars, golden.output.values) < 5e-6)
    #expect(output.isTracked == !golden.gradients.isEmpty)
    guard output.isTracked else { return }
    let gradients = try tape.gradients(of: (output * golden.upstream.tensor).sum())
    for (input, expected) in zip(inputs, golden.gradients) {
      // What an output does not depend on has no gradient here and zeros in PyTorch.
      let gradient = gradients[input] ?? .zeros(input.shape)
      #expect(gradient.shape == expected.shape)
      #expect(distance(gradient.scalars, expected.values) < 1e-5)
    }
  }
}
