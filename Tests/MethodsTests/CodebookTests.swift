import Glibc
import Layers
import Tensors
import Testing
import Training

@testable import Methods

/// The laws of a codebook, whichever way it learns.
@Suite("A codebook")
struct CodebookTests {
  private func codebook(
    codes: Int = 6, dimension: Int = 4, seed: UInt64 = 1,
    _ change: (inout Codebook.Configuration) -> Void = { _ in }
  ) throws -> Codebook {
    var configuration = Codebook.Configuration()
    configuration.codes = codes
    configuration.dimension = dimension
    configuration.start = .random
    change(&configuration)
    var generator = Generator(seed: seed)
    let codebook = try Codebook(configuration, generator: &generator)
    // Far enough from one another that many are used.
    try codebook.weight.assign(.normal([codes, dimension], using: &generator))
    try codebook.clusterSum?.assign(codebook.weight.value)
    return codebook
  }

  private func vectors(_ shape: [Int], seed: UInt64 = 2) -> Tensor {
    var generator = Generator(seed: seed)
    return .normal(shape, using: &generator)
  }

  private let stream = Generator(seed: 5)

  /// The lengths of vectors of four values.
  private func lengths(_ tensor: Tensor) -> [Float] {
    let values = tensor.scalars
    return stride(from: 0, to: values.count, by: 4).map { start in
      var square: Float = 0
      for value in values[start..<start + 4] { square += value * value }
      return square.squareRoot()
    }
  }

  @Test("gives each vector its nearest code, the lowest of equals")
  func nearest() throws {
    let codebook = try self.codebook(codes: 40, dimension: 5)
    let encoded = vectors([3, 4, 4, 5])
    let (values, table) = (encoded.scalars, codebook.weight.value.scalars)
    var expected: [Int] = []
    for row in 0..<48 {
      var distances: [Double] = []
      for code in 0..<40 {
        var square = 0.0
        for i in 0..<5 {
          let difference = Double(values[row * 5 + i]) - Double(table[code * 5 + i])
          square += difference * difference
        }
        distances.append(square)
      }
      let least = distances.min()
      expected.append(distances.firstIndex { $0 == least } ?? -1)
    }
    #expect(try codebook.codes(of: encoded) == expected)
    let quantised = try codebook.quantise(encoded, in: Pass(.training), using: stream)
    #expect(quantised.codes == expected && quantised.vectors.shape == encoded.shape)
    let chosen = expected.flatMap { code in Array(table[code * 5..<code * 5 + 5]) }
    #expect(quantised.vectors.scalars == chosen)
    try codebook.weight.assign(.filled(0.5, shape: [40, 5]))
    #expect(try codebook.codes(of: encoded).allSatisfy { $0 == 0 })
  }

  @Test("passes the decoder's gradient straight through, and none to the codes")
  func straightThrough() throws {
    let codebook = try self.codebook { $0.rule = .gradient }
    let encoded = Parameter(vectors([2, 3, 3, 4]))
    let weights = vectors([2, 3, 3, 4], seed: 9)
    let pass = Pass(.training)
    let quantised = try codebook.quantise(pass(encoded), in: pass, using: stream)
    let gradients = try pass.gradients(of: (quantised.vectors * weights).sum())
    #expect(gradients.count == 1 && gradients.first?.parameter === encoded)
    #expect(gradients.first?.gradient.scalars == weights.scalars)
  }

  @Test("turns and scales the gradient where the rotation trick is asked for")
  func rotation() throws {
    let codebook = try self.codebook { $0.gradient = .rotation }
    let encoded = Parameter(vectors([1, 2, 2, 4]))
    let weights = vectors([1, 2, 2, 4], seed: 9)
    let pass = Pass(.training)
    let quantised = try codebook.quantise(pass(encoded), in: pass, using: stream)
    let gradients = try pass.gradients(of: (quantised.vectors * weights).sum())
    let gradient = try #require(gradients.first).gradient
    // R is orthogonal, so the gradient's length is that of the decoder's, times ‖q‖ / ‖z‖.
    let (g, w) = (lengths(gradient), lengths(weights))
    let (q, z) = (lengths(quantised.vectors), lengths(encoded.value))
    for row in 0..<4 { #expect(abs(g[row] - w[row] * q[row] / z[row]) < 1e-5 * w[row] + 1e-5) }
    #expect(gradient.scalars != weights.scalars)
  }

  /// The trap of several public codes is β before the other term.
  @Test("has β before the commitment alone", arguments: [0, 0.25, 2] as [Float])
  func commitment(beta: Float) throws {
    let codebook = try self.codebook {
      $0.rule = .gradient
      $0.commitment = beta
    }
    let encoded = Parameter(vectors([2, 3, 3, 4]))
    func gradients(of name: String) throws -> (Float, [(parameter: Parameter, gradient: Tensor)]) {
      let pass = Pass(.training)
      let terms = try codebook.quantise(pass(encoded), in: pass, using: stream).terms
      #expect(terms.map(\.name) == ["commitment", "codebook"])
      let term = try #require(terms.first { $0.name == name })
      return (try term.value.item(), try pass.gradients(of: term.value))
    }
    let codes = try codebook.codes(of: encoded.value)
    let chosen = try codebook.vectors(of: codes).scalars
    let values = encoded.value.scalars
    let differences = zip(values, chosen).map { Double($0) - Double($1) }
    let error = differences.reduce(0) { $0 + $1 * $1 } / 72
    let (commitment, ofCommitment) = try gradients(of: "commitment")
    #expect(abs(Double(commitment) - Double(beta) * error) < 1e-5)
    #expect(ofCommitment.map { $0.parameter === encoded } == [true])
    for (got, difference) in zip(ofCommitment[0].gradient.scalars, differences) {
      #expect(abs(Double(got) - 2 * Double(beta) * difference / 72) < 1e-6)
    }
    let (term, ofCodes) = try gradients(of: "codebook")
    #expect(abs(Double(term) - error) < 1e-5)
    #expect(ofCodes.map { $0.parameter === codebook.weight } == [true])
    var expected = [Double](repeating: 0, count: 24)
    for (row, code) in codes.enumerated() {
      for i in 0..<4 { expected[code * 4 + i] -= 2 * differences[row * 4 + i] / 72 }
    }
    for (got, want) in zip(ofCodes[0].gradient.scalars, expected) {
      #expect(abs(Double(got) - want) < 1e-6)
    }
  }

  /// Steps without an optimiser: the codebook learns, nothing else.
  private func step(_ codebook: Codebook, _ encoded: Tensor, _ count: Int) throws {
    for index in 0..<count {
      let pass = Pass(.training)
      _ = try codebook.quantise(encoded, in: pass, using: stream.split(.sampling, index))
      try pass.commit()
    }
  }

  @Test("changes nothing before the step is committed")
  func nothingBeforeTheStep() throws {
    let codebook = try self.codebook()
    let before = codebook.parameters.map { $0.parameter.value.scalars }
    let pass = Pass(.training)
    _ = try codebook.quantise(vectors([2, 3, 3, 4]), in: pass, using: stream)
    #expect(codebook.parameters.map { $0.parameter.value.scalars } == before)
    try pass.commit()
    #expect(codebook.parameters.map { $0.parameter.value.scalars } != before)
    #expect(
      codebook.parameters.map(\.name)
        == ["weight", "cluster_size", "cluster_sum", "steps", "is_started"])
    #expect(codebook.parameters.allSatisfy { !$0.parameter.isTrainable })
  }

  @Test("follows a constant input to where it is, and leaves the other codes")
  func constantInput() throws {
    let codebook = try self.codebook { $0.restart = 0 }
    let before = codebook.weight.value.scalars
    let constant = try Tensor([0.3, -1.2, 0.7, 2], shape: [1, 1, 1, 4])
    let encoded = try Tensor.concatenated(.init(repeating: constant, count: 9), axis: 0)
    let code = try codebook.codes(of: constant)[0]
    try step(codebook, encoded, 100)
    // With N at 0 in the beginning, unused codes would be divided by next to nothing and fly away.
    for (index, (now, then)) in zip(codebook.weight.value.scalars, before).enumerated()
    where index / 4 != code {
      #expect(abs(now - then) < 1e-3 * abs(then))
    }
    try step(codebook, encoded, 1900)
    let found = codebook.weight.value.scalars[code * 4..<code * 4 + 4]
    for (got, want) in zip(found, constant.scalars) {
      #expect(abs(got - want) <= 5e-5 * abs(want))
    }
  }

  @Test("smooths counts where they are read, and not in the averages")
  func averages() throws {
    let codebook = try self.codebook {
      $0.rule = .movingAverage(decay: 0.9)
      $0.restart = 0
    }
    let encoded = vectors([2, 3, 3, 4])
    var sizes = [Double](repeating: 1, count: 6)
    var sums = codebook.weight.value.scalars.map(Double.init)
    let values = encoded.scalars.map(Double.init)
    for _ in 0..<30 {
      let codes = try codebook.codes(of: encoded)
      try step(codebook, encoded, 1)
      for k in 0..<6 { sizes[k] *= 0.9 }
      for i in sums.indices { sums[i] *= 0.9 }
      for (row, code) in codes.enumerated() {
        sizes[code] += 0.1
        for i in 0..<4 { sums[code * 4 + i] += 0.1 * values[row * 4 + i] }
      }
    }
    func agree(_ got: [Float], _ want: [Double]) {
      for (got, want) in zip(got, want) {
        #expect(abs(Double(got) - want) < 1e-5 * (1 + abs(want)))
      }
    }
    agree(codebook.clusterSize.value.scalars, sizes)
    agree(try #require(codebook.clusterSum).value.scalars, sums)
    let total = sizes.reduce(0, +)
    agree(
      codebook.weight.value.scalars,
      sums.indices.map { sums[$0] / ((sizes[$0 / 4] + 1e-5) / (total + 6e-5) * total) })
  }

  @Test("puts dead codes where vectors are, every 200 steps", arguments: [true, false])
  func restart(learnsByGradient: Bool) throws {
    func run(_ share: Float, steps: Int) throws -> Codebook {
      let codebook = try self.codebook {
        $0.restart = share
        if learnsByGradient { $0.rule = .gradient }
      }
      let far = try codebook.weight.value + 50
      try codebook.weight.assign(
        .concatenated([codebook.weight.value.rows(0..<2), far.rows(2..<6)], axis: 0))
      try codebook.clusterSum?.assign(codebook.weight.value)
      try step(codebook, vectors([2, 3, 3, 4]), steps)
      return codebook
    }
    func dead(_ codebook: Codebook) -> Int {
      (0..<6).count { codebook.weight.value.scalars[$0 * 4] > 20 }
    }
    #expect(try dead(run(0.1, steps: 199)) == 4)
    #expect(try dead(run(0, steps: 200)) == 4)
    let one = try run(0.1, steps: 200)
    let rows = vectors([2, 3, 3, 4]).scalars
    for code in 2..<6 {
      let found = Array(one.weight.value.scalars[code * 4..<code * 4 + 4])
      #expect((0..<18).contains { Array(rows[$0 * 4..<$0 * 4 + 4]) == found })
      #expect(one.clusterSize.value.scalars[code] == 1)
    }
    if let sum = one.clusterSum {
      #expect(Array(sum.value.scalars[8...]) == Array(one.weight.value.scalars[8...]))
    }
    #expect(one.steps.value.scalars == [0])
    #expect(
      try run(0.1, steps: 210).weight.value.scalars == run(0.1, steps: 210).weight.value.scalars)
  }

  @Test("compares directions where the cosine decides")
  func cosine() throws {
    let codebook = try self.codebook { $0.isCosine = true }
    let encoded = vectors([2, 3, 3, 4])
    #expect(try codebook.codes(of: encoded) == codebook.codes(of: encoded * 7))
    #expect(
      try lengths(codebook.vectors(of: Array(0..<6))).allSatisfy { abs($0 - 1) < 1e-6 })
    try step(codebook, encoded, 250)
    #expect(lengths(codebook.weight.value).allSatisfy { abs($0 - 1) < 1e-5 })
  }

  @Test("starts in the centres of clusters")
  func kMeans() throws {
    // Five clusters far from one another: their means are found whatever is drawn.
    var generator = Generator(seed: 4)
    let centres = try Tensor.normal([5, 4], using: &generator) * 20
    let noise = Tensor.normal([300, 4], deviation: 0.1, using: &generator)
    let places = (0..<300).map { $0 % 5 }
    let points = try centres.gathered(rows: places) + noise
    let means = try points.scatterAdded(rows: places, count: 5) * (1 / 60)
    let codebook = try self.codebook(codes: 5) { $0.start = .kMeans }
    #expect(codebook.vectorsToStart == 4096)
    try codebook.start(from: points, using: stream)
    #expect(codebook.vectorsToStart == 0)
    let found = codebook.weight.value
    #expect(Set(try found.nearestCodes(in: means)).count == 5)
    let nearest = try means.gathered(rows: found.nearestCodes(in: means))
    for (a, b) in zip(found.scalars, nearest.scalars) { #expect(abs(a - b) < 1e-3) }
    #expect(codebook.clusterSum?.value.scalars == found.scalars)
    #expect(codebook.clusterSize.value.scalars == [1, 1, 1, 1, 1])
    // Equal vectors have fewer centres than are asked for; that is no error.
    let equal = try self.codebook(codes: 5) { $0.start = .kMeans }
    try equal.start(from: .filled(3, shape: [20, 4]), using: stream)
    #expect(equal.weight.value.scalars.allSatisfy { $0 == 3 })
    #expect(throws: TensorError.self) {
      try self.codebook(codes: 5).start(from: points.rows(0..<4), using: stream)
    }
  }

  @Test("refuses constants out of their range")
  func refusals() throws {
    #expect(throws: TensorError.self) { try codebook(codes: 1) }
    #expect(throws: TensorError.self) { try codebook(dimension: 0) }
    #expect(throws: TensorError.self) { try codebook { $0.restart = 1 } }
    #expect(throws: TensorError.self) { try codebook { $0.commitment = -1 } }
    #expect(throws: TensorError.self) { try codebook { $0.rule = .movingAverage(decay: 1) } }
    #expect(throws: TensorError.self) { try codebook(dimension: 1) { $0.isCosine = true } }
    let made = try self.codebook()
    #expect(throws: TensorError.self) { try made.codes(of: vectors([2, 3])) }
    #expect(throws: TensorError.self) { try made.codes(of: .filled(.nan, shape: [1, 4])) }
    #expect(throws: TensorError.self) { try made.vectors(of: [6]) }
  }
}
