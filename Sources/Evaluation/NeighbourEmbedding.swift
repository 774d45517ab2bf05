import Compute
public import Tensors

/// Points of the plane with the neighbours that features have: t-SNE (van der Maaten and Hinton, 2008), exact.
///
/// Affinities p(i, j) of the features, from a Gaussian around each whose width gives the wanted perplexity, are
/// compared with q(i, j) ∝ 1 / (1 + |y_i − y_j|²) of the points: the Kullback–Leibler divergence Σ p log(p / q)
/// is descended. Distances within a group of neighbours mean something, those between groups and the sizes of
/// groups do not. Features of more than 50 dimensions are reduced to 50 by principal components first. The
/// points begin along the first two principal components (Kobak and Berens, 2019), moved by a little noise
/// that the seed gives. All constants but that start are the usual ones: a rate of n / 48 (at least 50), 250
/// steps with affinities exaggerated 12 times and momentum 0.5, then momentum 0.8.
public struct NeighbourEmbedding: Sendable {
  /// The constants.
  public struct Options: Sendable, Equatable {
    /// How many neighbours a point has, smoothly counted: from 2 to a third of the points.
    public var perplexity: Double
    /// The steps of the descent.
    public var steps: Int
    /// The seed of the noise at the start.
    public var seed: UInt64

    /// Sets the constants.
    public init(perplexity: Double = 30, steps: Int = 1000, seed: UInt64 = 1) {
      self.perplexity = perplexity
      self.steps = steps
      self.seed = seed
    }
  }

  /// The most points: their affinities take 100 MB.
  public static let most = 5000
  /// The steps with exaggerated affinities.
  static let exaggeratedSteps = 250
  static let exaggeration: Float = 12

  /// The points, `[N, 2]`, around the origin.
  public let points: Tensor
  /// The divergence of the points' affinities from those of the features, in nats.
  public let divergence: Double
  /// The divergence after every 50 steps, without exaggeration.
  public let history: [Double]

  /// Embeds features `[N, D]`; `pause` is called between steps, and what it throws ends the work.
  ///
  /// - Throws: `TensorError` for fewer than 7 or more than 5,000 rows, a perplexity that so many rows
  ///   cannot have, or features that are not finite; what `pause` throws.
  public init(
    of features: Tensor, options: Options = Options(), pause: () throws -> Void = {}
  ) throws {
    try Self.check(features, options)
    let reduced = try Self.reduced(features)
    let affinities = try Self.affinities(of: reduced, perplexity: options.perplexity)
    try pause()
    var descent = Descent(
      affinities: affinities, start: try Self.start(reduced, seed: options.seed))
    var history: [Double] = []
    for step in 0..<options.steps {
      try pause()
      let isEarly = step < Self.exaggeratedSteps
      descent.step(exaggeration: isEarly ? Self.exaggeration : 1, momentum: isEarly ? 0.5 : 0.8)
      if (step + 1) % 50 == 0 { history.append(descent.divergence) }
    }
    guard descent.positions.isFinite else {
      throw TensorError.notFinite(path: "a point", fix: "scale the features to a deviation near 1")
    }
    points = try descent.positions.transposed()
    divergence =
      history.isEmpty || options.steps % 50 != 0 ? descent.divergence : history[history.count - 1]
    self.history = history
  }

  private static func check(_ features: Tensor, _ options: Options) throws(TensorError) {
    guard features.rank == 2, (7...most).contains(features.shape[0]), features.shape[1] > 0 else {
      throw .shape(
        operation: "t-SNE", shapes: [features.shape],
        fix: "give from 7 to 5,000 rows of features; of more images, take a sample")
    }
    let limit = Double(features.shape[0] - 1) / 3
    guard (2...limit).contains(options.perplexity) else {
      throw .argument(
        operation: "t-SNE", name: "perplexity", value: "\(options.perplexity)",
        fix: "\(features.shape[0]) points can have from 2 to \(Int(limit))")
    }
    guard options.steps > 0 else {
      throw .argument(
        operation: "t-SNE", name: "steps", value: "\(options.steps)", fix: "take at least one")
    }
    guard features.isFinite else {
      throw .notFinite(
        path: "a feature", fix: "the model has diverged; make it anew, or load it from a file")
    }
  }

  /// The coordinates along the first 50 principal components, or all.
  private static func reduced(_ features: Tensor) throws(TensorError) -> Tensor {
    let components = min(50, features.shape[1], features.shape[0])
    return try PrincipalComponents(of: features, components: components).project(features)
  }

  /// The joint affinities of features `[N, D]`, `[N, N]`, which sum to 1.
  static func affinities(of features: Tensor, perplexity: Double) throws(TensorError) -> Tensor {
    let (count, width) = (features.shape[0], features.shape[1])
    let columns = try features.detached.transposed()
    return Tensor(shape: [count, count]) { target in
      guard let target = target.baseAddress else { return }
      columns.withUnsafeScalars { columns in
        guard let columns = columns.baseAddress else { return }
        NeighbourForces.squaredDistances(columns, dimensions: width, count: count, into: target)
      }
      NeighbourForces.affinities(target, count: count, perplexity: perplexity)
      NeighbourForces.symmetrise(target, count: count)
    }
  }

  /// The first two columns with a deviation of 10⁻⁴ along the first, and a hundredth of that in noise,
  /// `[2, N]`.
  private static func start(_ reduced: Tensor, seed: UInt64) throws(TensorError) -> Tensor {
    let count = reduced.shape[0]
    let coordinates = try reduced.columns(0..<min(2, reduced.shape[1])).transposed().scalars
    let deviation =
      (coordinates.prefix(count).reduce(0) { $0 + Double($1) * Double($1) } / Double(count))
      .squareRoot()
    let scale = Float(deviation > 0 ? 1e-4 / deviation : 0)
    var generator = Generator(seed: seed).split(.evaluation)
    return Tensor(shape: [2, count]) { target in
      for place in target.indices {
        let along = place < coordinates.count ? coordinates[place] * scale : 0
        target[place] = along + 1e-6 * generator.normal()
      }
    }
  }
}
