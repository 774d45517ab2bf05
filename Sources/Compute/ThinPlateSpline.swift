import Glibc

/// The thin-plate spline through displacements of control points, as weights of them at each pixel.
///
/// A displacement at p is `a + A p + Σ w_k U(‖p − c_k‖)` with `U(r) = r² log r²`, which takes the given
/// value at every control point c_k and bends least (Bookstein, 1989): with K the matrix of
/// `U(‖c_i − c_k‖)` and P the rows `(1, c_k)`, `[[K, P], [Pᵀ, 0]] (w, a, A) = (d, 0)`. It is linear in
/// the displacements d.
public struct ThinPlateSpline: Sendable {
  private let points: [SIMD2<Double>]
  /// What each displacement adds to the coefficients: `[K + 3, K]`.
  private let coefficients: [Double]

  /// Takes the control points, `[count, 2]`.
  ///
  /// - Throws: when two of them coincide or all are on one line, within 10⁻⁵ of their extent.
  public init(_ values: UnsafePointer<Float>, count: Int) throws(ComputeError) {
    let points = (0..<count).map { SIMD2(Double(values[2 * $0]), Double(values[2 * $0 + 1])) }
    try Self.check(points)
    let size = count + 3
    var matrix = [Double](repeating: 0, count: size * size)
    var identity = [Double](repeating: 0, count: size * count)
    for (i, point) in points.enumerated() {
      let row = Self.basis(at: point, points)
      for j in 0..<size {
        matrix[i * size + j] = row[j]
        if j >= count { matrix[j * size + i] = row[j] }
      }
      identity[i * count + i] = 1
    }
    coefficients = try Factorisation(matrix, size: size).solution(identity, right: count)
    self.points = points
  }

  /// Writes the weight of every control point's displacement at every pixel centre,
  /// `[height · width, K]`; pixel i of W has its centre at (2i + 1)/W − 1.
  public func writeWeights(height: Int, width: Int, into weights: UnsafeMutablePointer<Float>) {
    let count = points.count
    let work = (count + 3) * count
    Parallel.ranges(height * width, grain: max(1, Elementwise.grain / work)) { range in
      for pixel in range {
        let place = SIMD2(
          Double(2 * (pixel % width) + 1) / Double(width) - 1,
          Double(2 * (pixel / width) + 1) / Double(height) - 1)
        let basis = Self.basis(at: place, points)
        for k in 0..<count {
          var sum = 0.0
          for (j, value) in basis.enumerated() { sum += value * coefficients[j * count + k] }
          weights[pixel * count + k] = Float(sum)
        }
      }
    }
  }

  /// What the coefficients count at a place: U of each distance, then 1, x and y.
  private static func basis(at place: SIMD2<Double>, _ points: [SIMD2<Double>]) -> [Double] {
    points.map { point in
      let square = ((place - point) * (place - point)).sum()
      return square > 0 ? square * log(square) : 0
    } + [1, place.x, place.y]
  }

  private static func check(_ points: [SIMD2<Double>]) throws(ComputeError) {
    let middle = points.reduce(.zero, +) / Double(max(1, points.count))
    var (square, product) = (SIMD2<Double>.zero, 0.0)
    for point in points {
      let offset = point - middle
      square += offset * offset
      product += offset.x * offset.y
    }
    let extent = square.sum()
    for (i, point) in points.enumerated() {
      for (j, other) in points[..<i].enumerated() {
        let distance = ((point - other) * (point - other)).sum()
        guard distance > 1e-10 * extent else {
          throw ComputeError("control points \(j) and \(i) coincide; keep them apart")
        }
      }
    }
    guard square.x * square.y - product * product > 1e-10 * extent * extent else {
      throw ComputeError("the control points are on one line; take three that are not")
    }
  }
}
