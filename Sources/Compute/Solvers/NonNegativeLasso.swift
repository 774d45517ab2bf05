import CVectors

/// Codes that are nowhere negative and mostly zero, by coordinate descent on a precomputed Gram matrix.
///
/// The objective of a signal x is `½‖x − Dᵀ a‖² + penalty Σ a` over `a ≥ 0`, with an atom in each row of D.
/// The best value of one coordinate, the others held, is `max(0, aⱼ − gⱼ / Gⱼⱼ)` with the slope
/// `g = G a − D x + penalty` (Friedman et al., 2007). Slopes are kept up to date, so that a coordinate that
/// stays at zero costs a comparison.
public struct NonNegativeLasso: ~Copyable {
  private let dictionary: UnsafePointer<Float>
  private let atoms, dimension: Int
  private let gram: [Double]
  /// Signals whose products with the atoms are taken at a time.
  private static let block = 16

  /// Takes a dictionary `[atoms, dimension]`, which must outlive this value.
  public init(_ dictionary: UnsafePointer<Float>, atoms: Int, dimension: Int) {
    (self.dictionary, self.atoms, self.dimension) = (dictionary, atoms, dimension)
    gram = RowProducts.gram(dictionary, rows: atoms, width: dimension)
  }

  /// Writes the codes `[count, atoms]` of signals `[count, dimension]`, and returns for the whole: the
  /// most sweeps of a signal, the widest gap, and whether all of them reached the tolerance.
  ///
  /// A signal's sweeps end when its gap is at most `tolerance` of its objective. `penalty` is positive.
  public func encode(
    _ signals: UnsafePointer<Float>, count: Int, penalty: Double, sweeps: Int, tolerance: Double,
    into codes: UnsafeMutablePointer<Float>
  ) -> SolverCourse {
    var courses = [SolverCourse](repeating: .worst(of: []), count: count)
    let (atoms, dimension, dictionary, gram) = (atoms, dimension, dictionary, gram)
    courses.withUnsafeMutableBufferPointer { courses in
      nonisolated(unsafe) let courses = courses
      Parallel.tasks((count + Self.block - 1) / Self.block) { task, _ in
        let part = task * Self.block..<min(count, (task + 1) * Self.block)
        var products = [Double](repeating: 0, count: part.count * atoms)
        orbit_row_products(
          signals + part.lowerBound * dimension, Int64(part.count), dictionary, Int64(atoms),
          Int64(dimension), &products, Int64(atoms))
        let squares = RowProducts.squares(
          signals + part.lowerBound * dimension, rows: part.count, width: dimension)
        for (place, row) in part.enumerated() {
          var signal = Signal(
            gram: gram, moments: Array(products[place * atoms..<(place + 1) * atoms]),
            square: squares[place], penalty: penalty)
          courses[row] = signal.descend(sweeps: sweeps, tolerance: tolerance)
          for j in 0..<atoms { codes[row * atoms + j] = Float(signal.code[j]) }
        }
      }
    }
    return .worst(of: courses)
  }
}

/// One signal on its way to its code.
private struct Signal {
  let gram, moments: [Double]
  let square, penalty: Double
  var code, slopes: [Double]

  init(gram: [Double], moments: [Double], square: Double, penalty: Double) {
    (self.gram, self.moments, self.square, self.penalty) = (gram, moments, square, penalty)
    code = [Double](repeating: 0, count: moments.count)
    slopes = moments.map { penalty - $0 }
  }

  mutating func descend(sweeps: Int, tolerance: Double) -> SolverCourse {
    var course = course(after: 0, tolerance)
    while !course.isReached, course.sweeps < sweeps {
      sweep()
      course = self.course(after: course.sweeps + 1, tolerance)
    }
    return course
  }

  private mutating func sweep() {
    let (size, gram) = (code.count, gram)
    gram.withUnsafeBufferPointer { gram in
      guard let gram = gram.baseAddress else { return }
      for j in 0..<size where slopes[j] < 0 || code[j] > 0 {
        let curvature = gram[j * size + j]
        guard curvature > 0 else { continue }
        let value = max(0, code[j] - slopes[j] / curvature)
        guard value != code[j] else { continue }
        orbit_add_multiple(gram + j * size, value - code[j], &slopes, Int64(size))
        code[j] = value
      }
    }
  }

  /// The gap to the dual `½‖x‖² − ½‖x − θ‖²` over `D θ ≤ penalty`, at the multiple of the residual that
  /// is best among those allowed (El Ghaoui, Viallon and Rabbani, 2012, for both signs).
  private func course(after sweeps: Int, _ tolerance: Double) -> SolverCourse {
    var (sum, along, bent, steepest) = (0.0, 0.0, 0.0, 0.0)
    for j in code.indices {
      // The atom's product with the residual.
      let product = penalty - slopes[j]
      sum += code[j]
      along += code[j] * moments[j]
      bent += code[j] * (moments[j] - product)
      steepest = max(steepest, product)
    }
    let residual = max(0, square - 2 * along + bent)
    let across = square - along
    let most = steepest > 0 ? penalty / steepest : .infinity
    let scale = residual > 0 ? min(max(0, across / residual), most) : min(1, most)
    let primal = 0.5 * residual + penalty * sum
    let dual = scale * across - 0.5 * scale * scale * residual
    return SolverCourse(
      sweeps: sweeps, primal: primal, dual: dual, isReached: primal - dual <= tolerance * primal)
  }
}
