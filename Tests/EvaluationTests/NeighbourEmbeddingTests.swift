import Compute
import Foundation
import Tensors
import Testing

@testable import Evaluation

@Suite struct NeighbourEmbeddingTests {
  @Test func equalsScikitLearn() throws {
    let golden = try Golden.read().embedding
    let features = try Tensor(
      golden.features.map { Float($0) }, shape: [golden.rows, golden.width])
    let joint = try NeighbourEmbedding.affinities(of: features, perplexity: golden.perplexity)
    #expect(relativeError(joint.scalars.map { Double($0) }, golden.joint) < 1e-5)
    let positions = try Tensor(golden.positions.map { Float($0) }, shape: [golden.rows, 2])
    let descent = Descent(affinities: joint, start: try positions.transposed())
    #expect(abs(descent.divergence - golden.divergence) < 1e-5 * golden.divergence)
    let gradient = try descent.gradient().transposed().scalars.map { Double($0) }
    #expect(relativeError(gradient, golden.gradient) < 1e-5)
  }

  @Test func affinitiesHaveThePerplexityAndSumToOne() throws {
    let (features, _) = try clouds(150, width: 6, classes: 3, seed: 1)
    let columns = try features.transposed()
    let conditional = Tensor(shape: [150, 150]) { target in
      columns.withUnsafeScalars { columns in
        guard let target = target.baseAddress, let columns = columns.baseAddress else { return }
        NeighbourForces.squaredDistances(columns, dimensions: 6, count: 150, into: target)
        NeighbourForces.affinities(target, count: 150, perplexity: 20)
      }
    }
    let values = conditional.scalars.map { Double($0) }
    for row in 0..<150 {
      let shares = values[row * 150..<(row + 1) * 150]
      let entropy = -shares.reduce(0) { $1 > 0 ? $0 + $1 * log($1) : $0 }
      #expect(abs(exp(entropy) - 20) < 1e-3)
      #expect(shares[row * 150 + row] == 0)
    }
    let joint = try NeighbourEmbedding.affinities(of: features, perplexity: 20)
    #expect(abs(joint.scalars.reduce(0) { $0 + Double($1) } - 1) < 1e-5)
    #expect(try joint.transposed().scalars == joint.scalars)
  }

  @Test func gradientEqualsDifferencesOfTheDivergence() throws {
    let (features, _) = try clouds(40, width: 5, classes: 2, seed: 2)
    let joint = try NeighbourEmbedding.affinities(of: features, perplexity: 8)
    var generator = Generator(seed: 3)
    let start = Tensor.normal([2, 40], deviation: 2, using: &generator)
    let p = joint.scalars.map { Double($0) }
    // The divergence by a loop in double precision.
    func divergence(_ y: [Double]) -> Double {
      var (weights, total) = ([Double](repeating: 0, count: 1600), 0.0)
      for i in 0..<40 {
        for j in 0..<40 where i != j {
          let (dx, dy) = (y[i] - y[j], y[40 + i] - y[40 + j])
          weights[i * 40 + j] = 1 / (1 + dx * dx + dy * dy)
          total += weights[i * 40 + j]
        }
      }
      return (0..<1600).reduce(0) {
        p[$1] > 0 ? $0 + p[$1] * log(p[$1] * total / weights[$1]) : $0
      }
    }
    let y = start.scalars.map { Double($0) }
    let differences = y.indices.map { place in
      var (up, down) = (y, y)
      up[place] += 1e-5
      down[place] -= 1e-5
      return (divergence(up) - divergence(down)) / 2e-5
    }
    let descent = Descent(affinities: joint, start: start)
    #expect(relativeError(descent.gradient().scalars.map { Double($0) }, differences) < 1e-5)
    #expect(abs(descent.divergence - divergence(y)) < 1e-5)
  }

  @Test func divergenceFallsAndCloudsStayTogether() throws {
    let (features, labels) = try clouds(300, width: 10, classes: 3, spread: 0.5, seed: 4)
    let embedding = try NeighbourEmbedding(
      of: features, options: .init(perplexity: 20, steps: 500, seed: 1))
    let afterExaggeration = embedding.history.dropFirst(5)
    for (before, after) in zip(afterExaggeration, afterExaggeration.dropFirst()) {
      #expect(after <= before + 1e-3)
    }
    #expect(embedding.divergence < 0.8 * embedding.history[0])
    #expect(embedding.divergence == embedding.history.last)
    // The nearest point of every point is of its class.
    let points = embedding.points.scalars
    for i in 0..<300 {
      let nearest = (0..<300).filter { $0 != i }.min {
        func distance(_ j: Int) -> Float {
          let (dx, dy) = (points[2 * i] - points[2 * j], points[2 * i + 1] - points[2 * j + 1])
          return dx * dx + dy * dy
        }
        return distance($0) < distance($1)
      }
      #expect(nearest.map { labels[$0] } == labels[i])
    }
  }

  @Test func bitsDoNotDependOnThreads() throws {
    let (features, _) = try clouds(200, width: 60, classes: 3, seed: 5)
    func points(_ seed: UInt64) throws -> [Float] {
      try NeighbourEmbedding(of: features, options: .init(perplexity: 15, steps: 300, seed: seed))
        .points.scalars
    }
    let many = try points(1)
    #expect(try points(2) != many)
    Parallel.setThreadCount(1)
    defer { Parallel.setThreadCount(ProcessInfo.processInfo.activeProcessorCount) }
    #expect(try points(1) == many)
  }

  @Test func equalImagesStayNearEachOther() throws {
    var generator = Generator(seed: 6)
    let some = Tensor.normal([20, 4], using: &generator)
    let features = try Tensor.concatenated([some, some, some], axis: 0)
    let points = try NeighbourEmbedding(of: features, options: .init(perplexity: 2, steps: 400))
      .points
    #expect(points.isFinite)
    let constant = try NeighbourEmbedding(
      of: Tensor.filled(1, shape: [30, 4]), options: .init(perplexity: 5, steps: 60))
    #expect(constant.points.isFinite)
  }

  @Test func refusesWhatCannotBe() throws {
    let (features, _) = try clouds(30, width: 3, classes: 2, seed: 7)
    for perplexity in [1.0, 10.0, .nan] {
      #expect(throws: TensorError.self) {
        try NeighbourEmbedding(of: features, options: .init(perplexity: perplexity))
      }
    }
    #expect(throws: TensorError.self) {
      try NeighbourEmbedding(of: features.rows(0..<6), options: .init(perplexity: 2))
    }
    #expect(throws: TensorError.self) {
      try NeighbourEmbedding(of: features * .infinity, options: .init(perplexity: 5))
    }
    #expect(throws: CancellationError.self) {
      var asked = 0
      _ = try NeighbourEmbedding(of: features, options: .init(perplexity: 5)) {
        asked += 1
        if asked == 5 { throw CancellationError() }
      }
    }
  }

  @Test func twoThousandPointsTakeSeconds() throws {
    let (features, _) = try clouds(2000, width: 64, classes: 10, seed: 8)
    let clock = ContinuousClock()
    let spent = try clock.measure { _ = try NeighbourEmbedding(of: features) }
    print("2,000 points: \(spent)")
    #expect(spent < .seconds(30))
  }
}
