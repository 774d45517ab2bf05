import Evaluation
import Glibc
import Tensors
import Testing

@Suite struct CalibrationTests {
  /// Truths whose errors are normal, `factor` times as large as is said.
  private static func drawn(
    factor: Float, examples: Int = 4000, seed: UInt64 = 1
  ) throws -> Calibration {
    var generator = Generator(seed: seed)
    let shape = [examples, 5]
    let deviations = Tensor.uniform(shape, in: 0.2...2, using: &generator)
    let means = Tensor.normal(shape, using: &generator)
    let noise = Tensor.normal(shape, deviation: factor, using: &generator)
    return try Calibration(
      truths: means + deviations * noise, means: means, deviations: deviations)
  }

  @Test(arguments: [0.5, 1, 2] as [Float])
  func slopeIsTheFactorOfTheVariance(factor: Float) throws {
    let found = try Self.drawn(factor: factor)
    let truth = Double(factor * factor)
    #expect(abs(found.slope - truth) < 0.06 * truth)
    #expect(found.slopeInterval.contains(truth))
    #expect(abs(found.scoreDeviation - Double(factor)) < 0.02 * Double(factor))
  }

  @Test func coverageIsNominalOnlyWhenCalibrated() throws {
    let calibrated = try Self.drawn(factor: 1)
    for (nominal, observed) in zip([0.1, 0.5, 0.9], calibrated.coverage(at: [0.1, 0.5, 0.9])) {
      #expect(abs(nominal - observed) < 0.015)
    }
    #expect(calibrated.coverageError < 0.01)
    // Twice the errors: the interval of 68.27 % covers what ±½σ would.
    let sure = try Self.drawn(factor: 2)
    #expect(
      abs(sure.coverage(at: [erf(1 / 2.0.squareRoot())])[0] - erf(0.5 / 2.0.squareRoot())) < 0.02)
    #expect(sure.coverageError > 0.15)
  }

  @Test func binsAndSlopeAreTheNaiveOnes() throws {
    // Ten variances 1...10, one a bin, with squared errors 2, 4, …, 20.
    let variances = (1...10).map { Float($0) }
    let found = try Calibration(
      truths: Tensor(variances.map { (2 * $0).squareRoot() }, shape: [2, 5]),
      means: .zeros([2, 5]), deviations: Tensor(variances.map { $0.squareRoot() }, shape: [2, 5]))
    for (index, bin) in found.bins.enumerated() {
      #expect(abs(bin.predicted - Double(index + 1)) < 1e-5)
      #expect(abs(bin.observed - 2 * Double(index + 1)) < 1e-5)
    }
    #expect(abs(found.slope - 2) < 1e-6)
    #expect(abs(found.scoreDeviation - 2.0.squareRoot()) < 1e-6)
  }

  @Test func standardErrorIsThatOfRepeatedDraws() throws {
    let slopes = try (1...60).map { try Self.drawn(factor: 1, examples: 400, seed: $0).slope }
    let mean = slopes.reduce(0, +) / 60
    let spread = (slopes.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 59).squareRoot()
    let said = try Self.drawn(factor: 1, examples: 400).slopeError
    #expect(said > 0.7 * spread && said < 1.4 * spread)
  }

  @Test func badInputIsRefused() throws {
    let values = Tensor.filled(1, shape: [4, 5])
    #expect(throws: TensorError.self) {
      try Calibration(truths: values, means: values, deviations: .filled(1, shape: [4, 4]))
    }
    #expect(throws: TensorError.self) {
      try Calibration(truths: values, means: values, deviations: .zeros([4, 5]))
    }
    #expect(throws: TensorError.self) {
      try Calibration(truths: values, means: .filled(.nan, shape: [4, 5]), deviations: values)
    }
    #expect(throws: TensorError.self) {
      try Calibration(
        truths: .zeros([0, 5]), means: .zeros([0, 5]), deviations: .filled(1, shape: [0, 5]))
    }
  }
}
