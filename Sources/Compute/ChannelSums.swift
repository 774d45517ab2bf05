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

  /// Adds rows to the moments of a lane.
  ///
  /// They are taken about the lane's first row, so that a large mean does not swallow a small variance.
  func addMoments(_ rows: UnsafePointer<Float>, lane: Int, rows count: Int, isFirst: Bool) {
    if isFirst { origin(lane).update(from: rows, count: channels) }
    orbit_moments(
      rows, origin(lane), first(lane), second(lane), Int64(count), Int64(channels))
  }
}
