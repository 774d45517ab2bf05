public import Tensors

extension Module {
  /// Sets the running statistics of the batch normalisations below to those of the given batches, which
  /// replace what training has left: with the statistics of distorted views an encoder sees clean images
  /// at the wrong scale.
  ///
  /// `forward` puts each batch through the module in the pass that it is given, a training pass that
  /// records nothing. A running mean becomes the mean of the batches' means, a running variance the mean
  /// of their unbiased variances, each batch counting 1/n whatever its size: what PyTorch's normalisation
  /// gives with `momentum=None`. For batches of one size the mean is that of all their images; the
  /// variance is the pooled one within the batches, which leaves out how far their means are apart, so
  /// take batches as large as those of training. Each layer normalises by its batch, so that the running
  /// statistics from before have no part in the outcome, and a second call with the same batches gives
  /// the same bits.
  ///
  /// Nothing else changes, and nothing at all when an error is thrown. Normalisations that `forward` does
  /// not reach keep their statistics. Without any that it reaches, the call ends after the first batch
  /// and changes nothing.
  ///
  /// - Returns: the number of batch normalisations that were set.
  /// - Throws: `TensorError.argument` when there is no batch, and what `forward` and `batches` throw.
  @discardableResult
  public func recomputeStatistics<Batches: Sequence>(
    over batches: Batches, precision: Precision = .float32,
    forward: (Batches.Element, Pass) throws -> Tensor
  ) throws -> Int {
    let sums = StatisticsSums()
    var isWithoutBatches = true
    for batch in batches {
      isWithoutBatches = false
      let pass = Pass(gathering: sums, precision: precision)
      _ = try forward(batch, pass)
      try pass.commit()
      if sums.isEmpty { return 0 }
    }
    guard !isWithoutBatches else {
      throw TensorError.argument(
        operation: "recomputeStatistics", name: "batches", value: "empty",
        fix: "give at least one batch of images")
    }
    return sums.apply(to: parameters)
  }
}

extension Layer {
  /// Sets the running statistics of the batch normalisations below to those of the given batches
  /// `[N, …]`, each put through the layer once; see `recomputeStatistics(over:precision:forward:)`.
  ///
  /// - Returns: the number of batch normalisations that were set.
  /// - Throws: `TensorError.argument` when there is no batch, and what the layer throws.
  @discardableResult
  public func recomputeStatistics(
    over batches: some Sequence<Tensor>, precision: Precision = .float32
  ) throws -> Int {
    try recomputeStatistics(over: batches, precision: precision) { try self($0, in: $1) }
  }
}
