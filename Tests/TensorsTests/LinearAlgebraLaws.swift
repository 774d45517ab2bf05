import Glibc
import Tensors

/// A square matrix for plain loops.
typealias Square = [[Double]]

/// The matrices of a batch `[..., n, n]`.
func squares(_ batch: Naive) -> [Square] {
  let size = batch.shape[batch.shape.count - 1]
  return stride(from: 0, to: batch.values.count, by: size * size).map { start in
    (0..<size).map { Array(batch.values[start + $0 * size..<start + ($0 + 1) * size]) }
  }
}

/// The determinant by expansion along the first row.
func determinant(_ m: Square) -> Double {
  guard m.count > 1 else { return m[0][0] }
  return m.indices.reduce(0.0) {
    $0 + ($1 % 2 == 0 ? 1 : -1) * m[0][$1] * determinant(minor(m, 0, $1))
  }
}

private func minor(_ m: Square, _ row: Int, _ column: Int) -> Square {
  m.indices.filter { $0 != row }.map { i in
    m.indices.filter { $0 != column }.map { m[i][$0] }
  }
}

/// The inverse by Cramer's rule.
func inverse(_ m: Square) -> Square {
  guard m.count > 1 else { return [[1 / m[0][0]]] }
  let whole = determinant(m)
  return m.indices.map { i in
    m.indices.map {
      ($0 + i) % 2 == 0
        ? determinant(minor(m, $0, i)) / whole : -determinant(minor(m, $0, i)) / whole
    }
  }
}

/// The rotation nearest to a matrix of positive determinant: Newton's iteration (Higham, 1986).
private func polar(_ m: Square) -> Square {
  var x = m
  for _ in 0..<30 {
    let y = inverse(x)
    x = x.indices.map { i in x.indices.map { 0.5 * (x[i][$0] + y[$0][i]) } }
  }
  return x
}

private func angle(_ m: Square) -> Double {
  let w = [m[2][1] - m[1][2], m[0][2] - m[2][0], m[1][0] - m[0][1]]
  return atan2(
    0.5 * w.reduce(0) { $0 + $1 * $1 }.squareRoot(), 0.5 * (m[0][0] + m[1][1] + m[2][2] - 1))
}

private func identity(_ shape: [Int]) -> Tensor {
  let size = shape[shape.count - 1]
  return Tensor(shape: shape) { target in
    for i in target.indices { target[i] = i % (size * size) % (size + 1) == 0 ? 1 : 0 }
  }
}

extension Naive {
  /// A function of each matrix of a batch.
  fileprivate func matrices(_ function: (Square) -> Square) -> Naive {
    Naive(shape, squares(self).flatMap { function($0).flatMap { $0 } })
  }

  fileprivate var plusIdentity: Naive {
    with(Naive(identity(shape)), +)
  }
}

extension Law {
  static let linearAlgebra: [Law] = {
    var laws: [Law] = []
    for shape in [[1, 1], [2, 2], [3, 3], [4, 3, 3], [2, 2, 4, 4], [3, 5, 5], [2, 1, 1]] {
      let size = shape[shape.count - 1]
      // Near the identity, so that no matrix is near a singular one.
      let spread = 0.9 / Float(size)
      laws.append(
        Law(
          name: "inverse", shapes: [shape], range: -spread...spread,
          operation: { try ($0[0] + identity(shape)).inverse() }
        ) { $0[0].plusIdentity.matrices(inverse) })
      laws.append(
        Law(
          name: "determinant", shapes: [shape], range: -spread...spread,
          operation: { try ($0[0] + identity(shape)).determinant() }
        ) { Naive(shape.dropLast(2), squares($0[0].plusIdentity).map(determinant)) })
    }
    for (size, sides) in [(1, 1), (3, 2), (5, 1), (17, 3)] {
      let (shape, right) = ([size, size], [size, sides])
      let spread = 0.9 / Float(size)
      if size < 6 {
        laws.append(
          Law(
            name: "solved", shapes: [shape, right], range: -spread...spread, linear: [1],
            operation: { try ($0[0] + identity(shape)).solved($0[1]) }
          ) { $0[0].plusIdentity.matrices(inverse).product($0[1]) })
        laws.append(
          Law(
            name: "choleskySolved", shapes: [shape, right], range: -spread...spread, linear: [1],
            operation: { try ($0[0] + identity(shape)).choleskySolved($0[1]) }
          ) {
            let a = $0[0].plusIdentity
            return a.with(a.transposed) { 0.5 * ($0 + $1) }.matrices(inverse).product($0[1])
          })
      }
    }
    for leading in [[], [1], [4], [2, 3]] as [[Int]] {
      for (left, right) in [(false, false), (false, true), (true, false), (true, true)] {
        let (m, k, n) = (3, 2, 5)
        let shapes = [leading + (left ? [k, m] : [m, k]), leading + (right ? [n, k] : [k, n])]
        laws.append(
          Law(
            name: "matrixProducts(\(left), \(right))", shapes: shapes, linear: [0, 1],
            operation: {
              try $0[0].matrixProducts($0[1], transposingLeft: left, transposingRight: right)
            }
          ) { input in
            Naive(leading + [m, n]) { place in
              let (i, j, batch) = (
                place[place.count - 2], place[place.count - 1], place.dropLast(2)
              )
              return (0..<k).reduce(0.0) {
                $0 + input[0][batch + (left ? [$1, i] : [i, $1])]
                  * input[1][batch + (right ? [j, $1] : [$1, j])]
              }
            }
          })
      }
    }
    return laws
  }()

  static let rotations: [Law] = {
    var laws: [Law] = []
    for shape in [[3, 3], [1, 3, 3], [7, 3, 3], [2, 3, 3, 3]] {
      laws.append(
        Law(
          name: "nearestRotations", shapes: [shape], range: -0.3...0.3,
          operation: { try ($0[0] + identity(shape)).nearestRotations() }
        ) { $0[0].plusIdentity.matrices(polar) })
      laws.append(
        Law(
          name: "rotationAngles", shapes: [shape], range: -0.9...0.9,
          operation: { try $0[0].rotationAngles() }
        ) { Naive(shape.dropLast(2), squares($0[0]).map(angle)) })
      laws.append(
        Law(
          name: "the angle of the nearest rotation", shapes: [shape], range: -0.3...0.3,
          operation: { try ($0[0] + identity(shape)).nearestRotations().rotationAngles() }
        ) { Naive(shape.dropLast(2), squares($0[0].plusIdentity).map { angle(polar($0)) }) })
    }
    return laws
  }()
}
