import Compute
import Foundation
import Testing

@testable import Tensors

@Suite("Random tensors")
struct RandomTensorTests {
  @Test("memory that is there gets the numbers of a tensor", arguments: [0, 1, 5, 784, 100_003])
  func filling(count: Int) {
    var (one, two) = (Generator(seed: 5), Generator(seed: 5))
    // From a place within a block of words.
    #expect(one.next() == two.next())
    let filled = Tensor(shape: [count]) { one.fill($0) }
    #expect(filled.scalars == Tensor.uniform([count], in: 0...1, using: &two).scalars)
    #expect(one == two)
  }

  @Test(
    "are the generator's next numbers, and leave it after them",
    arguments: [0, 1, 2, 3, 15, 16, 17, 255, 256, 257, 1000, 40_001], [0, 1, 2, 3, 4, 5])
  func stream(count: Int, drawn: Int) {
    var one = Generator(seed: 3)
    for _ in 0..<drawn { _ = one.next() }
    var (other, third) = (one, one)
    let uniform = Tensor.uniform([count], in: -0.3...1.7, using: &one).scalars
    #expect(uniform == (0..<count).map { _ in other.uniform(in: -0.3...1.7) })
    #expect(one == other)
    let normal = Tensor.normal([count], deviation: 2, using: &one).scalars
    #expect(normal == (0..<count).map { _ in 2 * other.normal() })
    #expect(one == other)
    let before = Parallel.threadCount
    Parallel.setThreadCount(1)
    defer { Parallel.setThreadCount(before) }
    #expect(Tensor.uniform([count], in: -0.3...1.7, using: &third).scalars == uniform)
    #expect(Tensor.normal([count], deviation: 2, using: &third).scalars == normal)
  }

  @Test("are normal by the formula of Box and Muller")
  func formula() {
    var (words, generator) = (Generator(seed: 11), Generator(seed: 11))
    let values = Tensor.normal([100_000], using: &generator).scalars
    var worst = 0.0
    for value in values {
      let u = Double(words.uniform())
      let v = Double(words.uniform())
      let radius = (-2 * log(1 - u)).squareRoot()
      worst = max(worst, abs(Double(value) - radius * cos(2 * .pi * v)) / max(radius, 1e-3))
    }
    // A few units in the last place of the radius.
    #expect(worst < 4e-7)
  }

  @Test("are finite and right at the ends and at the quarters of the unit interval")
  func edges() {
    // 1 − u from 1 to 2⁻²⁴, angles of whole eighths and next to them.
    for first in [UInt32(0), 1 << 8, 1 << 31, .max] {
      for eighth in 0..<8 {
        for shift in [-1, 0, 1] {
          let second = UInt32(truncatingIfNeeded: eighth << 29 + shift << 8)
          let u = Double(first >> 8) * 0x1p-24
          let v = Double(second >> 8) * 0x1p-24
          let radius = (-2 * log(1 - u)).squareRoot()
          let value = Double(RandomPlace.normal(first, second))
          #expect(abs(value - radius * cos(2 * .pi * v)) <= 4e-7 * max(radius, 1e-6))
        }
      }
    }
  }
}
