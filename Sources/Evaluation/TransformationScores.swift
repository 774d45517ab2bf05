public import Tensors

/// How well transformations were predicted: R² of every coordinate of the targets, the mean squared error,
/// and the corner error in pixels, each with a 95 % interval for the choice of images.
///
/// R² = 1 - Σ (t̂ - t)² / Σ (t - t̄)²: 1 for a perfect prediction, 0 for the mean, below 0 for worse than
/// the mean.
public struct TransformationScores: Sendable, Equatable {
  /// A coordinate of the targets.
  public struct Coordinate: Sendable, Equatable {
    /// Its name.
    public let name: String
    /// R²; `nil` where the truth never varies.
    public let rSquared: BootstrappedValue?
  }

  /// The coordinates in order.
  public let coordinates: [Coordinate]
  /// The mean of (t̂ - t)² over images and coordinates.
  public let meanSquaredError: BootstrappedValue
  /// The median corner error in pixels; `nil` where no pixel moves.
  public let medianCornerError: BootstrappedValue?
  /// The mean corner error in pixels; infinite where a prediction stands for no transformation.
  public let meanCornerError: BootstrappedValue?
  /// The number of images.
  public let count: Int

  /// Measures predictions against truths, both `[N, D]`.
  ///
  /// - Parameters:
  ///   - names: the names of the D coordinates.
  ///   - cornerErrors: one number of pixels for each image; none where no pixel moves.
  /// - Throws: `TensorError.shape` when the sizes do not fit or there are fewer than 2 images;
  ///   `TensorError.notFinite` for predictions of a model that has diverged.
  public init(
    truths: Tensor, predictions: Tensor, names: [String], cornerErrors: [Float] = [],
    bootstrap: Bootstrap
  ) throws(TensorError) {
    guard truths.rank == 2, truths.shape == predictions.shape, truths.shape[0] >= 2,
      truths.shape[1] == names.count, !names.isEmpty,
      cornerErrors.isEmpty || cornerErrors.count == truths.shape[0]
    else {
      throw .shape(
        operation: "regression", shapes: [truths.shape, predictions.shape, [cornerErrors.count]],
        fix: "give at least 2 truths and as many predictions of \(names.count) coordinates")
    }
    guard truths.isFinite, predictions.isFinite else {
      throw .notFinite(
        path: "a prediction", fix: "the model has diverged; make it anew, or load it from a file")
    }
    let squares = Squares(truths: truths, predictions: predictions)
    let corners = cornerErrors.isEmpty ? nil : Corners(cornerErrors)
    let (images, width) = (truths.shape[0], names.count)
    let cornerNumbers = corners == nil ? 0 : 2
    let intervals = bootstrap.intervals(count: images, statistics: width + 1 + cornerNumbers) {
      squares.measure($0, into: $1)
      corners?.measure($0, into: $1, from: width + 1)
    }
    var whole = [Double](repeating: .nan, count: width + 1 + cornerNumbers)
    whole.withUnsafeMutableBufferPointer {
      let once = [Int32](repeating: 1, count: images)
      squares.measure(once, into: $0)
      corners?.measure(once, into: $0, from: width + 1)
    }
    func number(_ place: Int) -> BootstrappedValue? {
      guard !whole[place].isNaN, let interval = intervals[place] else { return nil }
      return BootstrappedValue(value: whole[place], interval: interval)
    }
    count = images
    coordinates = names.enumerated().map { Coordinate(name: $1, rSquared: number($0)) }
    meanSquaredError = number(width) ?? BootstrappedValue(value: 0, interval: 0...0)
    medianCornerError = corners == nil ? nil : number(width + 1)
    meanCornerError = corners == nil ? nil : number(width + 2)
  }

  /// R² of each column of predictions `[N, D]`; `nil` where the truth never varies.
  public static func rSquared(truths: Tensor, predictions: Tensor) throws(TensorError) -> [Double?]
  {
    guard truths.rank == 2, truths.shape == predictions.shape else {
      throw .shape(
        operation: "R²", shapes: [truths.shape, predictions.shape],
        fix: "give as many predictions as truths")
    }
    let squares = Squares(truths: truths, predictions: predictions)
    var numbers = [Double](repeating: .nan, count: squares.width + 1)
    numbers.withUnsafeMutableBufferPointer {
      squares.measure([Int32](repeating: 1, count: truths.shape[0]), into: $0)
    }
    return numbers.dropLast().map { $0.isNaN ? nil : $0 }
  }
}

/// The squared errors of every image and coordinate, ready to be summed over resamples.
private struct Squares: Sendable {
  let width: Int
  /// (t̂ - t)², image by image.
  private let errors: [Double]
  /// t - t̄.
  private let centred: [Double]

  init(truths: Tensor, predictions: Tensor) {
    let (count, width) = (truths.shape[0], truths.shape[1])
    let (t, p) = (truths.scalars.map(Double.init), predictions.scalars.map(Double.init))
    var means = [Double](repeating: 0, count: width)
    for n in 0..<count {
      for k in 0..<width { means[k] += t[n * width + k] / Double(count) }
    }
    self.width = width
    errors = zip(p, t).map { ($0 - $1) * ($0 - $1) }
    centred = t.indices.map { t[$0] - means[$0 % width] }
  }

  /// Writes R² of each coordinate, then the mean squared error.
  func measure(_ times: [Int32], into numbers: UnsafeMutableBufferPointer<Double>) {
    var (error, sum, square) = (
      [Double](repeating: 0, count: width), [Double](repeating: 0, count: width),
      [Double](repeating: 0, count: width)
    )
    for n in times.indices where times[n] > 0 {
      let weight = Double(times[n])
      for k in 0..<width {
        let place = n * width + k
        error[k] += weight * errors[place]
        sum[k] += weight * centred[place]
        square[k] += weight * centred[place] * centred[place]
      }
    }
    // A resample has as many images as there are.
    let count = Double(times.count)
    for k in 0..<width {
      let spread = square[k] - sum[k] * sum[k] / count
      // Targets are whitened: a deviation below 1e-5 is rounding.
      numbers[k] = spread > 1e-10 * count ? 1 - error[k] / spread : .nan
    }
    numbers[width] = error.reduce(0, +) / (count * Double(width))
  }
}

/// Corner errors in rising order, so that the median of a resample is found by counting.
private struct Corners: Sendable {
  private let sorted: [Double]
  private let order: [Int]

  init(_ errors: [Float]) {
    let values = errors.map { $0.isNaN ? .infinity : Double($0) }
    let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
    self.order = order
    sorted = order.map { values[$0] }
  }

  /// Writes the median, then the mean.
  func measure(
    _ times: [Int32], into numbers: UnsafeMutableBufferPointer<Double>, from place: Int
  ) {
    let count = times.count
    // The middle one, or the two in the middle.
    let (lower, upper) = ((count - 1) / 2, count / 2)
    var (seen, total, low, high) = (0, 0.0, Double.nan, Double.nan)
    for (value, image) in zip(sorted, order) where times[image] > 0 {
      let next = seen + Int(times[image])
      if seen <= lower, lower < next { low = value }
      if seen <= upper, upper < next { high = value }
      total += value * Double(times[image])
      seen = next
    }
    numbers[place] = low == high ? low : (low + high) / 2
    numbers[place + 1] = total / Double(count)
  }
}
