import Testing

@testable import Tensors

@Suite("Generator")
struct GeneratorTests {
  /// The known answers published with Random123 for philox4x32 with ten rounds.
  @Test("is Philox 4x32-10")
  func knownAnswers() {
    let ones = UInt32.max
    #expect(
      Generator.philox(.zero, key: 0)
        == SIMD4(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
    #expect(
      Generator.philox(SIMD4(ones, ones, ones, ones), key: .max)
        == SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
    #expect(
      Generator.philox(
        SIMD4(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344), key: 0x299f_31d0_a409_3822)
        == SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1))
  }

  @Test("counts through the blocks of its key")
  func stream() {
    var generator = Generator(seed: 7)
    let drawn = (0..<12).map { _ in generator.next() as UInt32 }
    let expected = (0..<3).flatMap { block in
      let word = Generator.philox(SIMD4(UInt32(block), 0, 0, 0), key: 7)
      return (0..<4).map { word[$0] }
    }
    #expect(drawn == expected)
  }

  @Test("draws uniform numbers with the mean and variance of [0, 1)")
  func uniform() {
    var generator = Generator(seed: 1)
    let count = 200_000
    let values = (0..<count).map { _ in Double(generator.uniform()) }
    let mean = values.reduce(0, +) / Double(count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
    // Four standard errors: sqrt(1/12/n) and sqrt(1/180/n).
    #expect(abs(mean - 0.5) < 4 * (1 / 12.0 / Double(count)).squareRoot())
    #expect(abs(variance - 1 / 12.0) < 4 * (1 / 180.0 / Double(count)).squareRoot())
    #expect(values.allSatisfy { (0..<1).contains($0) })
  }

  @Test("draws normal numbers with mean 0, variance 1 and the tails of the normal distribution")
  func normal() {
    var generator = Generator(seed: 2)
    let count = 200_000
    let values = (0..<count).map { _ in Double(generator.normal()) }
    let mean = values.reduce(0, +) / Double(count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
    let tail = Double(values.filter { abs($0) > 1.959964 }.count) / Double(count)
    #expect(abs(mean) < 4 / Double(count).squareRoot())
    #expect(abs(variance - 1) < 4 * (2 / Double(count)).squareRoot())
    #expect(abs(tail - 0.05) < 4 * (0.05 * 0.95 / Double(count)).squareRoot())
  }

  @Test("draws every integer of a range equally often")
  func integers() {
    var generator = Generator(seed: 3)
    var counts = [Int](repeating: 0, count: 7)
    for _ in 0..<70_000 { counts[generator.integer(in: -3...3) + 3] += 1 }
    // Chi-squared with six degrees of freedom; 22.5 is exceeded once in a thousand seeds.
    let statistic = counts.reduce(0.0) { $0 + pow2(Double($1) - 10_000) / 10_000 }
    #expect(statistic < 22.5)
    #expect(generator.integer(in: 5...5) == 5)
  }

  @Test("shuffles without loss")
  func permutation() {
    var generator = Generator(seed: 4)
    let order = generator.permutation(100)
    #expect(order.sorted() == Array(0..<100))
    #expect(order != Array(0..<100))
    #expect(order != generator.permutation(100))
    #expect(generator.permutation(0) == [])
  }

  @Test("splits into streams that depend on purpose, index and key only")
  func split() {
    let generator = Generator(seed: 5)
    var used = generator
    _ = used.next() as UInt32
    #expect(used.split(.shuffle, 3) == generator.split(.shuffle, 3))
    var keys: Set<Generator> = [Generator(seed: 6).split(.shuffle, 0)]
    for purpose in Generator.Purpose.allCases {
      for index in 0..<50 { keys.insert(generator.split(purpose, index)) }
    }
    #expect(keys.count == Generator.Purpose.allCases.count * 50 + 1)
  }

  @Test("neighbouring streams are not correlated")
  func independence() {
    let generator = Generator(seed: 8)
    var (a, b) = (generator.split(.sampling, 0), generator.split(.sampling, 1))
    let count = 100_000
    var covariance = 0.0
    for _ in 0..<count { covariance += Double(a.normal()) * Double(b.normal()) }
    #expect(abs(covariance / Double(count)) < 4 / Double(count).squareRoot())
  }

  private func pow2(_ x: Double) -> Double { x * x }
}
