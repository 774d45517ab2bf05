import CVectors

/// Two sums for each channel of each lane.
struct ChannelSums {
  let channels: Int
  /// For each lane: the origin, single precision; then both sums, double precision.
  private let origins: Buffer
  private let sums: Buffer

  init(lanes: Int, channels: Int) {
    self.channels = channels
    origins = Buffer(count: lanes * channels)
    sums = Buffer(count: lanes * channels * 4)
    sums.pointer.update(repeating: 0, count: lanes * channels * 4)
  }

  func first(_ lane: Int) -> UnsafeMutablePointer<Double> {
    UnsafeMutableRawPointer(sums.pointer + lane * channels * 4).assumingMemoryBound(to: Double.self)
  }
  func second(_ lane: Int) -> UnsafeMutablePointer<Double> { first(lane) + channels }
  func origin(_ lane: Int) -> UnsafeMutablePointer<Float> { origins.pointer + lane * channels }

  /// Adds rows to the moments of a lane. They are taken about the lane's first row, so that a large
  /// mean does not swallow a small variance.
  func addMoments(_ rows: UnsafePointer<Float>, lane: Int, rows count: Int, isFirst: Bool) {
    if isFirst { origin(lane).update(from: rows, count: channels) }
    orbit_moments(
      rows, origin(lane), first(lane), second(lane), Int64(count), Int64(channels))
  }
}

/// The statistics of a unit's batch normalisation and the affine map that they make.
public struct ChainNormalisation: Sendable {
  /// The number of channels.
  public let channels: Int
  private let branches: Int
  private let rowsPerBranch: Int
  private let epsilon: Float
  private let statistics: Buffer
  private let constants: Buffer

  /// The means of each branch and channel.
  public var mean: UnsafeMutablePointer<Float> { statistics.pointer }
  /// The biased variances of each branch and channel.
  public var variance: UnsafeMutablePointer<Float> { statistics.pointer + branches * channels }
  /// scale / √(variance + ε).
  private func slope(_ branch: Int) -> UnsafeMutablePointer<Float> {
    constants.pointer + branch * 2 * channels
  }
  /// shift − mean · slope.
  private func offset(_ branch: Int) -> UnsafeMutablePointer<Float> { slope(branch) + channels }

  /// Puts the moments of the lanes together (Chan et al., 1983), in double precision.
  init(
    moments: ChannelSums, lanes: Lanes, positions: Int, epsilon: Float,
    scale: UnsafePointer<Float>, shift: UnsafePointer<Float>
  ) {
    channels = moments.channels
    self.epsilon = epsilon
    branches = lanes.branches
    rowsPerBranch = lanes.imagesPerBranch * positions
    statistics = Buffer(count: 2 * branches * channels)
    constants = Buffer(count: 2 * branches * channels)
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
        let variance = max(0, spread / count)
        let slope = Double(scale[channel]) / (variance + Double(epsilon)).squareRoot()
        self.mean[branch * channels + channel] = Float(mean)
        // `max` hides what is no number.
        self.variance[branch * channels + channel] = spread.isFinite ? Float(variance) : .nan
        self.slope(branch)[channel] = Float(slope)
        offset(branch)[channel] = Float(Double(shift[channel]) - mean * slope)
      }
    }
  }


  /// Whether every statistic is a number.
  public var isFinite: Bool {
    (0..<2 * branches * channels).allSatisfy { statistics.pointer[$0].isFinite }
  }

  /// Normalises rows of a branch and replaces negative results by zero.
  func rectify(
    _ source: UnsafePointer<Float>, branch: Int, rows: Int,
    into target: UnsafeMutablePointer<Float>
  ) {
    orbit_scale_shift(
      source, slope(branch), offset(branch), target, Int64(rows), Int64(channels), 1)
  }

  /// Adds what the derivative needs of rows of a branch to the sums of a lane.
  func addGradientSums(
    _ source: UnsafePointer<Float>, gradient: UnsafePointer<Float>, branch: Int, lane: Int,
    rows: Int, sums: ChannelSums
  ) {
    orbit_normalisation_gradient_sums(
      source, gradient, slope(branch), offset(branch), mean + branch * channels, sums.first(lane),
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
        let tilt = -slope * weighted * inverse * inverse / count
        map.pointer[branch * 2 * channels + channel] = Float(tilt)
        map.pointer[branch * 2 * channels + channels + channel] = Float(
          -slope * plain / count - tilt * Double(mean[place]))
      }
    }
    return Gradient(normalisation: self, map: map)
  }

  /// dx = slope · g + tilt · x + level.
  struct Gradient: Sendable {
    fileprivate let normalisation: ChainNormalisation
    fileprivate let map: Buffer

    /// Writes the derivative by the source for rows of a branch.
    func callAsFunction(
      _ source: UnsafePointer<Float>, gradient: UnsafePointer<Float>, branch: Int, rows: Int,
      into target: UnsafeMutablePointer<Float>
    ) {
      let channels = normalisation.channels
      let tilt = map.pointer + branch * 2 * channels
      orbit_normalisation_gradient(
        source, gradient, normalisation.slope(branch), normalisation.offset(branch), tilt,
        tilt + channels, target, Int64(rows), Int64(channels))
    }
  }
}
