import Glibc
import Tensors
import Testing

extension Law {
  /// The grid less that of zeros: what is linear in the displacements.
  static let thinPlateGrids: [Law] =
    [
      (1, 3, 1, 1), (1, 3, 4, 5), (2, 5, 3, 7), (3, 9, 17, 2), (2, 16, 5, 19), (1, 4, 1, 3),
    ].map { images, points, height, width in
      Law(
        name: "thinPlateGrid \(height)×\(width)", shapes: [[images, points, 2]], range: -0.5...0.5,
        linear: [0],
        operation: {
          let grid = try $0[0].thinPlateGrid(
            controlPoints: controlPoints(points), height: height, width: width)
          let still = try Tensor.zeros([images, points, 2]).thinPlateGrid(
            controlPoints: controlPoints(points), height: height, width: width)
          return try grid - still
        }
      ) { $0[0].thinPlate(Naive(controlPoints(points)), height, width) }
    } + [
      // The gradients of an image reach the displacements.
      Law(
        name: "thinPlateGrid of an image", shapes: [[2, 5, 2], [2, 5, 4, 3]], range: -0.2...0.2,
        operation: {
          try $0[1].gridSampled(
            $0[0].thinPlateGrid(controlPoints: controlPoints(5), height: 3, width: 5),
            fill: .constant(0.5))
        }
      ) { input in
        let field = input[0].thinPlate(Naive(controlPoints(5)), 3, 5)
        let grid = Naive(field.shape) { place in
          let (index, side) = place[3] == 0 ? (place[2], 5) : (place[1], 3)
          return Double(2 * index + 1) / Double(side) - 1 + field[place]
        }
        return input[1].gridSampled(grid, .constant(0.5))
      }
    ]

  /// Points over the frame and a little beyond it.
  static func controlPoints(_ count: Int) -> Tensor {
    var generator = Generator(seed: UInt64(100 + count))
    return .uniform([count, 2], in: -1.1...1.1, using: &generator)
  }
}

extension Naive {
  /// The displacement of every pixel centre, from the coefficients of each image's spline.
  func thinPlate(_ points: Naive, _ height: Int, _ width: Int) -> Naive {
    let count = points.shape[0]
    func basis(_ x: Double, _ y: Double) -> [Double] {
      (0..<count).map { k in
        let r = hypot(x - points[[k, 0]], y - points[[k, 1]])
        return r == 0 ? 0 : 2 * r * r * log(r)
      } + [1, x, y]
    }
    var system = Naive([count + 3, count + 3]) { _ in 0 }
    for i in 0..<count {
      for (j, value) in basis(points[[i, 0]], points[[i, 1]]).enumerated() {
        system.values[i * (count + 3) + j] = value
        if j >= count { system.values[j * (count + 3) + i] = value }
      }
    }
    let sides = (0..<shape[0]).map { n in
      Naive([count + 3, 2]) { $0[0] < count ? self[[n, $0[0], $0[1]]] : 0 }
    }
    let coefficients = sides.map { system.eliminated($0) }
    return Naive([shape[0], height, width, 2]) { place in
      let x = Double(2 * place[2] + 1) / Double(width) - 1
      let y = Double(2 * place[1] + 1) / Double(height) - 1
      return basis(x, y).enumerated().reduce(0) {
        $0 + $1.element * coefficients[place[0]][[$1.offset, place[3]]]
      }
    }
  }

  /// The x of `self · x = right`, by elimination with row exchanges.
  private func eliminated(_ right: Naive) -> Naive {
    let (size, sides) = (shape[0], right.shape[1])
    var rows = (0..<size).map { i in
      (0..<size).map { self[[i, $0]] } + (0..<sides).map { right[[i, $0]] }
    }
    for i in 0..<size {
      let pivot = (i..<size).max { abs(rows[$0][i]) < abs(rows[$1][i]) } ?? i
      rows.swapAt(i, pivot)
      for other in 0..<size where other != i {
        let factor = rows[other][i] / rows[i][i]
        for j in i..<size + sides { rows[other][j] -= factor * rows[i][j] }
      }
    }
    return Naive([size, sides]) { rows[$0[0]][size + $0[1]] / rows[$0[0]][$0[0]] }
  }
}

@Suite("Thin plates")
struct ThinPlateTests {
  @Test("move the control points by their displacements")
  func interpolation() throws {
    // The centres of pixels 0, 4, 7, 10 and 14 of 3 × 5.
    let places = [0, 4, 7, 10, 14]
    let still = try Tensor.zeros([1, 3, 2]).thinPlateGrid(
      controlPoints: Law.controlPoints(3), height: 3, width: 5)
    let centres = try still.reshaped([15, 2]).gathered(rows: places)
    var generator = Generator(seed: 8)
    let displacements = Tensor.uniform([2, 5, 2], in: -1...1, using: &generator)
    let grid = try displacements.thinPlateGrid(controlPoints: centres, height: 3, width: 5)
    for n in 0..<2 {
      let moved = try grid.rows(n..<n + 1).reshaped([15, 2]).gathered(rows: places)
      let expected = try displacements.rows(n..<n + 1).reshaped([5, 2]) + centres
      #expect(distance(moved.scalars, expected.scalars.map(Double.init)) < 1e-6)
    }
  }

  @Test("do not bend for affine displacements")
  func affine() throws {
    let points = Law.controlPoints(9)
    let matrix: [Float] = [1.2, -0.3, 0.1, 0.4, 0.7, -0.2, 0, 0, 1]
    let displacements = Tensor(shape: [1, 9, 2]) { target in
      for (i, xy) in zip(0..., stride(from: 0, to: 18, by: 2)) {
        let (x, y) = (points.scalars[xy], points.scalars[xy + 1])
        target[2 * i] = matrix[0] * x + matrix[1] * y + matrix[2] - x
        target[2 * i + 1] = matrix[3] * x + matrix[4] * y + matrix[5] - y
      }
    }
    let grid = try displacements.thinPlateGrid(controlPoints: points, height: 6, width: 7)
    let expected = try Tensor(matrix, shape: [1, 3, 3]).homographyGrid(height: 6, width: 7)
    #expect(distance(grid.scalars, expected.scalars.map(Double.init)) < 2e-6)
  }
}
