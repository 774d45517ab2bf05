import CVectors
import Foundation
import Testing

/// A block of numbers between others that must stay, one value off the alignment of vectors.
final class Guarded {
  private let memory: UnsafeMutablePointer<Float>
  let count: Int
  private static let margin = 33
  private static let mark: Float = 12345

  init(_ values: [Float]) {
    count = values.count
    memory = .allocate(capacity: count + 2 * Self.margin)
    memory.update(repeating: Self.mark, count: count + 2 * Self.margin)
    pointer.update(from: values, count: count)
  }
  convenience init(_ value: Float, count: Int) {
    self.init([Float](repeating: value, count: count))
  }
  deinit { memory.deallocate() }

  var pointer: UnsafeMutablePointer<Float> { memory + Self.margin }
  var values: [Float] { Array(UnsafeBufferPointer(start: pointer, count: count)) }
  /// Whether nothing was written beside the block.
  var isIntact: Bool {
    (0..<Self.margin).allSatisfy {
      memory[$0] == Self.mark && memory[Self.margin + count + $0] == Self.mark
    }
  }
}

/// The loops of CVectors over rows of channels, against plain ones in double precision.
@Suite("Loops over rows of channels")
struct ChannelVectorTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let rows, channels: Int
    var testDescription: String { "\(rows)×\(channels)" }
    var count: Int { rows * channels }

    /// Numbers of the shape, of which none lies on the rectifier's corner.
    func values(_ seed: UInt64) -> [Float] { numbers(count, seed: seed) }
    func constants(_ seed: UInt64) -> [Float] { numbers(channels, seed: seed) }
  }

  /// Groups of rows that fill vectors and that do not, fewer rows than a group, rows longer than what is
  /// kept on the stack, and enough rows that sums are folded.
  static let all: [Case] =
    [1, 2, 3, 5, 8, 15, 16, 17, 24, 48, 63, 64, 65, 96, 100, 1024, 1025, 1500].flatMap { channels in
      (channels < 100 ? [1, 2, 3, 7, 33, 64, 129] : [1, 2, 3, 131]).map {
        Case(rows: $0, channels: channels)
      }
    } + [Case(rows: 5000, channels: 3), Case(rows: 2500, channels: 24)]

  /// One in five where the environment asks for a part, as runs under a sanitizer do.
  static let cases =
    ProcessInfo.processInfo.environment["ORBIT_TESTS"] == "representative"
    ? all.indices.filter { $0 % 5 == 0 && all[$0].count < 50_000 }.map { all[$0] } : all

  /// The greatest difference, relative to one plus the greatest magnitude.
  private func distance(_ a: [Double], _ b: [Double]) -> Double {
    guard a.count == b.count else { return .infinity }
    let scale = 1 + (b.map(abs).max() ?? 0)
    return zip(a, b).reduce(0) {
      let difference = abs($1.0 - $1.1) / scale
      return difference <= $0 ? $0 : (difference.isNaN ? .infinity : difference)
    }
  }

  @Test("scale and shift", arguments: cases, [false, true])
  func scaleShift(_ c: Case, rectify: Bool) {
    let (x, a, b) = (c.values(1), c.constants(2), c.constants(3))
    let (source, target) = (Guarded(x), Guarded(.nan, count: c.count))
    let (scale, shift) = (Guarded(a), Guarded(b))
    func run(into destination: Guarded) {
      orbit_scale_shift(
        source.pointer, scale.pointer, shift.pointer, destination.pointer, Int64(c.rows),
        Int64(c.channels), rectify ? 1 : 0)
    }
    run(into: target)
    let expected = x.enumerated().map { i, x in
      let y = Double(x) * Double(a[i % c.channels]) + Double(b[i % c.channels])
      return rectify ? max(y, 0) : y
    }
    #expect(distance(target.values.map(Double.init), expected) < 3e-7)
    #expect(target.isIntact)
    // In place as well.
    run(into: source)
    #expect(source.values == target.values && source.isIntact)
  }

  @Test("scale, shift and rectify what is not a number to itself", arguments: [1, 3, 16, 24, 130])
  func notANumber(channels: Int) {
    for place in 0..<channels * 3 {
      var values = [Float](repeating: -1, count: channels * 3)
      values[place] = .nan
      let source = Guarded(values)
      let (one, zero) = (Guarded(1, count: channels), Guarded(0, count: channels))
      orbit_scale_shift(
        source.pointer, one.pointer, zero.pointer, source.pointer, 3, Int64(channels), 1)
      let found = source.values
      #expect(found[place].isNaN)
      #expect(found.enumerated().allSatisfy { $0 == place || $1 == 0 })
    }
  }

  @Test("add up moments about an origin", arguments: cases)
  func moments(_ c: Case) {
    let (x, o) = (c.values(4).map { $0 + 3 }, c.constants(5).map { $0 + 3 })
    let (source, origin) = (Guarded(x), Guarded(o))
    // They are added to what is there.
    var first = (0..<c.channels).map(Double.init)
    var second = first.map { -$0 }
    var (expected, squares) = (first, second)
    orbit_moments(
      source.pointer, origin.pointer, &first, &second, Int64(c.rows), Int64(c.channels))
    for (i, x) in x.enumerated() {
      let d = Double(x) - Double(o[i % c.channels])
      expected[i % c.channels] += d
      squares[i % c.channels] += d * d
    }
    #expect(distance(first, expected) < 2e-6)
    #expect(distance(second, squares) < 2e-6)
  }

  @Test("add up and carry back the gradient of a rectified normalisation", arguments: cases)
  func gradient(_ c: Case) {
    let (x, g) = (c.values(6), c.values(7))
    let (a, b, m) = (c.constants(8), c.constants(9), c.constants(10))
    let (f, p, k) = (c.constants(11), c.constants(12), c.constants(13))
    let (source, upstream) = (Guarded(x), Guarded(g))
    let constants = [a, b, m, f, p, k].map(Guarded.init)
    var first = (0..<c.channels).map(Double.init)
    var second = first
    var (expected, products, passed) = (first, second, [Double]())
    orbit_normalisation_gradient_sums(
      source.pointer, upstream.pointer, constants[0].pointer, constants[1].pointer,
      constants[2].pointer, &first, &second, Int64(c.rows), Int64(c.channels))
    let target = Guarded(.nan, count: c.count)
    func run(into destination: Guarded) {
      orbit_normalisation_gradient(
        source.pointer, upstream.pointer, constants[0].pointer, constants[1].pointer,
        constants[3].pointer, constants[4].pointer, constants[5].pointer, destination.pointer,
        Int64(c.rows), Int64(c.channels))
    }
    run(into: target)
    for i in x.indices {
      let j = i % c.channels
      let isOpen = Double(x[i]) * Double(a[j]) + Double(b[j]) > 0
      let d = isOpen ? Double(g[i]) : 0
      expected[j] += d
      products[j] += d * (Double(x[i]) - Double(m[j]))
      passed.append(Double(f[j]) * d + Double(x[i]) * Double(p[j]) + Double(k[j]))
    }
    #expect(distance(first, expected) < 2e-6)
    #expect(distance(second, products) < 2e-6)
    #expect(distance(target.values.map(Double.init), passed) < 3e-7)
    #expect(target.isIntact)
    run(into: upstream)
    #expect(upstream.values == target.values && upstream.isIntact)
  }

  @Test("add", arguments: [0, 1, 15, 16, 17, 31, 33, 1000])
  func add(count: Int) {
    let (a, b) = (numbers(count, seed: 14), numbers(count, seed: 15))
    let (target, source) = (Guarded(a), Guarded(b))
    orbit_add(target.pointer, source.pointer, Int64(count))
    #expect(target.values == zip(a, b).map { $0 + $1 })
    #expect(target.isIntact)
  }
}
