public import Tensors

/// Ridge regression on random features of the inputs (Rahimi and Recht, 2007): φ(x) = max(0, W (x - x̄) + b)
/// with drawn W and b, standardised.
///
/// The penalty of every target is chosen on a held-out fifth of the examples, then all are fitted again,
/// so that a target that cannot be predicted is answered by its mean, not by noise. Answers are held to the
/// range of the targets that were fitted: an input of a rare kind is extrapolated no further.
public struct RandomFeatureRegression: Sendable {
  /// The penalties to choose from, for targets and features of variance 1.
  public static let penalties: [Float] = [10, 100, 1_000, 10_000, 100_000]
  /// The penalty of each target; infinite where none did better than the mean, which is then the answer.
  public let chosen: [Float]

  private let features: RandomFeatures
  /// `[features, D]`.
  private let weights: Tensor
  /// The mean of the targets, `[D]`.
  private let offset: Tensor
  private let limits: Limits

  /// Fits targets `[N, D]` to inputs `[N, P]`.
  ///
  /// - Throws: `TensorError` for fewer than 10 examples, sizes that do not fit, or values that are not
  ///   finite.
  public init(
    inputs: Tensor, targets: Tensor, features count: Int = 1024, using generator: Generator
  ) throws(TensorError) {
    guard inputs.rank == 2, targets.rank == 2, inputs.shape[0] == targets.shape[0],
      inputs.shape[0] >= 10, inputs.shape[1] > 0, targets.shape[1] > 0, count > 0
    else {
      throw .shape(
        operation: "random-feature regression", shapes: [inputs.shape, targets.shape],
        fix: "give one row of targets for each of at least 10 rows of inputs")
    }
    let (rows, width) = (targets.shape[0], targets.shape[1])
    features = try RandomFeatures(of: inputs, count: count, using: generator)
    let known = try features(inputs)
    let split = rows - rows / 5
    let (fitted, kept) = (try known.rows(0..<split), try known.rows(split..<rows))
    let early = try Centred(targets.rows(0..<split))
    let limits = Limits(of: targets)
    let late = try targets.rows(split..<rows)
    // What has to be bettered is the mean.
    var best = try (late - early.mean).squared().mean(axes: [0]).scalars.map {
      (error: Double($0), penalty: Float.infinity)
    }
    for penalty in Self.penalties {
      let trial = try fitted.ridgeRegression(early.values, penalty: penalty)
      let said = try limits.holding(kept.matrixProduct(trial) + early.mean)
      let errors = try (said - late).squared().mean(axes: [0]).scalars
      for k in 0..<width where Double(errors[k]) < best[k].error {
        best[k] = (Double(errors[k]), penalty)
      }
    }
    let all = try Centred(targets.detached)
    let columns = best.map(\.penalty)
    chosen = columns
    self.limits = limits
    offset = all.mean
    var solutions: [Float: [Float]] = [:]
    for penalty in Set(columns).sorted() where penalty.isFinite {
      solutions[penalty] = try known.ridgeRegression(all.values, penalty: penalty).scalars
    }
    weights = Tensor(shape: [count, width]) { target in
      for (k, penalty) in columns.enumerated() {
        let solution = solutions[penalty]
        for row in 0..<count { target[row * width + k] = solution?[row * width + k] ?? 0 }
      }
    }
  }

  /// What the regression says of inputs `[M, P]`: `[M, D]`.
  public func predict(_ inputs: Tensor) throws(TensorError) -> Tensor {
    try limits.holding(features(inputs).matrixProduct(weights) + offset)
  }

  /// The least and the greatest of each target.
  private struct Limits: Sendable {
    private let bounds: [(lower: Float, upper: Float)]

    init(of targets: Tensor) {
      let (values, width) = (targets.scalars, targets.shape[1])
      bounds = (0..<width).map { k in
        stride(from: k, to: values.count, by: width).reduce((values[k], values[k])) {
          (min($0.0, values[$1]), max($0.1, values[$1]))
        }
      }
    }

    /// `[N, D]` with every value inside the range of its column.
    func holding(_ answers: Tensor) -> Tensor {
      let values = answers.scalars
      return Tensor(shape: answers.shape) { target in
        for i in values.indices {
          let bound = bounds[i % bounds.count]
          target[i] = min(max(values[i], bound.lower), bound.upper)
        }
      }
    }
  }

  /// Targets without their mean.
  private struct Centred {
    let mean: Tensor
    let values: Tensor

    init(_ targets: Tensor) throws(TensorError) {
      mean = try targets.mean(axes: [0])
      values = try targets - mean
    }
  }
}

/// max(0, W (x - x̄) + b), each feature scaled to mean 0 and variance 1 over the examples it was made for.
private struct RandomFeatures: Sendable {
  /// `[P]`.
  private let centre: Tensor
  /// W, `[P, features]`.
  private let directions: Tensor
  private let shifts: Tensor
  private let mean: Tensor
  private let scale: Tensor

  init(of inputs: Tensor, count: Int, using generator: Generator) throws(TensorError) {
    let inputs = inputs.detached
    centre = try inputs.mean(axes: [0])
    let spread = try (inputs - centre).squared().mean(axes: [0]).scalars.reduce(0) {
      $0 + Double($1)
    }
    var (first, second) = (generator.split(.initialisation, 0), generator.split(.initialisation, 1))
    // The examples then have a length of about 1 in every direction.
    directions = .normal(
      [inputs.shape[1], count], deviation: spread > 0 ? Float(1 / spread.squareRoot()) : 1,
      using: &first)
    shifts = .uniform([count], in: -1...1, using: &second)
    let raw = try Self.raw(inputs, centre, directions, shifts)
    mean = try raw.mean(axes: [0])
    let variance = try (raw - mean).squared().mean(axes: [0]).scalars
    // A feature that never varies, as all do of inputs that are alike, says nothing.
    scale = try Tensor(
      variance.map { $0 > 1e-8 ? Float(1 / Double($0).squareRoot()) : 0 }, shape: [count])
  }

  func callAsFunction(_ inputs: Tensor) throws(TensorError) -> Tensor {
    try (Self.raw(inputs.detached, centre, directions, shifts) - mean) * scale
  }

  private static func raw(
    _ inputs: Tensor, _ centre: Tensor, _ directions: Tensor, _ shifts: Tensor
  ) throws(TensorError) -> Tensor {
    try ((inputs - centre).matrixProduct(directions) + shifts).rectified()
  }
}
