import Tensors
import Testing

@Suite("Looking at values")
struct InspectionTests {
  @Test("finds the greatest of each row, the first of equals")
  func argumentOfMaximum() throws {
    let tensor = try Tensor([1, 3, 2, 5, 5, 4, -2, -3, -1], shape: [3, 3])
    #expect(try tensor.argumentOfMaximum() == [1, 0, 2])
    #expect(try Tensor([7], shape: [1]).argumentOfMaximum() == [0])
  }

  @Test("sees a value that is not finite anywhere", arguments: [1, 15, 16, 17, 40])
  func isFinite(count: Int) throws {
    #expect(Tensor.filled(3e38, shape: [count]).isFinite)
    for bad in [Float.nan, .infinity, -.infinity] {
      for place in 0..<count {
        var tensor = Tensor.zeros([count])
        tensor.update { $0[place] = bad }
        #expect(!tensor.isFinite)
      }
    }
  }

  /// A loss must show that something went wrong below.
  @Test(
    "lets what is not a number pass through",
    arguments: [
      "rectified", "tanh", "sigmoid", "exponential", "softmax", "averagePooled",
    ])
  func notANumber(name: String) throws {
    var tensor = Tensor.zeros([1, 4, 4, 16])
    tensor.update { $0[35] = .nan }
    let result =
      switch name {
      case "rectified": try tensor.rectified()
      case "tanh": try tensor.tanh()
      case "sigmoid": try tensor.sigmoid()
      case "exponential": try tensor.exponential()
      case "softmax": try tensor.softmax()
      default: try tensor.averagePooled(window: 2, stride: 2)
      }
    #expect(!result.isFinite)
  }

  @Test(
    "normalisation refuses what is not finite, which its rectifier would hide",
    arguments: [Float.nan, .infinity])
  func normalisationRefuses(bad: Float) throws {
    var tensor = Tensor.zeros([2, 4, 4, 16])
    tensor.update { $0[35] = bad }
    let (ones, zeros) = (Tensor.filled(1, shape: [16]), Tensor.zeros([16]))
    let error = #expect(throws: TensorError.self) {
      try tensor.batchNormalised(scale: ones, shift: zeros, rectify: true)
    }
    #expect(
      error?.description == "the input of batchNormalised is not finite: the numbers grew out of "
        + "bounds; a lower learning rate usually helps")
    #expect(throws: TensorError.self) {
      try Tensor.zeros([2, 16]).normalised(
        mean: zeros, variance: .filled(bad, shape: [16]), scale: ones, shift: zeros)
    }
  }

  @Test("exponential and softmax hold at the ends of the range")
  func extremes() throws {
    let far = try Tensor([1000, 0, -1000], shape: [1, 3]).softmax()
    #expect(far.scalars == [1, 0, 0])
    #expect(try Tensor([0], shape: [1]).logarithm().scalars == [-.infinity])
    #expect(try Tensor([-1], shape: [1]).logarithm().scalars[0].isNaN)
    #expect(try Tensor([100, -200], shape: [2]).exponential().scalars == [.infinity, 0])
    let loss = try Tensor([1000, 0], shape: [1, 2]).crossEntropy(labels: [1])
    #expect(try loss.item() == 1000)
  }

  @Test("operations on tensors without values give tensors without values")
  func empty() throws {
    let none = Tensor.zeros([0, 3])
    #expect(try (none + none).shape == [0, 3])
    #expect(try (none * Tensor.zeros([3])).shape == [0, 3])
    #expect(try none.tanh().rectified().shape == [0, 3])
    #expect(try none.sum().item() == 0)
    #expect(try none.sum(axes: [0]).scalars == [0, 0, 0])
    #expect(try none.softmax().shape == [0, 3])
    #expect(try none.matrixProduct(Tensor.zeros([3, 2])).shape == [0, 2])
    #expect(try Tensor.zeros([2, 0]).matrixProduct(none).scalars == [0, 0, 0, 0, 0, 0])
  }

  @Test("eigenvectors are orthonormal, ordered, and diagonalise", arguments: [1, 2, 9, 40])
  func eigen(size: Int) throws {
    var generator = Generator(seed: UInt64(size))
    let root = Tensor.normal([size, size], using: &generator)
    let matrix = try root.matrixProduct(root, transposingRight: true)
    let (values, vectors) = try matrix.symmetricEigen()
    #expect(values.scalars == values.scalars.sorted())
    let identity = try vectors.matrixProduct(vectors, transposingLeft: true)
    let expected = Naive([size, size]) { $0[0] == $0[1] ? 1 : 0 }
    #expect(distance(identity.scalars, expected.values) < 1e-5)
    let left = try matrix.matrixProduct(vectors)
    let right = try vectors * values
    #expect(distance(left.scalars, right.scalars.map(Double.init)) < 1e-5)
    for column in 0..<size {
      let vector = try vectors.columns(column..<column + 1).scalars
      #expect((vector.max { abs($0) < abs($1) } ?? 0) > 0)
    }
  }

  @Test("the statistics of each branch are those of its part of the batch")
  func statistics() throws {
    var generator = Generator(seed: 3)
    let x = Tensor.normal([6, 3, 2, 5], using: &generator)
    let result = try x.batchNormalised(
      scale: .filled(1, shape: [5]), shift: .zeros([5]), branches: 3)
    #expect(result.mean.shape == [3, 5])
    #expect(result.variance.shape == [3, 5])
    for branch in 0..<3 {
      let expected = Naive(x).statistics(branch * 2..<branch * 2 + 2)
      #expect(distance(try result.mean.rows(branch..<branch + 1).scalars, expected.mean) < 1e-6)
      #expect(
        distance(try result.variance.rows(branch..<branch + 1).scalars, expected.variance) < 1e-6)
    }
  }
}
