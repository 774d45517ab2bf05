import Compute
import Tensors
import Testing

/// Where numbers end, and what has no derivative.
@Suite("Numerical operations at their edges")
struct NumericEdgeTests {
  /// The gradient of the sum of `operation` at `values`, as one row.
  private func gradient(
    _ values: [Float], _ operation: (Tensor) throws -> Tensor
  ) throws -> [Float] {
    let tape = Tape()
    let x = tape.watch(try Tensor(values, shape: [1, values.count]))
    return try #require(try tape.gradients(of: operation(x).sum())[x]).scalars
  }

  private func row(_ values: Float...) throws -> Tensor {
    try Tensor(values, shape: [1, values.count])
  }

  @Test("far logits cost what they should, and nothing overflows")
  func bernoulli() throws {
    let logits = try Tensor([500, -500, 500, -500, 0], shape: [5, 1])
    let targets = try Tensor([1, 0, 0, 1, 0.5], shape: [5, 1])
    let loss = try logits.bernoulliNegativeLogLikelihood(of: targets).scalars
    #expect(Array(loss[..<4]) == [0, 0, 500, 500] && abs(loss[4] - 0.6931472) < 1e-7)
    // Near certainty counts too: softplus(−20) = 2e-9 is not lost beside the logit.
    let sure = try row(20).bernoulliNegativeLogLikelihood(of: row(1)).item()
    #expect(abs(sure - 2.0611537e-9) < 1e-14)
  }

  @Test("a target far from its mean has a likelihood all the same")
  func discretisedLogistic() throws {
    // 0.5 / 255 either side of the middle bin, 50 scales out: −log(σ(a) − σ(b)) ≈ −log(e^b − e^a).
    let tape = Tape()
    let mean = tape.watch(try row(0.5 + 50 * 0.01))
    let scale = tape.watch(try row(-4.6051702))
    let loss = try mean.discretisedLogisticNegativeLogLikelihood(
      of: row(127.5 / 255), logScale: scale)
    // a = −49.80392, b = −50.19608.
    #expect(abs(try loss.item() - 50.9295) < 1e-3)
    let gradients = try tape.gradients(of: loss)
    #expect(abs(try #require(gradients[mean]).item() - 100) < 1e-2)
    #expect(abs(try #require(gradients[scale]).item() + 49.0) < 0.1)
    // All bins of one distribution sum to one.
    let levels = 16
    let bins = Tensor(shape: [levels, 1]) { t in
      for i in 0..<levels { t[i] = Float(i) / Float(levels - 1) }
    }
    let each = try Tensor.filled(0.3, shape: [levels, 1]).discretisedLogisticNegativeLogLikelihood(
      of: bins, logScale: .filled(-2, shape: [levels, 1]), levels: levels)
    #expect(abs(try (-each).exponential().sum().item() - 1) < 1e-6)
  }

  @Test("a divergence from itself is zero, to the last place")
  func divergences() throws {
    let (mean, s) = (try row(1.5, -2, 30), try row(0.3, -7, 5))
    #expect(try mean.gaussianDivergence(logVariance: s, fromMean: mean, logVariance: s).item() == 0)
    #expect(try row(0, 0).gaussianDivergence(logVariance: row(0, 0)).item() == 0)
    #expect(try mean.categoricalDivergence(fromLogits: mean).item() == 0)
    // ½ (e^s − 1 − s) ≈ ¼ s² where the naive difference has no digits left.
    let small = try row(0).gaussianDivergence(logVariance: row(1e-3)).item()
    #expect(abs(small - 2.5008e-7) < 2e-10)
    let certain = try row(1000, 0, -1000)
    #expect(try certain.entropy().item() == 0)
    #expect(try gradient([1000, 0, -1000]) { try $0.entropy() } == [0, 0, 0])
    #expect(try certain.divergence(ofTargets: row(1, 0, 0)).item() == 0)
    #expect(try certain.divergence(ofTargets: row(0, 1, 0)).item() == 1000)
    #expect(
      try gradient([1000, 0, -1000]) { try $0.divergence(ofTargets: row(0, 1, 0)) } == [1, -1, 0])
  }

  @Test("masked values take no part, whatever they are")
  func masks() throws {
    let x = try row(1, .nan, 1, .infinity)
    let mask = try row(1, 0, 1, 0)
    #expect(try x.softmax(mask: mask).scalars == [0.5, 0, 0.5, 0])
    #expect(abs(try x.logSumExp(axis: 1, mask: mask).item() - 1.6931472) < 1e-6)
    #expect(
      try gradient([1, 7, 1, 9]) { try $0.logSumExp(axis: 1, mask: mask) } == [0.5, 0, 0.5, 0])
    let far = try row(1000, 999, -1000).logSumExp(axis: 1).item()
    #expect(abs(far - 1000.3133) < 1e-3)
    #expect(try row(-.infinity, 2).logSumExp(axis: 1).item() == 2)
    #expect(try !row(1, .nan).logSumExp(axis: 1).isFinite)
  }

  @Test("zero vectors and kinks have the derivatives that are told")
  func kinks() throws {
    #expect(try gradient([0, 0]) { try $0.euclideanNormalised(epsilon: 0.5) } == [2, 2])
    #expect(try Tensor.zeros([2, 3]).euclideanNormalised().scalars == [0, 0, 0, 0, 0, 0])
    // √1e-8 / (1 + 1e-8)
    for slope in try gradient([0, 0], { try $0.squashed() }) { #expect(abs(slope - 1e-4) < 1e-9) }
    #expect(try gradient([0, 0]) { try $0.complexModulus() } == [0, 0])
    #expect(try row(3e30, 4e30).complexModulus().scalars == [5e30])
    #expect(try gradient([0, 2, 2, 1]) { try $0.maximum(axis: 1) } == [0, 1, 0, 0])
    #expect(try gradient([-1, 0, 1]) { try $0.leakyRectified(slope: 0.5) } == [0.5, 0.5, 1])
    #expect(try gradient([-1, 2, 1]) { try $0.maximum(row(1, 2, 0)) } == [0, 1, 1])
    #expect(try gradient([-1, 2, 1]) { try $0.minimum(row(1, 2, 0)) } == [1, 1, 0])
    #expect(try gradient([-1, 0, 1, 2, 3]) { try $0.clamped(to: 0...2) } == [0, 1, 1, 1, 0])
    #expect(try gradient([0]) { try $0.power(2) } == [0])
    #expect(try gradient([0, 3]) { try $0.power(0) } == [0, 0])
    #expect(try row(-100, 100).exponentialLinear().scalars == [-1, 100])
  }

  @Test(
    "what is not a number stays visible",
    arguments: [
      "softplus", "leakyRectified", "exponentialLinear", "clamped", "maximum", "minimum",
      "maximum of another", "maximum along an axis", "gated", "gate", "squashed",
      "euclideanNormalised", "bernoulli", "entropy", "complexModulus", "sine", "power",
      "discretisedLogistic", "gaussianDivergence", "rounded", "signs", "finiteScalarQuantised",
    ])
  func notANumber(name: String) throws {
    let (bad, good) = (
      try Tensor([1, .nan, 2, 3], shape: [2, 2]), Tensor.filled(0.5, shape: [2, 2])
    )
    let result =
      switch name {
      case "softplus": try bad.softplus()
      case "leakyRectified": try bad.leakyRectified()
      case "exponentialLinear": try bad.exponentialLinear()
      case "clamped": try bad.clamped(to: 0...1)
      case "maximum": try bad.maximum(good)
      case "minimum": try bad.minimum(good)
      case "maximum of another": try good.maximum(bad)
      case "maximum along an axis": try bad.maximum(axis: 1)
      case "gated": try bad.gated(by: good)
      case "gate": try good.gated(by: bad)
      case "squashed": try bad.squashed()
      case "euclideanNormalised": try bad.euclideanNormalised()
      case "bernoulli": try bad.bernoulliNegativeLogLikelihood(of: good)
      case "entropy": try bad.entropy()
      case "complexModulus": try bad.complexModulus()
      case "sine": try bad.sine()
      case "power": try bad.power(2)
      case "rounded": try bad.rounded()
      case "signs": try bad.signs()
      case "finiteScalarQuantised": try bad.finiteScalarQuantised(levels: [3, 4])
      case "discretisedLogistic":
        try bad.discretisedLogisticNegativeLogLikelihood(of: good, logScale: good)
      default: try good.gaussianDivergence(logVariance: bad)
      }
    #expect(!result.isFinite)
  }

  @Test("dropout keeps the mean, repeats with its generator, and drops the gradient alike")
  func dropout() throws {
    var generator = Generator(seed: 9)
    let tape = Tape()
    let x = tape.watch(Tensor.filled(2, shape: [100, 101]))
    let y = try x.dropout(rate: 0.3, using: &generator)
    let kept = y.scalars.filter { $0 != 0 }
    #expect(abs(Double(kept.count) / 10100 - 0.7) < 0.015)
    #expect(kept.allSatisfy { abs($0 - 2 / 0.7) < 1e-6 })
    let slopes = try #require(try tape.gradients(of: y.sum())[x]).scalars
    #expect(zip(slopes, y.scalars).allSatisfy { abs($0 * 2 - $1) < 1e-6 })
    var again = Generator(seed: 9)
    #expect(bits(try x.detached.dropout(rate: 0.3, using: &again)) == bits(y))
    #expect(try x.detached.dropout(rate: 0, using: &again).scalars == x.scalars)
  }

  @Test("a draw has the mean and the deviation it was told, and repeats with its generator")
  func reparameterised() throws {
    var generator = Generator(seed: 10)
    let (mean, s) = (
      Tensor.filled(3, shape: [200, 100]), Tensor.filled(1.3862944, shape: [200, 100])
    )
    let draw = try mean.reparameterised(logVariance: s, using: &generator)
    let centre = try draw.mean().item()
    let spread = try (draw - 3).squared().mean().squareRoot().item()
    #expect(abs(centre - 3) < 0.05 && abs(spread - 2) < 0.05)
    var again = Generator(seed: 10)
    let scaled = try mean.reparameterised(logVariance: s, factor: 0.5, using: &again)
    let halves = try (draw - 3) * 0.5 + 3
    #expect(distance(scaled.scalars, halves.scalars.map(Double.init)) < 1e-6)
  }

  @Test("sums have the same bits for any number of threads", arguments: [1, 2])
  func threads(count: Int) async throws {
    let before = Parallel.threadCount
    defer { Parallel.setThreadCount(before) }
    var generator = Generator(seed: 11)
    let logits = Tensor.normal([64, 784], using: &generator)
    let targets = Tensor.uniform([64, 784], in: 0...1, using: &generator)
    let codes = Tensor.normal([128, 784], using: &generator)
    Parallel.setThreadCount(1)
    let loss = bits(try logits.bernoulliNegativeLogLikelihood(of: targets))
    let places = try logits.nearestCodes(in: codes)
    Parallel.setThreadCount(count)
    #expect(bits(try logits.bernoulliNegativeLogLikelihood(of: targets)) == loss)
    #expect(try logits.nearestCodes(in: codes) == places)
  }

  @Test("a training step with these operations asks the system for no memory")
  func noAllocations() async {
    await #expect(processExitsWith: .success) {
      var generator = Generator(seed: 1)
      let images = Tensor.uniform([32, 196], in: 0...1, using: &generator)
      let weights = [
        Tensor.normal([32, 196], deviation: 0.1, using: &generator),
        Tensor.normal([196, 16], deviation: 0.1, using: &generator),
      ]
      let codebook = Tensor.normal([64, 8], using: &generator)
      func step() throws {
        let tape = Tape()
        let leaves = weights.map { tape.watch($0) }
        let codes = tape.watch(codebook)
        let h = try images.linear(weight: leaves[0])
        let (mean, s) = (try h.columns(0..<16), try h.columns(16..<32).clamped(to: -7...7))
        let divergence = try mean.gaussianDivergence(logVariance: s)
        let z = try mean.reparameterised(logVariance: s, using: &generator).reshaped([64, 8])
        let quantised = try codes.gathered(rows: z.nearestCodes(in: codes))
        let passed = try quantised.straightThrough(to: z).reshaped([32, 16])
        let loss = try passed.linear(weight: leaves[1])
          .bernoulliNegativeLogLikelihood(of: images)
        let total = try (loss + divergence).mean() + quantised.meanSquaredError(z)
        let gradients = try tape.gradients(of: total)
        precondition(leaves.allSatisfy { gradients[$0]?.isFinite == true })
        precondition(gradients[codes]?.isFinite == true)
      }
      for _ in 0..<3 { try step() }
      let before = BufferPool.shared.statistics
      for _ in 0..<20 { try step() }
      precondition(BufferPool.shared.statistics == before)
    }
  }
}
