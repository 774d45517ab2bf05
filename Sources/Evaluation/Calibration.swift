import Glibc
public import Tensors

/// How well predicted standard deviations fit the errors that are made.
///
/// A z-score is (truth − mean) / deviation. Of calibrated normal predictions the z-scores are normal with
/// standard deviation 1, a central interval of probability p holds a share p of the truths, and where a
/// variance v is predicted the mean squared error is v.
public struct Calibration: Sendable, Equatable {
  /// A tenth of the predictions, those of similar variance.
  public struct Bin: Sendable, Equatable {
    /// The mean predicted variance.
    public let predicted: Double
    /// The mean squared error.
    public let observed: Double
  }

  /// The z-scores of all coordinates, those of the first example first.
  public let scores: [Double]
  /// Tenths of all coordinates of all examples, from the smallest predicted variance to the largest.
  public let bins: [Bin]
  /// The calibration slope: that of the line through the origin that fits mean squared error over mean predicted
  /// variance best, by least squares over the bins, each weighted by how well its error is known.
  ///
  /// The standard deviation of a mean squared error is proportional to the variance, so the weights are 1 / variance²
  /// and the slope is the mean of the ten ratios. Without the weights a few predictions of a huge variance would
  /// settle it alone. 1 is calibrated; above it, errors are larger than they are said to be.
  public let slope: Double
  /// The standard error of the slope for a random choice of examples, the bins as they are.
  public let slopeError: Double
  /// The root mean square of the z-scores; 1 when calibrated.
  public let scoreDeviation: Double

  /// Compares truths with predicted means and standard deviations, `[N, D]` each, in one unit.
  ///
  /// - Throws: `TensorError.shape` when the shapes differ or there are fewer than ten values;
  ///   `TensorError.argument` for a deviation that is not positive; `TensorError.notFinite`.
  public init(truths: Tensor, means: Tensor, deviations: Tensor) throws(TensorError) {
    guard truths.rank == 2, truths.shape == means.shape, means.shape == deviations.shape,
      truths.count >= 10, truths.shape[0] >= 2
    else {
      throw .shape(
        operation: "calibration", shapes: [truths.shape, means.shape, deviations.shape],
        fix: "give truths, means and deviations [N, D] for at least 2 examples and 10 values")
    }
    guard truths.isFinite, means.isFinite, deviations.isFinite else {
      throw .notFinite(
        path: "a prediction", fix: "the model has diverged; make it anew, or load it from a file")
    }
    let deviations = deviations.scalars.map(Double.init)
    if let wrong = deviations.first(where: { $0 <= 0 }) {
      throw .argument(
        operation: "calibration", name: "deviation", value: "\(wrong)", fix: "it must be positive")
    }
    let errors = zip(truths.scalars, means.scalars).map { Double($0) - Double($1) }
    let count = errors.count
    scores = zip(errors, deviations).map { $0 / $1 }
    scoreDeviation = (scores.reduce(0) { $0 + $1 * $1 } / Double(count)).squareRoot()
    // Equal variances go by place, so that the bins do not depend on the sort.
    let order = deviations.indices.sorted {
      deviations[$0] != deviations[$1] ? deviations[$0] < deviations[$1] : $0 < $1
    }
    var bins: [Bin] = []
    var binOf = [Int](repeating: 0, count: count)
    for bin in 0..<10 {
      let members = order[count * bin / 10..<count * (bin + 1) / 10]
      var (predicted, observed) = (0.0, 0.0)
      for place in members {
        binOf[place] = bin
        predicted += deviations[place] * deviations[place]
        observed += errors[place] * errors[place]
      }
      bins.append(
        Bin(
          predicted: predicted / Double(members.count), observed: observed / Double(members.count)))
    }
    self.bins = bins
    slope = bins.reduce(0) { $0 + $1.observed / $1.predicted } / 10
    // For given bins the slope is a sum over the examples, whose coordinates err together.
    let examples = truths.shape[0]
    let width = count / examples
    let shares = (0..<examples).map { example in
      (example * width..<(example + 1) * width).reduce(0.0) { sum, place in
        let bin = binOf[place]
        let members = count * (bin + 1) / 10 - count * bin / 10
        return sum + errors[place] * errors[place] / (10 * Double(members) * bins[bin].predicted)
      }
    }
    let mean = slope / Double(examples)
    let spread = shares.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    slopeError = (spread * Double(examples) / Double(examples - 1)).squareRoot()
  }

  /// The 95 % interval of the slope for a random choice of examples.
  public var slopeInterval: ClosedRange<Double> {
    slope - 1.959964 * slopeError...slope + 1.959964 * slopeError
  }

  /// The share of truths that lie in the central interval of a probability, for each of the probabilities.
  public func coverage(at probabilities: [Double]) -> [Double] {
    let levels = scores.map { erf(abs($0) / 2.0.squareRoot()) }
    return probabilities.map { probability in
      Double(levels.count { $0 <= probability }) / Double(levels.count)
    }
  }

  /// The mean distance between observed and nominal coverage over probabilities from 5 to 95 %.
  public var coverageError: Double {
    let nominal = (1...19).map { Double($0) / 20 }
    return zip(nominal, coverage(at: nominal)).reduce(0) { $0 + abs($1.0 - $1.1) } / 19
  }
}
