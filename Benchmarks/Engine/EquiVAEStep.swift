import Layers
import Tensors
import Training

/// An EquiVAE written on `Layers`: the labelled objective, or the unlabelled one with its exact sum over
/// ten classes (28×28×1, both latents 16).
struct EquiVAEStep: Trainable {
  /// Two convolutions and a linear layer.
  struct Trunk: Module {
    let convolutions: Sequential
    let linear: Linear

    init(generator: inout Generator) {
      func convolution(_ inputs: Int, _ outputs: Int) -> Convolution {
        Convolution(
          inputs: inputs, outputs: outputs, window: 4, stride: 2, bias: true, generator: &generator)
      }
      convolutions = Sequential([
        convolution(1, 32), Rectifier(), convolution(32, 64), Rectifier(),
      ])
      linear = Linear(inputs: 64 * 49, outputs: 128, generator: &generator)
    }

    func callAsFunction(_ images: Tensor, in pass: Pass) throws(TensorError) -> Tensor {
      let maps = try convolutions(images, in: pass)
      return try linear(maps.reshaped([images.shape[0], 64 * 49]), in: pass).rectified()
    }
  }

  let invariant: Trunk
  let invariantHead: Linear
  let trunk: Trunk
  let classifier: Linear
  let posterior: Sequential
  let posteriorHead: Linear
  let opening: Sequential
  let decoder: Sequential
  let isLabelled: Bool
  let complements: Tensor
  let labels: [Int]
  let routing: Tensor
  let classMeans: Tensor
  static let latent = 16
  static let classes = 10

  var parts: [(name: String, part: Any)] {
    [
      ("invariant", invariant), ("invariantHead", invariantHead), ("trunk", trunk),
      ("classifier", classifier), ("posterior", posterior), ("posteriorHead", posteriorHead),
      ("opening", opening), ("decoder", decoder),
    ]
  }

  init(batch: Int, isLabelled: Bool, complements: Tensor, seed: UInt64) throws {
    var generator = Generator(seed: seed).split(.initialisation)
    func linear(_ inputs: Int, _ outputs: Int) -> Linear {
      Linear(inputs: inputs, outputs: outputs, generator: &generator)
    }
    func transposed(_ inputs: Int, _ outputs: Int) -> TransposedConvolution {
      TransposedConvolution(
        inputs: inputs, outputs: outputs, window: 4, stride: 2, padding: 1, bias: true,
        generator: &generator)
    }
    invariant = Trunk(generator: &generator)
    invariantHead = linear(128, Self.latent)
    trunk = Trunk(generator: &generator)
    classifier = linear(128, Self.classes)
    posterior = Sequential([linear(128 + Self.latent, 128), Rectifier()])
    posteriorHead = linear(128, 2 * Self.latent)
    opening = Sequential([
      linear(2 * Self.latent, 128), Rectifier(), linear(128, 64 * 49), Rectifier(),
    ])
    decoder = Sequential([transposed(64, 32), Rectifier(), transposed(32, 1)])
    self.isLabelled = isLabelled
    self.complements = complements
    let labels = (0..<batch).map { $0 % Self.classes }
    self.labels = labels
    let sizes = (0..<Self.classes).map { label in labels.count { $0 == label } }
    // Leave one out: the mean over the other images of the same class.
    routing = try Tensor(
      (0..<batch * batch).map { place in
        let (row, column) = (place / batch, place % batch)
        return row != column && labels[row] == labels[column]
          ? 1 / Float(sizes[labels[row]] - 1) : 0
      }, shape: [batch, batch])
    classMeans = try Tensor(
      (0..<Self.classes * batch).map { place in
        let (label, column) = (place / batch, place % batch)
        return labels[column] == label ? 1 / Float(sizes[label]) : 0
      }, shape: [Self.classes, batch])
  }

  /// −log p(x|r, v) + KL(q(v|r, x) ‖ N(0, I)) of each row.
  private func bound(
    _ features: Tensor, _ invariant: Tensor, images: Tensor, in pass: Pass,
    using generator: inout Generator
  ) throws(TensorError) -> Tensor {
    let moments = try posteriorHead(
      posterior(Tensor.concatenated([features, invariant], axis: 1), in: pass), in: pass)
    let mean = try moments.columns(0..<Self.latent)
    let logVariance = try moments.columns(Self.latent..<2 * Self.latent)
    let latent = try mean.reparameterised(logVariance: logVariance, using: &generator)
    let maps = try opening(Tensor.concatenated([invariant, latent], axis: 1), in: pass)
    let logits = try decoder(maps.reshaped([maps.shape[0], 7, 7, 64]), in: pass)
    return try logits.bernoulliNegativeLogLikelihood(of: images)
      + mean.gaussianDivergence(logVariance: logVariance)
  }

  func loss(
    of batch: Batch, in pass: Pass, using generator: Generator
  ) throws(TensorError) -> [NamedTensor] {
    let images = batch.images
    var noise = generator.split(.sampling)
    let features = try trunk(images, in: pass)
    let logits = try classifier(features, in: pass)
    if isLabelled {
      let means = try routing.matrixProduct(
        invariantHead(self.invariant(images, in: pass), in: pass))
      let bound = try bound(features, means, images: images, in: pass, using: &noise)
      return [
        NamedTensor("bound", try bound.mean()),
        NamedTensor("classification", try logits.crossEntropy(labels: labels)),
      ]
    }
    let means = try classMeans.matrixProduct(
      invariantHead(self.invariant(complements, in: pass), in: pass))
    // Row n · classes + y is image n under the hypothesis y.
    let count = images.shape[0]
    let images10 = (0..<count * Self.classes).map { $0 / Self.classes }
    let hypotheses = (0..<count * Self.classes).map { $0 % Self.classes }
    let bound = try bound(
      features.gathered(rows: images10), means.gathered(rows: hypotheses),
      images: images.gathered(rows: images10), in: pass, using: &noise)
    let whole = try logits.marginalBound(of: bound.reshaped([count, Self.classes]) * -1)
    return [NamedTensor("bound", try whole.mean() * -1)]
  }
}
