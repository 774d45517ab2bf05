/// Batch normalisation of rows of channels, with an optional rectifier in the same pass.
///
/// `y = scale · (x − mean) / √(variance + epsilon) + shift`, over `positions` rows of `channels` values
/// for each of `batch` images. The variance is the biased one. oneDNN's own code walks over the values
/// once more to find the variance, and half as fast where the channels are no multiple of 64.
public struct BatchNormalisation: Sendable {
  /// The number of images.
  public let batch: Int
  /// The number of rows of an image.
  public let positions: Int
  /// The number of channels.
  public let channels: Int
  /// What is added to the variance.
  public let epsilon: Float
  /// Whether negative results are replaced by zero.
  public let rectify: Bool
  private let lanes: Lanes

  /// Takes the sizes; `nil` when one of them is not positive or the batch does not divide into branches.
  public init?(
    batch: Int, positions: Int, channels: Int, epsilon: Float, rectify: Bool, branches: Int = 1
  ) {
    guard batch > 0, positions > 0, channels > 0, branches > 0, batch % branches == 0 else {
      return nil
    }
    self.batch = batch
    self.positions = positions
    self.channels = channels
    self.epsilon = epsilon
    self.rectify = rectify
    lanes = Lanes(batch: batch, branches: branches)
  }

  /// The statistics of `source`, those of each branch on their own.
  public func statistics(
    of source: UnsafePointer<Float>, scale: UnsafePointer<Float>, shift: UnsafePointer<Float>
  ) -> ChannelNormalisation {
    let moments = ChannelSums(lanes: lanes.count, channels: channels)
    eachLane { lane, place, start, rows in
      moments.addMoments(source + start, lane: lane, rows: rows, isFirst: true)
    }
    return ChannelNormalisation(
      moments: moments, lanes: lanes, positions: positions, epsilon: epsilon, scale: scale,
      shift: shift, rectifies: rectify)
  }

  /// Statistics that are given.
  public func given(
    mean: UnsafePointer<Float>, variance: UnsafePointer<Float>, scale: UnsafePointer<Float>,
    shift: UnsafePointer<Float>
  ) -> ChannelNormalisation {
    ChannelNormalisation(
      channels: channels, mean: mean, variance: variance, epsilon: epsilon, scale: scale,
      shift: shift, rectifies: rectify)
  }

  /// Normalises `source` into `destination`.
  public func forward(
    _ normalisation: ChannelNormalisation, source: UnsafePointer<Float>,
    into destination: UnsafeMutablePointer<Float>
  ) {
    eachLane { _, branch, start, rows in
      normalisation.apply(
        source + start, branch: branch, rows: rows, into: destination + start)
    }
  }

  /// Writes the gradients with respect to source, scale and shift.
  public func backward(
    _ normalisation: ChannelNormalisation, source: UnsafePointer<Float>,
    gradient: UnsafePointer<Float>, into sourceGradient: UnsafeMutablePointer<Float>,
    scale scaleGradient: UnsafeMutablePointer<Float>,
    shift shiftGradient: UnsafeMutablePointer<Float>
  ) {
    let sums = ChannelSums(lanes: lanes.count, channels: channels)
    eachLane { lane, branch, start, rows in
      normalisation.addGradientSums(
        source + start, gradient: gradient + start, branch: branch, lane: lane, rows: rows,
        sums: sums)
    }
    let derivative = normalisation.gradient(
      sums: sums, lanes: lanes, scale: scaleGradient, shift: shiftGradient)
    eachLane { _, branch, start, rows in
      derivative(
        source + start, gradient: gradient + start, branch: branch, rows: rows,
        into: sourceGradient + start)
    }
  }

  private func eachLane(
    _ body: (_ lane: Int, _ branch: Int, _ start: Int, _ rows: Int) -> Void
  ) {
    Parallel.tasks(lanes.count) { lane, _ in
      let place = lanes.lanes[lane]
      body(
        lane, place.branch, place.images.lowerBound * positions * channels,
        place.images.count * positions)
    }
  }
}
