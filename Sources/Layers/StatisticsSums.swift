import Tensors

/// The sums of the statistics of batches, by batch normalisation.
///
/// In double precision and in the order in which passes are committed, so that they do not depend on
/// threads and lose nothing over many batches. Belongs to one thread.
final class StatisticsSums {
  private struct Entry {
    let layer: BatchNormalisation
    var mean: [Double]
    var variance: [Double]
    var count = 0
  }
  /// In the order in which the layers are reached.
  private var entries: [Entry] = []
  private var places: [ObjectIdentifier: Int] = [:]

  /// Whether no batch normalisation has been reached.
  var isEmpty: Bool { entries.isEmpty }

  /// Adds a row of the statistics `[branches, C]` of a batch, the variance times `factor`.
  func add(mean: Tensor, variance: Tensor, row: Int, factor: Float, of layer: BatchNormalisation) {
    let key = ObjectIdentifier(layer.runningMean)
    let channels = layer.runningMean.shape.product
    let place = places[key] ?? entries.count
    if place == entries.count {
      let zeros = [Double](repeating: 0, count: channels)
      entries.append(Entry(layer: layer, mean: zeros, variance: zeros))
      places[key] = place
    }
    mean.withUnsafeScalars { mean in
      variance.withUnsafeScalars { variance in
        for channel in 0..<channels {
          entries[place].mean[channel] += Double(mean[row * channels + channel])
          entries[place].variance[channel] += Double(factor * variance[row * channels + channel])
        }
      }
    }
    entries[place].count += 1
  }

  /// Sets the running statistics of the layers whose parameters are among `parameters` to the averages,
  /// and tells how many layers these are.
  func apply(to parameters: [NamedParameter]) -> Int {
    let known = Set(parameters.map { ObjectIdentifier($0.parameter) })
    let reached = entries.filter { known.contains(ObjectIdentifier($0.layer.runningMean)) }
    for entry in reached {
      for (parameter, sums) in [
        (entry.layer.runningMean, entry.mean), (entry.layer.runningVar, entry.variance),
      ] {
        parameter.update { values in
          for channel in values.indices {
            values[channel] = Float(sums[channel] / Double(entry.count))
          }
        }
      }
    }
    return reached.count
  }
}
