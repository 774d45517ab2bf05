import Glibc
public import Layers
public import Tensors
public import Training

extension EquiVAE {
  /// Labelled images that a step takes beside an unlabelled batch.
  static let labelledBatch = 64

  /// The negative evidence lower bound, in nats an image (Feige, 2019).
  ///
  /// Where the classes of the batch are known: `likelihood` −E log p(x|r, v), `divergence`
  /// KL(q(v|r, x) ‖ N(0, I)), `prior` −log p(y), and `classification`, a weight times −log q(y|x). Where
  /// they are not, these terms are those of 64 labelled images, and `unlabelled` is
  /// −Σ q(y|x) (ℓ_y − log q(y|x) + log p(y)) of the batch, the sum over all classes; `balance`, where it is
  /// asked for, a weight times KL(q̄ ‖ p(y)) of the mean of q(y|x) over the batch.
  public func loss(
    of batch: Batch, in pass: Pass, using generator: Generator
  ) throws(TensorError) -> [NamedTensor] {
    guard let labelled = batch.labelled else {
      throw .argument(
        operation: "EquiVAE", name: "labelled", value: "nothing",
        fix: "it learns from labelled images, if only a few")
    }
    let step = try Step(batch, labelled, classes: classCount, using: generator)
    var draw = generator.split(.augmentation)
    let complements = try Complements(
      step.hypotheses + comparisons(of: step.images.shape[0]), of: step.images,
      count: draw.integer(in: configuration.complements),
      from: labelled, using: generator)
    var noise = generator.split(.sampling)
    let described = try describe(
      step.images, under: step.hypotheses, comparedWith: complements, in: pass,
      noise: .normal(
        [step.hypotheses.count, configuration.equivariant], deviation: 1, using: &noise))
    let known = 0..<step.labels.count
    var terms = [
      NamedTensor("likelihood", try described.likelihood.rows(known).mean()),
      NamedTensor("divergence", try described.divergence.rows(known).mean()),
      NamedTensor("prior", try Tensor(Float(classCount)).logarithm()),
    ]
    let weight = configuration.classification * step.imagesPerLabel
    let isUnlabelled = batch.labels == nil
    guard weight > 0 || isUnlabelled else { return terms }
    let logits = try logits(
      step.images, described, comparedWith: complements, in: pass,
      dropping: generator.split(.augmentation, 1))
    if weight > 0 {
      terms.append(
        NamedTensor(
          "classification", try logits.rows(known).crossEntropy(labels: step.labels) * weight))
    }
    if isUnlabelled {
      let bounds = try (described.likelihood + described.divergence) * -1
      let own = try bounds.rows(known.count..<step.hypotheses.count)
        .reshaped([batch.images.shape[0], classCount])
      let whole = try logits.rows(known.count..<step.images.shape[0]).marginalBound(of: own)
      terms.append(NamedTensor("unlabelled", try whole.mean() * -1))
      if configuration.balance > 0 {
        let unknown = try logits.rows(known.count..<step.images.shape[0])
        terms.append(NamedTensor("balance", try Self.imbalance(unknown) * configuration.balance))
      }
    }
    return terms
  }

  /// KL(q̄ ‖ p(y)) in nats, where q̄ is the mean of q(y|x) over a batch and p(y) is uniform.
  ///
  /// The bound asks each image alone to keep to the prior, and lets a class swallow its neighbour; the
  /// images together have to keep to it as well (Krause et al., 2010, as part of the mutual information
  /// between images and classes).
  static func imbalance(_ logits: Tensor) throws(TensorError) -> Tensor {
    let classes = Float(logits.shape[1])
    // A millionth of the prior, as the logarithm of a class that no image has is not finite.
    let mean = try logits.softmax().mean(axes: [0]) * (1 - 1e-6) + 1e-6 / classes
    return try (mean * mean.logarithm()).sum() + logf(classes)
  }

  /// Every image of a step under every class, where q(y|x) compares it with all of them.
  private func comparisons(of images: Int) -> [Hypothesis] {
    guard classifier == nil else { return [] }
    return (0..<images).flatMap { image in
      (0..<classCount).map { Hypothesis(image: image, label: $0) }
    }
  }

  /// What q(y|x) is the softmax of, `[N, classes]`.
  private func logits(
    _ images: Tensor, _ described: Description, comparedWith complements: Complements,
    in pass: Pass, dropping stream: Generator
  ) throws(TensorError) -> Tensor {
    if let classifier {
      let seen =
        configuration.dropout > 0
        ? try features(whitening(images), in: pass, dropping: stream) : described.features
      return try within("classifier") { () throws(TensorError) in try classifier(seen, in: pass) }
    }
    let count = images.shape[0]
    let own = try invariant(whitening(images), in: pass, dropping: stream)
      .gathered(rows: (0..<count * classCount).map { $0 / classCount })
    // The last rows are those of the comparisons; no image is compared with itself.
    let means = try described.means.gathered(
      rows: Array(complements.rows.suffix(count * classCount)))
    return try (own - means).squared().sum(axes: [1]).reshaped([count, classCount]) * -1
  }

  /// The images of a step and the classes under which each of them is looked at.
  struct Step {
    /// The labelled images, then the unlabelled, `[N, H, W, C]`.
    let images: Tensor
    /// The classes of the labelled images.
    let labels: [Int]
    /// One hypothesis for each labelled image, then one for each class of each unlabelled one.
    let hypotheses: [Hypothesis]
    /// Images for each one whose class is known, at most 50.
    let imagesPerLabel: Float

    /// Draws labelled images beside a batch whose classes are not known.
    init(
      _ batch: Batch, _ labelled: any LabelledImages, classes: Int, using generator: Generator
    ) throws(TensorError) {
      if let labels = batch.labels {
        images = batch.images
        self.labels = labels
        hypotheses = labels.enumerated().map { Hypothesis(image: $0.offset, label: $0.element) }
        imagesPerLabel = 1
        return
      }
      let few = try labelled.draw(
        EquiVAE.labelledBatch, using: generator.split(.initialisation))
      images = try .concatenated([few.images, batch.images], axis: 0)
      labels = few.labels
      let known = few.labels.enumerated().map { Hypothesis(image: $0.offset, label: $0.element) }
      hypotheses =
        known
        + (few.labels.count..<few.labels.count + batch.images.shape[0]).flatMap { image in
          (0..<classes).map { Hypothesis(image: image, label: $0) }
        }
      let ratio = Float(batch.population) / Float(max(1, labelled.count))
      imagesPerLabel = min(50, max(1, ratio))
    }
  }

  /// What a pass says of images under hypotheses.
  struct Description {
    /// −log p(x|r, v) of each hypothesis, `[Q]`.
    let likelihood: Tensor
    /// KL(q(v|r, x) ‖ N(0, I)) of each hypothesis, `[Q]`.
    let divergence: Tensor
    /// The means of f_inv over the sets of complements, `[M, invariant]`.
    let means: Tensor
    /// The features of each image, `[N, 128]`.
    let features: Tensor
  }

  /// Both terms of the bound, for noise `[Q, equivariant]`.
  func describe(
    _ images: Tensor, under hypotheses: [Hypothesis], comparedWith complements: Complements,
    in pass: Pass, noise: Tensor
  ) throws(TensorError) -> Description {
    let seen = try encode(images, complements.images, in: pass)
    let means = try complements.routing.matrixProduct(seen.invariant)
    let r = try means.gathered(rows: Array(complements.rows.prefix(hypotheses.count)))
    let places = hypotheses.map(\.image)
    // Each image once: there is nothing to repeat.
    let isPlain = places == Array(0..<images.shape[0])
    let v = try infer(isPlain ? seen.features : seen.features.gathered(rows: places), r, in: pass)
    let latent = try v.mean.reparameterised(logVariance: v.logVariance, noise: noise)
    let outputs = try outputs(r, latent, in: pass)
    let targets = isPlain ? images : try images.gathered(rows: places)
    return Description(
      likelihood: try likelihood.negativeLogLikelihood(of: targets, given: outputs),
      divergence: try v.mean.gaussianDivergence(logVariance: v.logVariance),
      means: means, features: seen.features)
  }

  /// The features of images `[N, 128]`, and f_inv of their complements `[P, D]`.
  private func encode(
    _ images: Tensor, _ complements: Tensor, in pass: Pass
  ) throws(TensorError) -> (features: Tensor, invariant: Tensor) {
    if invariantTrunk != nil {
      return (
        try features(whitening(images), in: pass), try invariant(whitening(complements), in: pass)
      )
    }
    // One trunk for both, one pass for both.
    let (own, all) = (images.shape[0], images.shape[0] + complements.shape[0])
    let seen = try features(
      whitening(Tensor.concatenated([images, complements], axis: 0)), in: pass)
    return (try seen.rows(0..<own), try invariantHead(seen.rows(own..<all), in: pass))
  }
}
