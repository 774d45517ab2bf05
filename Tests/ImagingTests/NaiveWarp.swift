import Glibc
import Tensors

@testable import Imaging

/// The definition of the warp, one pixel at a time in double precision.
struct NaiveWarp {
  let height: Int
  let width: Int
  let channels: Int
  let pixels: [Float]

  /// The value at a position in pixel indices; `nil` close to a hard edge, where rounding
  /// decides.
  func value(
    _ u: Double, _ v: Double, channel: Int, fill: Fill, hard: Bool, noise: Float
  ) -> Double? {
    if hard, case .constant(let value) = fill {
      let edges = [u + 0.5, v + 0.5, u + 0.5 - Double(width), v + 0.5 - Double(height)]
      guard edges.allSatisfy({ abs($0) > 1e-3 }) else { return nil }
      if edges[0] < 0 || edges[1] < 0 || edges[2] > 0 || edges[3] > 0 { return Double(value) }
    }
    let (left, top) = (floor(u), floor(v))
    let (a, b) = (u - left, v - top)
    var sum = 0.0
    for (dx, wx) in [(0.0, 1 - a), (1.0, a)] {
      for (dy, wy) in [(0.0, 1 - b), (1.0, b)] {
        sum +=
          wx * wy
          * texel(left + dx, top + dy, channel: channel, fill: fill, hard: hard, noise: noise)
      }
    }
    return sum
  }

  private func texel(
    _ x: Double, _ y: Double, channel: Int, fill: Fill, hard: Bool, noise: Float
  ) -> Double {
    var (column, row) = (x, y)
    switch fill {
    case .constant where hard: (column, row) = (clamped(x, width), clamped(y, height))
    case .constant(let value): if !inside(x, y) { return Double(value) }
    case .noise: if !inside(x, y) { return Double(noise) }
    case .clamp: (column, row) = (clamped(x, width), clamped(y, height))
    case .reflect, .crop: (column, row) = (mirrored(x, width), mirrored(y, height))
    }
    return Double(pixels[(Int(row) * width + Int(column)) * channels + channel])
  }

  func inside(_ x: Double, _ y: Double) -> Bool {
    x >= 0 && y >= 0 && x < Double(width) && y < Double(height)
  }

  private func clamped(_ x: Double, _ side: Int) -> Double { min(max(x, 0), Double(side - 1)) }

  private func mirrored(_ x: Double, _ side: Int) -> Double {
    let period = Double(2 * side)
    let phase = x - period * floor(x / period)
    return phase < Double(side) ? phase : period - 1 - phase
  }
}
