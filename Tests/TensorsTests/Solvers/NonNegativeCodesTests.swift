import Compute
import Tensors
import Testing

@Suite("Non-negative codes")
struct NonNegativeCodesTests {
  private static func random(_ shape: [Int], _ seed: UInt64) -> Tensor {
    var generator = Generator(seed: seed)
    return .normal(shape, using: &generator)
  }

  /// One signal beside a dictionary, in double precision.
  private struct Problem {
    let signal: [Double]
    let atoms: [[Double]]
    let penalty: Double

    init(_ signals: Tensor, _ row: Int, _ dictionary: Tensor, _ penalty: Float) {
      let width = dictionary.shape[1]
      let (x, d) = (signals.scalars.map(Double.init), dictionary.scalars.map(Double.init))
      signal = Array(x[row * width..<(row + 1) * width])
      atoms = (0..<dictionary.shape[0]).map { Array(d[$0 * width..<($0 + 1) * width]) }
      self.penalty = Double(penalty)
    }

    func residual(_ code: [Double]) -> [Double] {
      signal.indices.map { i in
        signal[i] - atoms.indices.reduce(0) { $0 + atoms[$1][i] * code[$1] }
      }
    }

    func objective(_ code: [Double]) -> Double {
      0.5 * residual(code).reduce(0) { $0 + $1 * $1 } + penalty * code.reduce(0, +)
    }

    func slopes(_ code: [Double]) -> [Double] {
      let left = residual(code)
      return atoms.map { penalty - zip($0, left).reduce(0) { $0 + $1.0 * $1.1 } }
    }

    /// The least objective, by trying every set of atoms.
    func least() throws -> Double {
      var best = objective([Double](repeating: 0, count: atoms.count))
      for set in 1..<1 << atoms.count {
        let chosen = atoms.indices.filter { set >> $0 & 1 == 1 }
        let gram = chosen.flatMap { a in
          chosen.map { b in zip(atoms[a], atoms[b]).reduce(0) { $0 + $1.0 * $1.1 } }
        }
        let sides = chosen.map { zip(atoms[$0], signal).reduce(-penalty) { $0 + $1.0 * $1.1 } }
        let values = try Factorisation(gram, size: chosen.count).solution(sides, right: 1)
        guard values.allSatisfy({ $0 >= 0 }) else { continue }
        var code = [Double](repeating: 0, count: atoms.count)
        for (place, value) in zip(chosen, values) { code[place] = value }
        best = min(best, objective(code))
      }
      return best
    }
  }

  private static func rows(_ codes: Tensor) -> [[Double]] {
    let (values, width) = (codes.scalars.map(Double.init), codes.shape[1])
    return (0..<codes.shape[0]).map { Array(values[$0 * width..<($0 + 1) * width]) }
  }

  @Test(
    "slopes are zero where a code is positive, and nowhere negative",
    arguments: [[1, 1, 1], [5, 3, 7], [20, 40, 17], [3, 33, 64]])
  func optimality(shape: [Int]) throws {
    let (signals, dictionary) = (
      Self.random([shape[0], shape[2]], 1), Self.random([shape[1], shape[2]], 2)
    )
    for penalty in [Float(0.05), 1] {
      let (codes, convergence) = try signals.nonNegativeCodes(
        in: dictionary, penalty: penalty, sweeps: 100_000, tolerance: 1e-10)
      #expect(codes.shape == [shape[0], shape[1]] && convergence.isReached)
      #expect(convergence.gap <= 1e-10)
      for (row, code) in Self.rows(codes).enumerated() {
        let slopes = Problem(signals, row, dictionary, penalty).slopes(code)
        for (value, slope) in zip(code, slopes) {
          #expect(value >= 0)
          #expect(value > 0 ? abs(slope) < 2e-3 : slope > -2e-3)
        }
      }
    }
  }

  @Test("no set of atoms is better", arguments: [Float(0.02), 0.3, 2])
  func bruteForce(penalty: Float) throws {
    let (signals, dictionary) = (Self.random([10, 5], 3), Self.random([4, 5], 4))
    let (codes, _) = try signals.nonNegativeCodes(
      in: dictionary, penalty: penalty, sweeps: 10_000, tolerance: 1e-8)
    for (row, code) in Self.rows(codes).enumerated() {
      let problem = Problem(signals, row, dictionary, penalty)
      let least = try problem.least()
      #expect(abs(problem.objective(code) - least) < 1e-6 * least)
    }
  }

  @Test("the gap bounds what is still to be gained", arguments: [1, 2, 5, 20])
  func gap(sweeps: Int) throws {
    let (signals, dictionary) = (Self.random([1, 30], 5), Self.random([60, 30], 6))
    let early = try signals.nonNegativeCodes(
      in: dictionary, penalty: 0.1, sweeps: sweeps, tolerance: 1e-9)
    let late = try signals.nonNegativeCodes(
      in: dictionary, penalty: 0.1, sweeps: 100_000, tolerance: 1e-9)
    #expect(early.convergence.sweeps == sweeps && !early.convergence.isReached)
    let problem = Problem(signals, 0, dictionary, 0.1)
    let (reached, least) = (
      problem.objective(Self.rows(early.codes)[0]), problem.objective(Self.rows(late.codes)[0])
    )
    #expect(reached - least <= Double(early.convergence.gap) * reached)
    #expect(early.convergence.gap > 1e-9 && early.convergence.gap < 1)
  }

  @Test("a penalty that no atom is worth leaves nothing")
  func nothing() throws {
    let (signals, dictionary) = (Self.random([6, 9], 7), Self.random([11, 9], 8))
    let products = try signals.matrixProduct(dictionary, transposingRight: true).scalars
    let most = products.max() ?? 0
    let none = try signals.nonNegativeCodes(in: dictionary, penalty: most * 1.0001)
    #expect(none.codes.scalars.allSatisfy { $0 == 0 } && none.convergence.sweeps == 0)
    let some = try signals.nonNegativeCodes(in: dictionary, penalty: most * 0.999, tolerance: 1e-12)
    #expect(some.codes.scalars.count { $0 > 0 } == 1)
  }

  @Test("atoms of zeros, atoms twice, and signals of zeros are no harm")
  func degenerate() throws {
    let dictionary = try Tensor([0, 0, 1, 0, 1, 0, 0, 2], shape: [4, 2])
    let signals = try Tensor([0, 0, 3, -1, 2, 4], shape: [3, 2])
    let (codes, convergence) = try signals.nonNegativeCodes(in: dictionary, penalty: 0.5)
    #expect(convergence.isReached)
    let rows = Self.rows(codes)
    #expect(rows[0] == [0, 0, 0, 0])
    // 3 − ½ along the first axis, shared by two atoms; nothing along the second.
    #expect(rows[1][0] == 0 && abs(rows[1][1] + rows[1][2] - 2.5) < 1e-5 && rows[1][3] == 0)
    // (2·4 − ½) / 4.
    #expect(abs(rows[2][3] - 1.875) < 1e-5)
  }

  @Test("codes of a paired dictionary decode in its other half")
  func pairs() throws {
    let (seen, hidden) = (Self.random([12, 40], 9), Self.random([12, 25], 10))
    var truth = Tensor.zeros([30, 12])
    var generator = Generator(seed: 11)
    truth.update { values in
      for row in 0..<30 {
        for j in generator.permutation(12)[..<3] { values[row * 12 + j] = 1 + generator.uniform() }
      }
    }
    let (codes, _) = try truth.matrixProduct(seen).nonNegativeCodes(in: seen, penalty: 1e-3)
    let expected = try truth.matrixProduct(hidden).scalars.map(Double.init)
    #expect(distance(try codes.matrixProduct(hidden).scalars, expected) < 1e-3)
  }

  @Test("a signal's bits depend on neither the others nor the threads")
  func bits() throws {
    let (signals, dictionary) = (Self.random([70, 20], 12), Self.random([30, 20], 13))
    let (all, _) = try signals.nonNegativeCodes(in: dictionary, penalty: 0.2)
    for row in [0, 15, 16, 69] {
      let (own, _) = try signals.rows(row..<row + 1).nonNegativeCodes(in: dictionary, penalty: 0.2)
      #expect(try own.scalars == all.rows(row..<row + 1).scalars)
    }
    let count = Parallel.threadCount
    Parallel.setThreadCount(1)
    defer { Parallel.setThreadCount(count) }
    #expect(
      try signals.nonNegativeCodes(in: dictionary, penalty: 0.2).codes.scalars == all.scalars)
  }
}
