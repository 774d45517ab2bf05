import Tensors
import Testing

@testable import Imaging

@Suite struct MatrixTests {
  private static func random(_ generator: inout Generator) -> Matrix3 {
    let e = (0..<9).map { _ in Double(generator.normal()) }
    return Matrix3(e[0], e[1], e[2], e[3], e[4], e[5], e[6], e[7], e[8])
  }

  @Test func inverseUndoesTheProduct() throws {
    var generator = Generator(seed: 1)
    for _ in 0..<100 {
      let a = Self.random(&generator)
      guard abs(a.determinant) > 0.05 else { continue }
      let inverse = try #require(a.inverse)
      for product in [a * inverse, inverse * a] {
        #expect(largestDifference(product, .identity) < 1e-9)
      }
    }
  }

  @Test func determinantIsMultiplicativeAndNormalisable() throws {
    var generator = Generator(seed: 2)
    for _ in 0..<100 {
      let (a, b) = (Self.random(&generator), Self.random(&generator))
      let product = a.determinant * b.determinant
      #expect(abs((a * b).determinant - product) < 1e-9 * (1 + abs(product)))
      let normal = try #require(a.normalised)
      #expect(abs(normal.determinant - 1) < 1e-9)
      // The same homography: points go where they went.
      let p = Point(x: 0.3, y: -0.7)
      let distance = normal.apply(to: p).distance(to: a.apply(to: p))
      #expect(distance < 1e-9 * (1 + a.apply(to: p).distance(to: Point(x: 0, y: 0))))
    }
  }

  @Test func determinantOfAKnownMatrix() {
    #expect(Matrix3(2, 0, 1, 1, 3, 2, 1, 1, 4).determinant == 18)
  }

  @Test(arguments: [
    Matrix3(1, 2, 3, 2, 4, 6, 0, 0, 1), Matrix3(0, 0, 0, 0, 0, 0, 0, 0, 0),
    Matrix3(1, 0, .nan, 0, 1, 0, 0, 0, 1), Matrix3(1, 0, 0, 0, .infinity, 0, 0, 0, 1),
  ])
  func singularMatricesHaveNoInverse(matrix: Matrix3) {
    #expect(matrix.inverse == nil)
    #expect(matrix.normalised == nil)
    #expect(throws: TensorError.self) { try Transformation(sampling: matrix) }
  }

  @Test func linearSystemsLeaveNoResidual() throws {
    var generator = Generator(seed: 3)
    for n in 1...8 {
      for _ in 0..<50 {
        // A zero on the diagonal forces pivoting.
        var matrix = (0..<n * n).map { _ in Double(generator.normal()) }
        if n > 1 { matrix[0] = 0 }
        let right = (0..<n).map { _ in Double(generator.normal()) }
        let x = try #require(LinearSystem.solve(matrix, right))
        let size = x.reduce(1) { max($0, abs($1)) }
        for i in 0..<n {
          let left = (0..<n).reduce(0) { $0 + matrix[i * n + $1] * x[$1] }
          #expect(abs(left - right[i]) < 1e-11 * size)
        }
      }
    }
  }

  @Test func singularSystemsHaveNoSolution() {
    #expect(LinearSystem.solve([1, 2, 2, 4], [1, 2]) == nil)
    #expect(LinearSystem.solve([.nan, 0, 0, 1], [1, 2]) == nil)
    #expect(LinearSystem.solve([1, 2, 3], [1, 2]) == nil)
  }

  @Test func homographyTakesPointsToPoints() throws {
    let source = [
      Point(x: -0.8, y: -1.1), Point(x: 1.2, y: -0.9), Point(x: 0.7, y: 0.9), Point(x: -1, y: 1),
    ]
    let map = try #require(Matrix3.homography(from: source, to: ImageSize.corners))
    for (from, to) in zip(source, ImageSize.corners) {
      #expect(map.apply(to: from).distance(to: to) < 1e-12)
    }
    let line = [Point(x: 0, y: 0), Point(x: 1, y: 1), Point(x: 2, y: 2), Point(x: 3, y: 3)]
    #expect(Matrix3.homography(from: line, to: ImageSize.corners) == nil)
  }
}

func largestDifference(_ a: Matrix3, _ b: Matrix3) -> Double {
  zip(a.entries, b.entries).reduce(0) { max($0, abs($1.0 - $1.1)) }
}
