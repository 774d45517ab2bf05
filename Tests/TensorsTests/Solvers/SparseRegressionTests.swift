import Compute
import Tensors
import Testing

@Suite("Sparse regression")
struct SparseRegressionTests {
  private static func random(_ shape: [Int], _ seed: UInt64) -> Tensor {
    var generator = Generator(seed: seed)
    return .normal(shape, using: &generator)
  }

  private static func columns(_ matrix: Tensor, _ places: [Int]) throws -> Tensor {
    try matrix.transposed().gathered(rows: places).transposed()
  }

  /// The least that some columns leave of a target.
  private static func least(
    _ features: Tensor, _ places: [Int], _ target: Tensor, penalty: Float
  ) throws -> Double {
    let chosen = try columns(features, places)
    let x = try chosen.ridgeRegression(target, penalty: penalty)
    let left = try chosen.matrixProduct(x) - target
    return (left.scalars + x.scalars.map { $0 * penalty.squareRoot() })
      .reduce(0) { $0 + Double($1) * Double($1) }
  }

  @Test("no other pick would leave less", arguments: [Float(0), 0.7])
  func forward(penalty: Float) throws {
    let (features, targets) = (Self.random([25, 9], 1), Self.random([25, 3], 2))
    for sharing in [false, true] {
      let found = try features.forwardSelection(
        targets, features: 4, sharing: sharing, penalty: penalty)
      for t in sharing ? [0] : [0, 1, 2] {
        let target = sharing ? targets : try targets.columns(t..<t + 1)
        let picks = found.picks[t]
        #expect(picks.count == 4 && Set(picks).count == 4)
        for s in picks.indices {
          let before = Array(picks[..<s])
          let own = try Self.least(features, before + [picks[s]], target, penalty: penalty)
          for j in 0..<9 where !before.contains(j) {
            #expect(
              try own <= Self.least(features, before + [j], target, penalty: penalty) * (1 + 1e-5))
          }
        }
      }
    }
  }

  @Test("what matching pursuit leaves is at right angles to its picks")
  func orthogonality() throws {
    let (features, targets) = (Self.random([40, 60], 3), Self.random([40, 5], 4))
    let found = try features.orthogonalMatchingPursuit(targets, features: 7)
    let left = try found.predict(features) - targets
    for t in 0..<5 {
      let chosen = try Self.columns(features, found.picks[t])
      let along = try chosen.matrixProduct(left.columns(t..<t + 1), transposingLeft: true)
      #expect(distance(along.scalars, [Double](repeating: 0, count: 7)) < 2e-5)
      let column = try found.coefficients.columns(t..<t + 1).scalars
      #expect(column.indices.filter { column[$0] != 0 } == found.picks[t].sorted())
    }
  }

  @Test("each pick has the least angle with what is left")
  func angles() throws {
    // Columns of very different lengths.
    let features = try Self.random([20, 8], 5) * Self.random([8], 6).exponential()
    let target = Self.random([20, 1], 7)
    let picks = try features.orthogonalMatchingPursuit(target, features: 5).picks[0]
    for s in picks.indices {
      var left = target
      if s > 0 {
        let before = try Self.columns(features, Array(picks[..<s]))
        left = try target - before.matrixProduct(before.leastSquares(target).solution)
      }
      let products = try features.matrixProduct(left, transposingLeft: true).squared().scalars
      let lengths = try features.squared().sum(axes: [0]).scalars
      let cosines = zip(products, lengths).map { $0 / $1 }
      for j in 0..<8 { #expect(cosines[j] <= cosines[picks[s]] * (1 + 1e-4)) }
    }
  }

  @Test("a sparse truth is found, and nothing beside it")
  func recovery() throws {
    let features = Self.random([80, 50], 8)
    var truth = Tensor.zeros([50, 4])
    var generator = Generator(seed: 9)
    truth.update { values in
      for t in 0..<4 {
        for row in generator.permutation(50)[..<5] {
          values[row * 4 + t] = (generator.uniform() < 0.5 ? -1 : 1) * (1 + generator.uniform())
        }
      }
    }
    let targets = try features.matrixProduct(truth)
    for found in [
      try features.orthogonalMatchingPursuit(targets, features: 20),
      try features.forwardSelection(targets, features: 20),
    ] {
      // The targets are rounded to single precision: the tolerance ends the picks there.
      #expect(found.picks.map(\.count) == [5, 5, 5, 5])
      #expect(distance(found.coefficients.scalars, truth.scalars.map(Double.init)) < 1e-5)
    }
  }

  @Test("a permutation of the features is found with one pick each")
  func permutation() throws {
    let features = Self.random([30, 12], 10)
    var generator = Generator(seed: 11)
    let order = generator.permutation(12)
    let found = try features.forwardSelection(
      Self.columns(features, order), features: 5, centring: true)
    #expect(found.picks == order.map { [$0] })
    #expect(distance(found.constants.scalars, [Double](repeating: 0, count: 12)) < 1e-6)
  }

  @Test("all columns together are least squares, and ridge regression")
  func everything() throws {
    let (features, targets) = (Self.random([30, 6], 12), Self.random([30, 2], 13))
    let (plain, ridge) = (
      try features.leastSquares(targets).solution.scalars.map(Double.init),
      try features.ridgeRegression(targets, penalty: 3).scalars.map(Double.init)
    )
    for sharing in [false, true] {
      let all = try features.forwardSelection(targets, features: 6, sharing: sharing)
      #expect(distance(all.coefficients.scalars, plain) < 1e-6)
      let held = try features.orthogonalMatchingPursuit(
        targets, features: 6, sharing: sharing, penalty: 3)
      #expect(distance(held.coefficients.scalars, ridge) < 1e-6)
    }
  }

  @Test("a centred regression takes no notice of constants")
  func centring() throws {
    let (features, targets) = (Self.random([30, 6], 14), Self.random([30, 2], 15))
    let one = try features.forwardSelection(targets, features: 3, penalty: 1, centring: true)
    let (movedFeatures, movedTargets) = (try features + 3, try targets - 5)
    let two = try movedFeatures.forwardSelection(
      movedTargets, features: 3, penalty: 1, centring: true)
    #expect(one.picks == two.picks)
    #expect(
      distance(two.coefficients.scalars, one.coefficients.scalars.map(Double.init)) < 1e-5)
    let expected = try (one.predict(features) - 5).scalars.map(Double.init)
    #expect(distance(try two.predict(movedFeatures).scalars, expected) < 1e-5)
    // A constant target leaves nothing to pick for, and a constant column nothing to pick.
    for value in [Float(2), 0.1, -1e4] {
      let constant = Tensor.filled(value, shape: [30, 1])
      let flat = try features.forwardSelection(constant, features: 3, centring: true)
      #expect(flat.picks == [[]] && distance(flat.constants.scalars, [Double(value)]) < 1e-6)
      for penalty in [Float(0), 1] {
        let others = try Tensor.concatenated([constant, features], axis: 1)
          .forwardSelection(targets, features: 7, penalty: penalty, centring: true)
        #expect(others.picks.allSatisfy { $0.count == 6 && !$0.contains(0) })
      }
    }
  }

  @Test("columns that depend on the picks, and columns of zeros, are left alone")
  func dependence() throws {
    // The third column is the first, the fourth twice the second, the fifth zero.
    let features = try Tensor(
      [1, 0, 1, 0, 0, 1, 1, 1, 2, 0, 0, 1, 0, 2, 0, 2, 0, 2, 0, 0], shape: [4, 5])
    let target = try Tensor([3, -1, 2, 1], shape: [4, 1])
    for found in [
      try features.forwardSelection(target, features: 5),
      try features.orthogonalMatchingPursuit(target, features: 5),
    ] {
      #expect(found.picks[0].count == 2 && Set(found.picks[0]).isSubset(of: [0, 1]))
    }
    #expect(try features.forwardSelection(target, features: 5, penalty: 1).picks[0].count <= 4)
  }

  @Test("edge shapes", arguments: [[1, 1, 1], [1, 5, 2], [5, 1, 1], [3, 17, 1], [33, 31, 9]])
  func edges(shape: [Int]) throws {
    let (features, targets) = (
      Self.random([shape[0], shape[1]], 16), Self.random([shape[0], shape[2]], 17)
    )
    let found = try features.orthogonalMatchingPursuit(targets, features: shape[1])
    let expected = try features.matrixProduct(features.leastSquares(targets).solution)
    #expect(found.coefficients.shape == [shape[1], shape[2]])
    #expect(
      distance(try found.predict(features).scalars, expected.scalars.map(Double.init)) < 2e-5)
  }

  @Test("the bits do not depend on the number of threads")
  func threads() throws {
    let (features, targets) = (Self.random([100, 150], 18), Self.random([100, 20], 19))
    let many = try features.forwardSelection(targets, features: 10, centring: true)
    let count = Parallel.threadCount
    Parallel.setThreadCount(1)
    defer { Parallel.setThreadCount(count) }
    let one = try features.forwardSelection(targets, features: 10, centring: true)
    #expect(many.picks == one.picks)
    #expect(many.coefficients.scalars == one.coefficients.scalars)
  }
}
