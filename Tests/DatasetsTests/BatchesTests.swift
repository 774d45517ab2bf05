import Tensors
import Testing

@testable import Datasets

@Suite("Batches")
struct BatchesTests {
  @Test(
    "the ranges cover every image once, in order",
    arguments: [(0, 4), (1, 4), (4, 4), (10, 4), (10, 1), (10, 100), (60_000, 128), (5, Int.max)])
  func covers(count: Int, size: Int) {
    let batches = Batches(count: count, size: size)
    let ranges = Array(batches)
    #expect(ranges.flatMap { Array($0) } == Array(0..<count))
    #expect(ranges.count == batches.batchCount)
    #expect(ranges.dropLast().allSatisfy { $0.count == size })
    #expect(ranges.allSatisfy { !$0.isEmpty })
    #expect((0..<batches.batchCount).map(batches.range) == ranges)
    let whole = Array(Batches(count: count, size: size, keepsLast: false))
    #expect(whole == ranges.filter { $0.count == size })
  }

  @Test("an epoch's order is a permutation of its own that comes back with the same key")
  func orders() {
    let generator = Generator(seed: 7)
    let first = Batches.order(epoch: 0, count: 100, generator: generator)
    #expect(first.sorted() == Array(0..<100))
    #expect(first != Array(0..<100))
    #expect(Batches.order(epoch: 1, count: 100, generator: generator) != first)
    #expect(Batches.order(epoch: 0, count: 100, generator: Generator(seed: 8)) != first)
    var used = generator
    _ = used.next()
    #expect(Batches.order(epoch: 0, count: 100, generator: used) == first)
  }
}
