import Evaluation
import Glibc
import Tensors
import Testing

@Suite("Measures of discrete latents")
struct DiscreteMeasuresTests {
  @Test("count codes over all images, not batch by batch")
  func usage() {
    var generator = Generator(seed: 1)
    // A few codes a batch, others in the next: no batch shows what the whole does.
    let batches = (0..<8).map { batch in
      (0..<50).map { _ in batch * 4 + generator.integer(in: 0...3) }
    }
    var usage = CodeUsage(codeCount: 40)
    #expect(usage.perplexity == 0 && usage.inUse == 0)
    for batch in batches { usage.add(batch) }
    let all = batches.joined()
    var expected = 0.0
    for code in 0..<40 {
      let share = Double(all.count { $0 == code }) / 400
      if share > 0 { expected -= share * log(share) }
    }
    #expect(abs(usage.perplexity - exp(expected)) < 1e-9 && usage.perplexity > 28)
    #expect(usage.total == 400 && usage.inUse == Set(all).count)
    var one = CodeUsage(codeCount: 40)
    one.add(batches[0])
    #expect(one.perplexity <= 4)
  }

  @Test("tell codes in use from codes that matter")
  func active() {
    var usage = CodeUsage(codeCount: 4)
    usage.add([Int](repeating: 2, count: 995) + [0, 0, 0, 0, 1])
    #expect(usage.inUse == 3 && usage.active == 1)
    #expect(usage.ranking == [2, 0, 1, 3])
    #expect(abs(usage.shares.reduce(0, +) - 1) < 1e-12)
    var even = CodeUsage(codeCount: 7)
    even.add(Array(0..<7))
    #expect(abs(even.perplexity - 7) < 1e-9 && even.active == 7)
  }

  @Test("give errors by image, as a share of the variance, and in decibels")
  func reconstruction() throws {
    let originals = try Tensor([0, 1, 0.5, 0.5, 1, 1], shape: [3, 1, 2, 1])
    let found = try Tensor([0.1, 1, 0.5, 0.1, 1, 1], shape: [3, 1, 2, 1])
    let errors = try ReconstructionScore.errors(of: found, from: originals)
    for (got, want) in zip(errors, [0.005, 0.08, 0]) { #expect(abs(got - want) < 1e-7) }
    let score = ReconstructionScore(errors: errors, variance: 0.1, protocolText: "three")
    #expect(abs(score.meanSquaredError - 0.085 / 3) < 1e-7)
    #expect(abs(score.share - 0.85 / 3) < 1e-6)
    #expect(abs(score.peakSignalToNoise + 10 * log10(0.085 / 3)) < 1e-5)
    #expect(score.interval.contains(score.share) && score.interval.upperBound > 0.5)
    #expect(throws: TensorError.self) {
      try ReconstructionScore.errors(of: found, from: originals.rows(0..<2))
    }
    #expect(throws: TensorError.self) {
      try ReconstructionScore.errors(of: .zeros([0, 2]), from: .zeros([0, 2]))
    }
  }
}
