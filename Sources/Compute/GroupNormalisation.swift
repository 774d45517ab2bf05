private import CVectors

/// Normalisation of every image by itself, in groups of neighbouring channels.
///
/// Images are `[images, positions, channels]`; the group g of an image has the channels from
/// `g · channels / groups` on. With one position and one group it is layer normalisation of rows.
public struct GroupNormalisation: Hashable, Sendable {
  /// The number of images.
  public let images: Int
  /// The number of pixels of an image.
  public let positions: Int
  /// The number of channels.
  public let channels: Int
  /// The number of groups that the channels are cut into.
  public let groups: Int
  /// What is added to the variance.
  public let epsilon: Float

  /// Takes the sizes; `nil` when one is not positive or the groups do not divide the channels.
  public init?(images: Int, positions: Int, channels: Int, groups: Int, epsilon: Float) {
    guard images > 0, positions > 0, channels > 0, groups > 0, channels % groups == 0 else {
      return nil
    }
    (self.images, self.positions, self.channels) = (images, positions, channels)
    (self.groups, self.epsilon) = (groups, epsilon)
  }

  private typealias Vector = Elementwise.Vector

  /// The pixels that are worked on side by side: narrow ones are joined to whole vectors.
  private var pixels: Int { channels % 16 == 0 || channels > 256 ? 1 : min(16, positions) }
  /// Whether this is layer normalisation of rows.
  private var isOfRows: Bool { positions == 1 && groups == 1 }
  /// The channels of a group.
  private var depth: Int { channels / groups }
  /// The values of an image.
  private var values: Int { positions * channels }
  /// Images that make a thread worth its start.
  private var grain: Int { max(1, Elementwise.grain / (2 * values)) }
  /// The parts in which gradients of scale and shift are summed, whatever the number of threads.
  private var parts: Int { min(images, 64) }

  /// Writes `scale · (x − mean) / √(variance + epsilon) + shift`, and for the backward run the mean
  /// and `1 / √(variance + epsilon)` of each image and group, `[images, groups]`.
  ///
  /// The variance is the biased one.
  public func forward(
    source: UnsafePointer<Float>, scale: UnsafePointer<Float>, shift: UnsafePointer<Float>,
    into destination: UnsafeMutablePointer<Float>, mean: UnsafeMutablePointer<Float>,
    inverseDeviation: UnsafeMutablePointer<Float>
  ) {
    if isOfRows {
      return Parallel.ranges(images, grain: grain) { range in
        let (n, i) = (range.lowerBound, range.lowerBound * channels)
        orbit_layer_normalise(
          source + i, scale, shift, destination + i, mean + n, inverseDeviation + n,
          Int64(range.count), Int64(channels), epsilon)
      }
    }
    let width = pixels * channels
    Parallel.ranges(images, grain: grain) { range in
      let rows = Rows(width: width, count: 5)
      let (sums, means, factors) = (rows[0], rows[2], rows[3])
      rows.spread(shift, channels, into: rows[4])
      for n in range {
        let (x, y) = (source + n * values, destination + n * values)
        let (mean, inverse) = (mean + n * groups, inverseDeviation + n * groups)
        rows.sum(values, into: sums, through: rows[1]) { x.lanes($0, $2) }
        for g in 0..<groups { mean[g] = total(sums, group: g) / Float(positions * depth) }
        repeatByGroup(mean, into: means)
        rows.spread(means, channels, into: means)
        rows.sum(values, into: sums, through: rows[1]) {
          let distance = x.lanes($0, $2) - means.lanes($1, $2)
          return distance * distance
        }
        for g in 0..<groups {
          let variance = total(sums, group: g) / Float(positions * depth)
          inverse[g] = 1 / (variance + epsilon).squareRoot()
        }
        repeatByGroup(inverse, into: factors)
        Elementwise.zip(0..<channels, factors, scale, into: factors) { $0 * $1 }
        rows.spread(factors, channels, into: factors)
        let shifts = rows[4]
        rows.each(values) { place, column, lanes in
          let distance = x.lanes(place, lanes) - means.lanes(column, lanes)
          let result = distance * factors.lanes(column, lanes) + shifts.lanes(column, lanes)
          y.store(result, place, lanes)
        }
      }
    }
  }

  /// Writes the gradients with respect to source, scale and shift.
  ///
  /// With x̂ the normalised source, g the gradient times the scale and ⟨·⟩ the mean over the group,
  /// the gradient with respect to the source is `(g − ⟨g⟩ − x̂ ⟨g x̂⟩) / √(variance + epsilon)`.
  public func backward(
    source: UnsafePointer<Float>, mean: UnsafePointer<Float>,
    inverseDeviation: UnsafePointer<Float>, scale: UnsafePointer<Float>,
    gradient: UnsafePointer<Float>, into sourceGradient: UnsafeMutablePointer<Float>,
    scale scaleGradient: UnsafeMutablePointer<Float>,
    shift shiftGradient: UnsafeMutablePointer<Float>
  ) {
    let width = pixels * channels
    let partial = Buffer(count: 2 * parts * channels)
    let (scaleParts, shiftParts) = (partial.pointer, partial.pointer + parts * channels)
    partial.pointer.update(repeating: 0, count: 2 * parts * channels)
    Parallel.ranges(parts, grain: max(1, grain * parts / images)) { range in
      let rows = Rows(width: width, count: 7)
      let (sums, products, means) = (rows[0], rows[1], rows[3])
      let (factors, slopes, offsets) = (rows[4], rows[5], rows[6])
      for part in range {
        if isOfRows {
          let n = images * part / parts
          let (i, row) = (n * channels, part * channels)
          orbit_layer_normalise_gradient(
            source + i, mean + n, inverseDeviation + n, scale, gradient + i, sourceGradient + i,
            scaleParts + row, shiftParts + row, Int64(images * (part + 1) / parts - n),
            Int64(channels))
          continue
        }
        for n in images * part / parts..<images * (part + 1) / parts {
          let (x, g) = (source + n * values, gradient + n * values)
          let (mean, inverse) = (mean + n * groups, inverseDeviation + n * groups)
          repeatByGroup(mean, into: means)
          rows.spread(means, channels, into: means)
          rows.sum(values, into: sums, through: rows[2]) { g.lanes($0, $2) }
          rows.sum(values, into: products, through: rows[2]) {
            g.lanes($0, $2) * (x.lanes($0, $2) - means.lanes($1, $2))
          }
          fold(sums)
          fold(products)
          repeatByGroup(inverse, into: factors)
          Elementwise.zip(0..<channels, products, factors, into: products) { $0 * $1 }
          Elementwise.zip(0..<channels, factors, scale, into: factors) { $0 * $1 }
          Elementwise.zip(0..<channels, scale, sums, into: offsets) { $0 * $1 }
          Elementwise.zip(0..<channels, scale, products, into: slopes) { $0 * $1 }
          for group in 0..<groups {
            let (r, start) = (inverse[group], group * depth)
            let all = Rows.total(offsets + start, depth) / Float(positions * depth)
            let along = Rows.total(slopes + start, depth) / Float(positions * depth)
            (offsets + start).update(repeating: -r * all, count: depth)
            (slopes + start).update(repeating: -r * r * along, count: depth)
          }
          let (shiftPart, scalePart) = (shiftParts + part * channels, scaleParts + part * channels)
          Elementwise.zip(0..<channels, shiftPart, sums, into: shiftPart) { $0 + $1 }
          Elementwise.zip(0..<channels, scalePart, products, into: scalePart) { $0 + $1 }
          rows.spread(factors, channels, into: factors)
          rows.spread(slopes, channels, into: slopes)
          rows.spread(offsets, channels, into: offsets)
          let target = sourceGradient + n * values
          rows.each(values) { place, column, lanes in
            let distance = x.lanes(place, lanes) - means.lanes(column, lanes)
            let result =
              g.lanes(place, lanes) * factors.lanes(column, lanes)
              + distance * slopes.lanes(column, lanes) + offsets.lanes(column, lanes)
            target.store(result, place, lanes)
          }
        }
      }
    }
    for (parts, target) in [(scaleParts, scaleGradient), (shiftParts, shiftGradient)] {
      Reduction.sumMiddle(
        parts, outer: 1, reduced: self.parts, inner: channels, into: target)
    }
    withExtendedLifetime(partial) {}
  }

  /// Writes every group's number once for each of its channels.
  private func repeatByGroup(
    _ numbers: UnsafePointer<Float>, into row: UnsafeMutablePointer<Float>
  ) {
    for g in 0..<groups { (row + g * depth).update(repeating: numbers[g], count: depth) }
  }

  /// The sum of a group's values in a row of sums.
  private func total(_ sums: UnsafeMutablePointer<Float>, group: Int) -> Float {
    var total = 0.0
    for pixel in 0..<pixels {
      total += Double(Rows.total(sums + pixel * channels + group * depth, depth))
    }
    return Float(total)
  }

  /// Adds the pixels of a row of sums to its first.
  private func fold(_ sums: UnsafeMutablePointer<Float>) {
    for pixel in 1..<max(1, pixels) {
      Elementwise.zip(0..<channels, sums, sums + pixel * channels, into: sums) { $0 + $1 }
    }
  }
}

/// Rows of scratch memory, each as wide as the pixels that are worked on side by side.
private struct Rows {
  private let buffer: Buffer
  private let width: Int
  private let stride: Int

  init(width: Int, count: Int) {
    self.width = width
    stride = (width + 15) / 16 * 16
    buffer = Buffer(count: stride * count)
  }

  subscript(row: Int) -> UnsafeMutablePointer<Float> { buffer.pointer + row * stride }

  /// Repeats `channels` values over a whole row.
  func spread(
    _ values: UnsafePointer<Float>, _ channels: Int, into row: UnsafeMutablePointer<Float>
  ) {
    if values != UnsafePointer(row) { row.update(from: values, count: channels) }
    for start in Swift.stride(from: channels, to: width, by: channels) {
      (row + start).update(from: row, count: channels)
    }
  }

  /// Calls `body` with every place of an image, the column of the row it is in, and the number of
  /// lanes there.
  @inline(__always)
  func each(_ values: Int, _ body: (_ place: Int, _ column: Int, _ lanes: Int) -> Void) {
    for start in Swift.stride(from: 0, to: values, by: width) {
      row(start, min(width, values - start), body)
    }
  }

  @inline(__always)
  private func row(_ start: Int, _ count: Int, _ body: (Int, Int, Int) -> Void) {
    var column = 0
    while column &+ 16 <= count {
      body(start &+ column, column, 16)
      column &+= 16
    }
    if column < count { body(start &+ column, column, count &- column) }
  }

  /// Writes the sum over all rows of an image.
  ///
  /// Every 64 rows are summed by themselves first, in `part`, which keeps the error of long sums
  /// small.
  @inline(__always)
  func sum(
    _ values: Int, into sums: UnsafeMutablePointer<Float>,
    through part: UnsafeMutablePointer<Float>, _ term: (Int, Int, Int) -> Elementwise.Vector
  ) {
    guard values > width else {
      row(0, values) { place, column, lanes in sums.store(term(place, column, lanes), column, lanes)
      }
      return
    }
    sums.update(repeating: 0, count: width)
    for block in Swift.stride(from: 0, to: values, by: 64 * width) {
      part.update(repeating: 0, count: width)
      for start in Swift.stride(from: block, to: min(values, block + 64 * width), by: width) {
        row(start, min(width, values - start)) { place, column, lanes in
          part.store(part.lanes(column, lanes) + term(place, column, lanes), column, lanes)
        }
      }
      Elementwise.zip(0..<width, sums, part, into: sums) { $0 + $1 }
    }
  }

  /// The sum of some neighbouring values.
  static func total(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
    var (lanes, i) = (Elementwise.Vector.zero, 0)
    while i &+ 16 <= count {
      lanes += Elementwise.load(x + i)
      i &+= 16
    }
    var total = lanes.sum()
    while i < count {
      total += x[i]
      i &+= 1
    }
    return total
  }
}
