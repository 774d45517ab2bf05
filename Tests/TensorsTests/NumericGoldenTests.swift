import Tensors
import Testing

/// A row of what `Fixtures/make_numeric_fixtures.py` wrote down of PyTorch.
struct NumericGolden: Decodable, Sendable, CustomTestStringConvertible {
  let operation: String
  let inputs, constants, gradients: [GoldenValues]
  let options: [String: Float]
  let output, upstream: GoldenValues

  var testDescription: String { "\(operation) of \(inputs.map(\.shape))" }

  static let all: [NumericGolden] = goldenRows("numeric")

  /// The operation of the row's name.
  func run(_ x: [Tensor]) throws -> Tensor {
    let constants = try constants.map { try $0.tensor }
    func option(_ name: String) throws -> Float { try #require(options[name]) }
    switch operation {
    case "softplus": return try x[0].softplus()
    case "leakyRectified": return try x[0].leakyRectified(slope: option("slope"))
    case "exponentialLinear": return try x[0].exponentialLinear(alpha: option("alpha"))
    case "gated": return try x[0].gated(by: x[1])
    case "squashed": return try x[0].squashed()
    case "euclideanNormalised": return try x[0].euclideanNormalised()
    case "maximum": return try x[0].maximum(axis: Int(option("axis")))
    case "complexModulus": return try x[0].complexModulus()
    case "scatterAdded": return try x[0].scatterAdded(rows: [2, 0, 2, 3, 2, 0], count: 4)
    case "logSumExp": return try x[0].logSumExp(axis: 1, mask: constants[0])
    case "softmax": return try x[0].softmax(mask: constants[0])
    case "bernoulli": return try x[0].bernoulliNegativeLogLikelihood(of: constants[0])
    case "gaussian":
      return try x[0].gaussianNegativeLogLikelihood(of: constants[0], logVariance: x[1])
    case "gaussianFixed":
      return try x[0].gaussianNegativeLogLikelihood(
        of: constants[0], deviation: option("deviation"))
    case "discretisedLogistic":
      return try x[0].discretisedLogisticNegativeLogLikelihood(of: constants[0], logScale: x[1])
    case "gaussianDivergence": return try x[0].gaussianDivergence(logVariance: x[1])
    case "gaussianDivergenceFrom":
      return try x[0].gaussianDivergence(logVariance: x[1], fromMean: x[2], logVariance: x[3])
    case "entropy": return try x[0].entropy()
    case "categoricalDivergence": return try x[0].categoricalDivergence(fromLogits: x[1])
    case "divergence": return try x[0].divergence(ofTargets: constants[0])
    case "marginalBound": return try x[0].marginalBound(of: x[1])
    case "solved": return try x[0].solved(x[1])
    case "inverse": return try x[0].inverse()
    case "determinant": return try x[0].determinant()
    case "nearestRotations": return try x[0].nearestRotations()
    default:
      Issue.record("no operation for the row \(operation)")
      return x[0]
    }
  }
}

@Suite("PyTorch's values and gradients of numerical operations")
struct NumericGoldenTests {
  @Test("are there")
  func rowsAreThere() { #expect(NumericGolden.all.count == 27) }

  @Test("are ours", arguments: NumericGolden.all)
  func agrees(_ golden: NumericGolden) throws {
    let tape = Tape()
    let inputs = try golden.inputs.map { tape.watch(try $0.tensor) }
    let output = try golden.run(inputs)
    #expect(output.shape == golden.output.shape)
    #expect(distance(output.scalars, golden.output.values) < 2e-6)
    let gradients = try tape.gradients(of: (output * golden.upstream.tensor).sum())
    for (input, expected) in zip(inputs, golden.gradients) {
      #expect(gradients[input]?.shape == expected.shape)
      #expect(distance(gradients[input]?.scalars ?? [], expected.values) < 5e-6)
    }
  }
}
