import Tensors
import Testing

@Suite("Linear algebra")
struct LinearAlgebraTests {
  private static func random(_ shape: [Int], _ seed: UInt64) -> Tensor {
    var generator = Generator(seed: seed)
    return .normal(shape, using: &generator)
  }

  private static func identity(_ size: Int) -> Naive {
    Naive([size, size]) { $0[0] == $0[1] ? 1 : 0 }
  }

  @Test(
    "singular vectors are orthonormal, ordered, and give the matrix back",
    arguments: [[1, 1], [5, 3], [3, 5], [40, 17], [1, 9], [9, 1]])
  func singularValues(shape: [Int]) throws {
    let matrix = Self.random(shape, 3)
    let (left, values, right) = try matrix.singularValueDecomposition()
    let least = min(shape[0], shape[1])
    #expect(left.shape == [shape[0], least] && right.shape == [least, shape[1]])
    #expect(values.scalars == values.scalars.sorted(by: >) && values.scalars.allSatisfy { $0 >= 0 })
    let back = try (left * values).matrixProduct(right)
    #expect(distance(back.scalars, Naive(matrix).values) < 1e-6)
    let columns = try left.matrixProduct(left, transposingLeft: true)
    let rows = try right.matrixProduct(right, transposingRight: true)
    #expect(distance(columns.scalars, Self.identity(least).values) < 1e-6)
    #expect(distance(rows.scalars, Self.identity(least).values) < 1e-6)
    for k in 0..<least {
      let vector = try left.columns(k..<k + 1).scalars
      #expect((vector.max { abs($0) < abs($1) } ?? 0) > 0)
    }
  }

  @Test("singular values are the roots of the Gram matrix's eigenvalues")
  func singularAndEigen() throws {
    let matrix = Self.random([12, 5], 4)
    let gram = try matrix.matrixProduct(matrix, transposingLeft: true)
    let eigen = try gram.symmetricEigen().values.scalars.reversed().map { Double($0).squareRoot() }
    #expect(distance(try matrix.singularValueDecomposition().values.scalars, eigen) < 1e-5)
  }

  @Test(
    "the residual of least squares is at right angles to the columns",
    arguments: [[1, 1], [20, 3], [7, 7], [65, 16]])
  func leastSquares(shape: [Int]) throws {
    let (matrix, right) = (Self.random(shape, 5), Self.random([shape[0], 2], 6))
    let (x, rank) = try matrix.leastSquares(right)
    #expect(x.shape == [shape[1], 2] && rank == min(shape[0], shape[1]))
    let residual = try matrix.matrixProduct(x) - right
    let along = try matrix.matrixProduct(residual, transposingLeft: true)
    #expect(distance(along.scalars, [Double](repeating: 0, count: along.count)) < 2e-5)
  }

  @Test("of many solutions least squares takes the shortest, and tells the rank")
  func minimalNorm() throws {
    // The third column is the sum of the others.
    let matrix = try Tensor([1, 0, 1, 0, 1, 1, 1, 1, 2, 1, -1, 0], shape: [4, 3])
    let right = try Tensor([1, 2, 3, -1], shape: [4, 1])
    let (x, rank) = try matrix.leastSquares(right)
    #expect(rank == 2)
    // x = (1, 2, 0) less its part along (1, 1, −1).
    #expect(distance(x.scalars, [0, 1, 1]) < 1e-6)
    let wide = try Tensor([3, 4], shape: [1, 2]).leastSquares(Tensor([25], shape: [1, 1]))
    #expect(distance(wide.solution.scalars, [3, 4]) < 1e-6 && wide.rank == 1)
  }

  @Test("least squares leaves out what lies below its cutoff")
  func cutoff() throws {
    let matrix = try Tensor([1, 0, 0, 1e-3], shape: [2, 2])
    let right = try Tensor([1, 1], shape: [2, 1])
    let (all, some) = (try matrix.leastSquares(right), try matrix.leastSquares(right, cutoff: 0.01))
    #expect(all.rank == 2 && distance(all.solution.scalars, [1, 1000]) < 1e-6)
    #expect(some.rank == 1 && distance(some.solution.scalars, [1, 0]) < 1e-6)
  }

  @Test("ridge regression solves its normal equations", arguments: [Float(0), 0.1, 10])
  func ridge(penalty: Float) throws {
    let (matrix, right) = (Self.random([20, 5], 7), Self.random([20, 3], 8))
    let x = try matrix.ridgeRegression(right, penalty: penalty)
    let residual = try matrix.matrixProduct(x) - right
    let slope = try matrix.matrixProduct(residual, transposingLeft: true) + x * penalty
    #expect(distance(slope.scalars, [Double](repeating: 0, count: 15)) < 1e-5)
    // More columns than rows, where only the penalty makes one solution.
    let wide = Self.random([3, 8], 9)
    let y = try wide.ridgeRegression(Self.random([3, 1], 10), penalty: 0.5)
    let rest = try wide.matrixProduct(y) - Self.random([3, 1], 10)
    let flat = try wide.matrixProduct(rest, transposingLeft: true) + y * 0.5
    #expect(distance(flat.scalars, [Double](repeating: 0, count: 8)) < 1e-5)
  }

  @Test("what is solved multiplies back", arguments: [1, 3, 17, 40])
  func solves(size: Int) throws {
    let (matrix, right) = (Self.random([size, size], 11), Self.random([size, 2], 12))
    let back = try matrix.matrixProduct(matrix.solved(right))
    #expect(distance(back.scalars, Naive(right).values) < 1e-4)
    let gram = try matrix.matrixProduct(matrix, transposingRight: true)
    var ridge = gram
    ridge.update { values in for i in 0..<size { values[i * size + i] += 1 } }
    let other = try ridge.matrixProduct(ridge.choleskySolved(right))
    #expect(distance(other.scalars, Naive(right).values) < 1e-4)
  }

  @Test("a batch of 3×3 matrices and a batch of others agree on what a determinant is")
  func determinants() throws {
    let three = Self.random([6, 3, 3], 13)
    // The same matrices with a row and a column of the identity: same determinant, other code.
    let four = Tensor(shape: [6, 4, 4]) { target in
      for i in target.indices {
        let (n, row, column) = (i / 16, i % 16 / 4, i % 4)
        target[i] =
          row < 3 && column < 3
          ? three.scalars[n * 9 + row * 3 + column] : row == column ? 1 : 0
      }
    }
    let expected = try four.determinant().scalars.map(Double.init)
    #expect(distance(try three.determinant().scalars, expected) < 1e-6)
    #expect(try Tensor.zeros([2, 2]).determinant().item() == 0)
  }

  @Test("a singular 3×3 matrix has a determinant with a derivative")
  func singularDeterminant() throws {
    let tape = Tape()
    let matrix = tape.watch(try Tensor([1, 0, 0, 0, 1, 0, 0, 0, 0], shape: [3, 3]))
    let value = try matrix.determinant()
    #expect(try value.item() == 0)
    #expect(try tape.gradients(of: value)[matrix]?.scalars == [0, 0, 0, 0, 0, 0, 0, 0, 1])
  }

  @Test("the nearest rotation is one, and no other that is tried is nearer")
  func nearestRotations() throws {
    let matrices = Self.random([50, 3, 3], 14)
    let nearest = try matrices.nearestRotations()
    let determinants = try nearest.determinant().scalars
    #expect(distance(determinants, [Double](repeating: 1, count: 50)) < 1e-6)
    let products = try nearest.matrixProducts(nearest, transposingLeft: true)
    for product in squares(Naive(products)) {
      #expect(distance(product.flatMap { $0 }.map(Float.init), Self.identity(3).values) < 1e-6)
    }
    // About half of these have a negative determinant.
    #expect(try matrices.determinant().scalars.contains { $0 < 0 })
    let others = try Self.random([50, 3, 3], 15).nearestRotations()
    for i in 0..<50 {
      func gap(_ rotation: Tensor) throws -> Float {
        try (matrices.rows(i..<i + 1) - rotation).squared().sum().item()
      }
      let own = try gap(nearest.rows(i..<i + 1))
      for j in 0..<50 { #expect(try own <= gap(others.rows(j..<j + 1)) + 1e-5) }
    }
  }

  @Test("the nearest rotation exists where the matrix does not determine it")
  func degenerate() throws {
    let matrices: [[Float]] = [
      [0, 0, 0, 0, 0, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0, 0, 0, 0], [1, 0, 0, 0, 1, 0, 0, 0, -1],
      [-1, 0, 0, 0, -1, 0, 0, 0, -1], [1, 2, 3, 2, 4, 6, -1, -2, -3],
      [0, 0, 0, 0, 0, 0, 0, 0, 1e-20],
    ]
    let tape = Tape()
    let batch = tape.watch(try Tensor(matrices.flatMap { $0 }, shape: [6, 3, 3]))
    let nearest = try batch.nearestRotations()
    #expect(
      distance(try nearest.detached.determinant().scalars, [1, 1, 1, 1, 1, 1]) < 1e-6)
    let gradient = try tape.gradients(of: nearest.squared().sum())[batch]
    #expect(gradient?.isFinite == true)
  }

  @Test("a turn by an angle has that angle", arguments: [0, 0.001, 0.5, 1.5707964, 3, 3.1415925])
  func angles(angle: Float) throws {
    let (c, s) = (
      try Tensor(angle).cosine().item(), try Tensor(angle).sine().item()
    )
    let tape = Tape()
    let turn = tape.watch(try Tensor([c, -s, 0, s, c, 0, 0, 0, 1], shape: [3, 3]))
    let found = try turn.rotationAngles()
    #expect(abs(try found.item() - angle) < 1e-6)
    let gradient = try tape.gradients(of: found)[turn]
    #expect(gradient?.scalars.allSatisfy { abs($0) <= 0.5001 } == true)
  }
}
