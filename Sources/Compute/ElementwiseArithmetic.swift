private import CVectors

// The operations that a training step uses most, on all values and all cores.

extension Elementwise {
  /// What is made of the values at one place of two arrays.
  public enum Combination: Sendable {
    /// a + b.
    case sum
    /// a − b.
    case difference
    /// a · b.
    case product
    /// a / b.
    case quotient
  }

  /// Writes the combination of each pair of values; the result may take the place of one of them.
  public static func combine(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, by combination: Combination,
    into y: UnsafeMutablePointer<Float>, count: Int
  ) {
    let combination =
      switch combination {
      case .sum: orbit_sum_of_both
      case .difference: orbit_difference_of_both
      case .product: orbit_product_of_both
      case .quotient: orbit_quotient_of_both
      }
    Parallel.ranges(count, grain: grain) { range in
      let i = range.lowerBound
      orbit_combine(a + i, b + i, y + i, Int64(range.count), combination)
    }
  }

  /// Writes `factor · x`.
  public static func scale(
    _ x: UnsafePointer<Float>, by factor: Float, into y: UnsafeMutablePointer<Float>, count: Int
  ) {
    Parallel.ranges(count, grain: grain) { range in
      orbit_scale(x + range.lowerBound, factor, y + range.lowerBound, Int64(range.count))
    }
  }

  /// Writes `factor · (a − b)`.
  public static func scaleDifference(
    _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, by factor: Float,
    into y: UnsafeMutablePointer<Float>, count: Int
  ) {
    Parallel.ranges(count, grain: grain) { range in
      let i = range.lowerBound
      orbit_scaled_difference(a + i, b + i, factor, y + i, Int64(range.count))
    }
  }

  /// Writes `x + row` for each of `rows` rows of `width` values.
  public static func addRow(
    _ x: UnsafePointer<Float>, _ row: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>,
    rows: Int, width: Int
  ) {
    Parallel.ranges(rows, grain: max(1, grain / max(1, width))) { range in
      let i = range.lowerBound * width
      orbit_add_row(x + i, row, y + i, Int64(range.count), Int64(width))
    }
  }

  /// Writes `max(x, 0)`; what is not a number stays so.
  public static func rectify(
    _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, count: Int
  ) {
    Parallel.ranges(count, grain: grain) { range in
      orbit_rectify(x + range.lowerBound, y + range.lowerBound, Int64(range.count))
    }
  }

  /// Writes the gradient where the rectifier's output is positive or not a number, zeros elsewhere.
  public static func rectifyGradient(
    _ gradient: UnsafePointer<Float>, output: UnsafePointer<Float>,
    into y: UnsafeMutablePointer<Float>, count: Int
  ) {
    Parallel.ranges(count, grain: grain) { range in
      let i = range.lowerBound
      orbit_rectify_gradient(gradient + i, output + i, y + i, Int64(range.count))
    }
  }
}
