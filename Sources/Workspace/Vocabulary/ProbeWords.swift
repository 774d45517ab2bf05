import CellLanguage
import Evaluation

/// The word that measures features by a classifier trained on them.
enum ProbeWords {
  static let all: [Command] = [probe]

  static let probe = Command(
    "probe", "Trains a classifier on a model's frozen features and counts its right answers.",
    parameters: Parameter<FeatureSource>(
      "features", label: .none, "a model, or .pixels for the images themselves"),
    Parameter<ImageSetObject>("train", "the labelled images that the head learns from"),
    Parameter<ImageSetObject>("test", "the images to classify"),
    Parameter<HeadChoice>("head", default: .linear, "the classifier"),
    Parameter<Int?>(
      "block", in: 1..., "the block that the head reads; the model's own unless given"),
    Parameter<Int?>("epochs", in: 1...100_000, "passes over the images of a head that descends"),
    Parameter<Int?>("batch", in: 2...65_536, "images a step of a head that descends"),
    Parameter<Double?>(
      "learningRate", in: Bounds.above(0), "the first learning rate of a head that descends"),
    Parameter<Bool>(
      "augment", default: false,
      "whether a head that descends sees crops of images padded by 4 pixels, half of them turned"),
    Parameter<Bool>(
      "baselines", default: true,
      "whether the untrained encoder and the raw pixels are measured beside a model"),
    Parameter<Int>(
      "seed", default: 1, in: 0...,
      "the seed of the held-out tenth, or of the head and its data order"),
    returns: "Score", topic: "measuring",
    discussion: """
      The encoder is frozen, in evaluation mode. `.linear` is multinomial logistic regression on the block's \
      output averaged over the image, standardised, solved by L-BFGS; its L2 penalty is chosen on a held-out \
      tenth of the training images. The others are the heads of AET's and AVT's released code on all places of \
      the block: `.layers(1)` to `.layers(3)` are fully connected with hidden layers of 200, `.convolution` is \
      three convolution units, the global average and a linear layer. They descend with Nesterov momentum 0.9, \
      weight decay 0.0005 and batches of 128 from a rate of 0.1, which falls to a tenth after one half and \
      three quarters of the epochs: 10 unless given, where the paper takes 200 with augmentation, so compare \
      with its numbers only at its budget. Maps are computed once; with `augment: true` each batch goes \
      through the encoder anew. The score is the model's own; its table shows the same encoder before its \
      first step and the raw pixels, too, which are measured once for each protocol.
      """,
    example: "probe(aet, train: small, test: fashion.test, head: .linear).accuracy"
  ) {
    context, source, train, test, head, block, epochs, batch, learningRate, augment, baselines, seed
    in
    let measurement = try ProbeMeasurement(
      head, epochs: epochs, batch: batch, rate: learningRate, augments: augment,
      seed: UInt64(seed))
    return .object(
      try measurement.score(
        source, block: block, train: train, test: test, baselines: baselines,
        in: CellContext.of(context)))
  }
}
