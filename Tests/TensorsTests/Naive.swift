/// Plain loops in double precision: what the operations are measured against.
struct Naive: Sendable {
  var shape: [Int]
  var values: [Double]

  init(_ shape: [Int], _ values: [Double]) {
    self.shape = shape
    self.values = values
  }

  init(_ shape: [Int], at value: ([Int]) -> Double) {
    self.shape = shape
    values = Naive.places(shape).map(value)
  }

  /// All places of a shape in row-major order.
  static func places(_ shape: [Int]) -> [[Int]] {
    shape.reduce([[]]) { places, size in places.flatMap { p in (0..<size).map { p + [$0] } } }
  }

  subscript(place: [Int]) -> Double {
    var flat = 0
    for (size, index) in zip(shape, place) { flat = flat * size + index }
    return values[flat]
  }

  func map(_ function: (Double) -> Double) -> Naive { Naive(shape, values.map(function)) }

  /// Value by value, with the right operand aligned at its end and repeated where its size is 1.
  func with(_ other: Naive, _ function: (Double, Double) -> Double) -> Naive {
    Naive(shape) { place in function(self[place], other.broadcasting(place)) }
  }

  private func broadcasting(_ place: [Int]) -> Double {
    if values.count == 1 { return values[0] }
    let tail = place.suffix(shape.count)
    return self[zip(tail, shape).map { $1 == 1 ? 0 : $0 }]
  }

  func broadcast(_ target: [Int]) -> Naive { Naive(target) { broadcasting($0) } }

  func sum(_ axes: [Int]) -> Naive {
    let kept = shape.indices.filter { !axes.contains($0) }
    var result = Naive(kept.map { shape[$0] }) { _ in 0 }
    for place in Naive.places(shape) {
      var flat = 0
      for axis in kept { flat = flat * shape[axis] + place[axis] }
      result.values[flat] += self[place]
    }
    return result
  }

  var transposed: Naive { Naive([shape[1], shape[0]]) { self[[$0[1], $0[0]]] } }

  func product(_ other: Naive) -> Naive {
    Naive([shape[0], other.shape[1]]) { place in
      (0..<shape[1]).reduce(0.0) { $0 + self[[place[0], $1]] * other[[$1, place[1]]] }
    }
  }

  func convolution(
    _ weight: Naive, _ bias: Naive? = nil, stride: Int = 1, padding: Int = 0, dilation: Int = 1,
    groups: Int = 1
  ) -> Naive {
    let w = weight.shape
    func size(_ axis: Int, _ window: Int) -> Int {
      (shape[axis] + 2 * padding - dilation * (window - 1) - 1) / stride + 1
    }
    return Naive([shape[0], size(1, w[2]), size(2, w[3]), w[0]]) { place in
      let (n, y, x, o) = (place[0], place[1], place[2], place[3])
      let first = o / (w[0] / groups) * w[1]
      var total = bias.map { $0.values[o] } ?? 0
      for i in 0..<w[2] {
        for j in 0..<w[3] {
          let row = y * stride - padding + i * dilation
          let column = x * stride - padding + j * dilation
          guard row >= 0, row < shape[1], column >= 0, column < shape[2] else { continue }
          let source = ((n * shape[1] + row) * shape[2] + column) * shape[3] + first
          let tap = (o * w[1] * w[2] + i) * w[3] + j
          for c in 0..<w[1] {
            total += values[source + c] * weight.values[tap + c * w[2] * w[3]]
          }
        }
      }
      return total
    }
  }

  /// Reduces the values of each window that lie within the image.
  func pooled(
    _ window: Int, _ stride: Int, _ padding: Int, _ reduce: ([Double]) -> Double
  ) -> Naive {
    let sizes = [1, 2].map { (shape[$0] + 2 * padding - window) / stride + 1 }
    return Naive([shape[0], sizes[0], sizes[1], shape[3]]) { place in
      var inside: [Double] = []
      for i in 0..<window {
        for j in 0..<window {
          let (row, column) = (
            place[1] * stride - padding + i, place[2] * stride - padding + j
          )
          guard (0..<shape[1]).contains(row), (0..<shape[2]).contains(column) else { continue }
          inside.append(self[[place[0], row, column, place[3]]])
        }
      }
      return reduce(inside)
    }
  }

  /// Mean and biased variance of the last dimension's channels over rows `range` of the leading one.
  func statistics(_ range: Range<Int>) -> (mean: [Double], variance: [Double]) {
    let channels = shape[shape.count - 1]
    let inner = values.count / shape[0]
    let part = values[range.lowerBound * inner..<range.upperBound * inner]
    let rows = Double(part.count / channels)
    var mean = [Double](repeating: 0, count: channels)
    var variance = mean
    for (i, value) in part.enumerated() { mean[i % channels] += value / rows }
    for (i, value) in part.enumerated() {
      variance[i % channels] += (value - mean[i % channels]) * (value - mean[i % channels]) / rows
    }
    return (mean, variance)
  }

  func normalised(
    _ scale: Naive, _ shift: Naive, epsilon: Double = 1e-5, branches: Int = 1,
    rectify: Bool = false, given: (mean: [Double], variance: [Double])? = nil
  ) -> Naive {
    let (channels, part) = (shape[shape.count - 1], shape[0] / branches)
    let statistics = (0..<branches).map {
      given ?? self.statistics($0 * part..<($0 + 1) * part)
    }
    let inner = values.count / branches
    return Naive(
      shape,
      values.enumerated().map { i, value in
        let (c, s) = (i % channels, statistics[i / inner])
        let result =
          scale.values[c] * (value - s.mean[c]) / (s.variance[c] + epsilon).squareRoot()
          + shift.values[c]
        return rectify && result < 0 ? 0 : result
      })
  }

  /// Applies a function to each row of the last dimension.
  func rows(_ function: ([Double]) -> [Double]) -> Naive {
    let width = shape[shape.count - 1]
    return Naive(
      shape,
      stride(from: 0, to: values.count, by: width).flatMap {
        function(Array(values[$0..<$0 + width]))
      })
  }
}
