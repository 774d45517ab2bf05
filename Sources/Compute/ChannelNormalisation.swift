import CVectors

/// The statistics of a batch normalisation and the affine map that they make.
public struct ChannelNormalisation: Sendable {
  /// The number of channels.
  public let channels: Int
  private let branches: Int
  private let rowsPerBranch: Int
  private let epsilon: Float
  private let rectifies: Bool
  /// Whether the statistics depend on what is normalised.
  private let isComputed: Bool
  private let statistics: Buffer
  private let constants: Buffer

  /// The means of each branch and channel.
  public var mean: UnsafeMutablePointer<Float> { statistics.pointer }
  /// The biased variances of each branch and channel.
  public var variance: UnsafeMutablePointer<Float> { statistics.pointer + branches * channels }
  /// scale / √(variance + ε).
  private func slope(_ branch: Int) -> UnsafeMutablePointer<Float> {
    constants.pointer + branch * 4 * channels
  }
  /// shift − mean · slope.
  private func offset(_ branch: Int) -> UnsafeMutablePointer<Float> { slope(branch) + channels }
  /// Zero times a value plus one lets everything pass where nothing is rectified.
  private func gate(
    _ branch: Int
  ) -> (scale: UnsafePointer<Float>, shift: UnsafePointer<Float>) {
    let first = slope(branch) + (rectifies ? 0 : 2 * channels)
    return (UnsafePointer(first), UnsafePointer(first + channels))
  }

  /// Puts the moments of the lanes together (Chan et al., 1983), in double precision.
  init(
    moments: ChannelSums, lanes: Lanes, positions: Int, epsilon: Float,
    scale: UnsafePointer<Float>, shift: UnsafePointer<Float>, rectifies: Bool = true
  ) {
    channels = moments.channels
    self.epsilon = epsilon
    self.rectifies = rectifies
    isComputed = true
    branches = lanes.branches
    rowsPerBranch = lanes.imagesPerBranch * positions
    statistics = Buffer(count: 2 * branches * channels)
    constants = Buffer(count: 4 * branches * channels)
    for branch in 0..<branches {
      let places = lanes.places(of: branch)
      for channel in 0..<channels {
        var (count, mean, spread) = (0.0, 0.0, 0.0)
        for lane in places {
          let rows = Double(lanes.lanes[lane].images.count * positions)
          let (first, second) = (moments.first(lane)[channel], moments.second(lane)[channel])
          let laneMean = Double(moments.origin(lane)[channel]) + first / rows
          let difference = laneMean - mean
          let total = count + rows
          spread += second - first * first / rows
          spread += difference * difference * count * rows / total
          mean += difference * rows / total
          count = total
        }
        self.mean[branch * channels + channel] = Float(mean)
        // `max` hides what is no number.
        variance[branch * channels + channel] =
          spread.isFinite ? Float(max(0, spread / count)) : .nan
      }
    }
    prepare(scale: scale, shift: shift)
  }

  /// Takes statistics of each channel that are given; they are constants for the derivative.
  init(
    channels: Int, mean: UnsafePointer<Float>, variance: UnsafePointer<Float>, epsilon: Float,
    scale: UnsafePointer<Float>, shift: UnsafePointer<Float>, rectifies: Bool
  ) {
    self.channels = channels
    self.epsilon = epsilon
    self.rectifies = rectifies
    (isComputed, branches, rowsPerBranch) = (false, 1, 1)
    statistics = Buffer(count: 2 * channels)
    constants = Buffer(count: 4 * channels)
    self.mean.update(from: mean, count: channels)
    self.variance.update(from: variance, count: channels)
    prepare(scale: scale, shift: shift)
  }

  private func prepare(scale: UnsafePointer<Float>, shift: UnsafePointer<Float>) {
    for branch in 0..<branches {
      for channel in 0..<channels {
        let place = branch * channels + channel
        let deviation = (Double(variance[place]) + Double(epsilon)).squareRoot()
        let slope = Double(scale[channel]) / deviation
        self.slope(branch)[channel] = Float(slope)
        offset(branch)[channel] = Float(Double(shift[channel]) - Double(mean[place]) * slope)
      }
      (slope(branch) + 2 * channels).update(repeating: 0, count: channels)
      (slope(branch) + 3 * channels).update(repeating: 1, count: channels)
    }
  }

  /// Whether every statistic is a number.
  public var isFinite: Bool {
    (0..<2 * branches * channels).allSatisfy { statistics.pointer[$0].isFinite }
  }

  /// Normalises rows of a branch, and replaces negative results by zero where it rectifies.
  func apply(
    _ source: UnsafePointer<Float>, branch: Int, rows: Int,
    into target: UnsafeMutablePointer<Float>
  ) {
    orbit_scale_shift(
      source, slope(branch), offset(branch), target, Int64(rows), Int64(channels),
      rectifies ? 1 : 0)
  }

  /// Adds what the derivative needs of rows of a branch to the sums of a lane.
  func addGradientSums(
    _ source: UnsafePointer<Float>, gradient: UnsafePointer<Float>, branch: Int, lane: Int,
    rows: Int, sums: ChannelSums
  ) {
    let gate = gate(branch)
    orbit_normalisation_gradient_sums(
      source, gradient, gate.scale, gate.shift, mean + branch * channels, sums.first(lane),
      sums.second(lane), Int64(rows), Int64(channels))
  }

  /// The derivative by the source as a map of each branch and channel, and those by scale and shift.
  ///
  /// With g the gradient where the rectifier let pass, n rows and x̂ the normalised source:
  /// dx = slope · (g − mean of g − x̂ · mean of g x̂).
  func gradient(
    sums: ChannelSums, lanes: Lanes, scale scaleGradient: UnsafeMutablePointer<Float>,
    shift shiftGradient: UnsafeMutablePointer<Float>
  ) -> Gradient {
    let map = Buffer(count: 2 * branches * channels)
    for channel in 0..<channels { (scaleGradient[channel], shiftGradient[channel]) = (0, 0) }
    for branch in 0..<branches {
      let places = lanes.places(of: branch)
      for channel in 0..<channels {
        let (plain, weighted) = places.reduce((0.0, 0.0)) { total, lane in
          (total.0 + sums.first(lane)[channel], total.1 + sums.second(lane)[channel])
        }
        let place = branch * channels + channel
        let inverse = 1 / (Double(variance[place]) + Double(epsilon)).squareRoot()
        scaleGradient[channel] += Float(weighted * inverse)
        shiftGradient[channel] += Float(plain)
        let (slope, count) = (Double(slope(branch)[channel]), Double(rowsPerBranch))
        let tilt = isComputed ? -slope * weighted * inverse * inverse / count : 0
        map.pointer[branch * 2 * channels + channel] = Float(tilt)
        map.pointer[branch * 2 * channels + channels + channel] = Float(
          isComputed ? -slope * plain / count - tilt * Double(mean[place]) : 0)
      }
    }
    return Gradient(normalisation: self, map: map)
  }

  /// dx = slope · g + tilt · x + level.
  struct Gradient: Sendable {
    fileprivate let normalisation: ChannelNormalisation
    fileprivate let map: Buffer

    /// Writes the derivative by the source for rows of a branch.
    func callAsFunction(
      _ source: UnsafePointer<Float>, gradient: UnsafePointer<Float>, branch: Int, rows: Int,
      into target: UnsafeMutablePointer<Float>
    ) {
      let channels = normalisation.channels
      let tilt = map.pointer + branch * 2 * channels
      let gate = normalisation.gate(branch)
      orbit_normalisation_gradient(
        source, gradient, gate.scale, gate.shift, normalisation.slope(branch), tilt,
        tilt + channels, target, Int64(rows), Int64(channels))
    }
  }
}
