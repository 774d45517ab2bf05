import Synchronization

/// The mean and the standard deviation of each channel, of values in 0...1.
public struct ChannelStatistics: Sendable, Equatable {
  /// The mean of each channel.
  public let mean: [Float]
  /// The standard deviation of each channel: the square root of the mean squared distance from the mean.
  public let deviation: [Float]

  init(mean: [Float], deviation: [Float]) {
    self.mean = mean
    self.deviation = deviation
  }
}

/// Statistics that are computed when they are first asked for, then shared by all copies of the set.
final class LazyStatistics: Sendable {
  private let value = Mutex<ChannelStatistics?>(nil)

  func get(_ compute: () -> ChannelStatistics) -> ChannelStatistics {
    value.withLock { value in
      if let value { return value }
      let computed = compute()
      value = computed
      return computed
    }
  }
}

extension ImageSet {
  /// The mean and the standard deviation of each channel over the set; zeros for an empty set.
  ///
  /// The sums are of whole numbers, so the result does not depend on an order.
  public var channelStatistics: ChannelStatistics {
    statistics.get { computeStatistics() }
  }

  /// The mean of each channel over the set, in 0...1.
  public var mean: [Float] { channelStatistics.mean }
  /// The standard deviation of each channel over the set, in 0...1.
  public var standardDeviation: [Float] { channelStatistics.deviation }

  private func computeStatistics() -> ChannelStatistics {
    let channels = imageShape.last ?? 1
    let size = store.imageSize
    guard count > 0, size > 0 else {
      let zeros = [Float](repeating: 0, count: channels)
      return ChannelStatistics(mean: zeros, deviation: zeros)
    }
    var mean: [Float] = []
    var deviation: [Float] = []
    let number = Double(count * (size / channels))
    store.pixels.withUnsafeBufferPointer { source in
      for channel in 0..<channels {
        var (sum, squares) = (0 as UInt64, 0 as UInt64)
        for index in 0..<count {
          let start = indices[index] * size
          for pixel in stride(from: start + channel, to: start + size, by: channels) {
            let value = UInt64(source[pixel])
            sum &+= value
            squares &+= value &* value
          }
        }
        let average = Double(sum) / number
        mean.append(Float(average / 255))
        let variance = max(0, Double(squares) / number - average * average)
        deviation.append(Float(variance.squareRoot() / 255))
      }
    }
    return ChannelStatistics(mean: mean, deviation: deviation)
  }
}
