import Glibc
import Imaging
import Layers
import Methods
import Tensors
import Testing
import Training

/// Blobs that are wide (class 0) or tall (class 1).
private struct Shapes: BatchSource, LabelledImages {
  let images: Tensor
  let classes: [Int]
  let labels: [Int]?
  let labelled: (any LabelledImages)?
  var count: Int { classes.count }

  init(_ count: Int, seed: UInt64 = 1, isLabelled: Bool = true, labelled: Shapes? = nil) {
    var generator = Generator(seed: seed)
    var classes: [Int] = []
    images = Tensor(shape: [count, 12, 12, 1]) { target in
      for image in 0..<count {
        let (x, y) = (generator.uniform(in: 3...8), generator.uniform(in: 3...8))
        classes.append(generator.integer(in: 0...1))
        let (a, b): (Float, Float) = classes[image] == 0 ? (8, 1) : (1, 8)
        for pixel in 0..<144 {
          let (u, v) = (Float(pixel % 12) - x, Float(pixel / 12) - y)
          target[image * 144 + pixel] = 1 / (1 + u * u / a + v * v / b)
        }
      }
    }
    self.classes = classes
    labels = isLabelled ? classes : nil
    self.labelled = labelled
  }

  var members: [[Int]] {
    (0..<2).map { label in classes.indices.filter { classes[$0] == label } }
  }

  func images(at places: [Int]) throws(TensorError) -> Tensor { try images.gathered(rows: places) }
}

private func format(_ shape: [Int] = [12, 12, 1], classes: [String] = ["wide", "tall"])
  -> ImageFormat
{
  ImageFormat(
    shape: shape, mean: [Float](repeating: 0.3, count: shape[2]),
    deviation: [Float](repeating: 0.2, count: shape[2]), name: "shapes", classNames: classes)
}

@Suite struct AEDTests {
  private static func model(_ shape: [Int] = [12, 12, 1], bottleneck: Float = 0.5) throws -> AED {
    var configuration = AED.Configuration()
    configuration.encoder = try .small([4, 6])
    configuration.bottleneck = bottleneck
    return try AED(configuration, for: format(shape), seed: 1)
  }

  @Test func codeIsSmallerThanTheImage() throws {
    var configuration = AED.Configuration()
    let colour = format([32, 32, 3])
    #expect(try AED(configuration, for: colour, seed: 1).codeShape == [8, 8, 24])
    configuration.encoder = try .small([4, 6])
    #expect(try AED(configuration, for: format([28, 28, 1]), seed: 1).codeShape == [7, 7, 8])
    for share in [0.07, 0.3, 0.999] as [Float] {
      let model = try Self.model(bottleneck: share)
      #expect(Float(model.codeShape.product) <= share * 144)
      #expect(try model.maps(of: blobs(2), block: 3).shape == [2] + model.codeShape)
    }
    // One number at each of the 3×3 places is the least.
    #expect(throws: TensorError.self) { try Self.model(bottleneck: 0.05) }
    #expect(throws: TensorError.self) { try Self.model(bottleneck: 1) }
  }

  @Test(arguments: [[12, 12, 1], [13, 10, 1], [9, 15, 3]])
  func reconstructionsHaveTheSizeOfTheImages(shape: [Int]) throws {
    let model = try Self.model(shape)
    var generator = Generator(seed: 1)
    let images = Tensor.uniform([3] + shape, in: 0...1, using: &generator)
    let made = try model.reconstruct(images)
    #expect(made.shape == images.shape)
    #expect(made.scalars.allSatisfy { (0...1).contains($0) })
    // The table's last row is the image.
    #expect(try model.layers().last?.output[2] == shape[2])
  }

  @Test func lossIsTheErrorOfWhitenedPixels() throws {
    let model = try Self.model()
    try model.fill("decoder.4.weight", with: 0)
    try model.fill("decoder.4.bias", with: 0.4)
    let images = blobs(6)
    let pass = Pass(.training)
    let loss = try model.loss(of: images, in: pass, using: Generator(seed: 1))[0].value.item()
    let errors = images.scalars.map { value -> Double in
      let error = (Double(value) - 0.3) / 0.2 - 0.4
      return error * error
    }
    let wanted = errors.reduce(0, +) / Double(errors.count)
    #expect(abs(Double(loss) - wanted) < 1e-5 * wanted)
    #expect(try model.reconstruct(images).scalars.allSatisfy { abs($0 - 0.38) < 1e-6 })
  }

  @Test func gradientIsTheSlopeOfTheLoss() throws {
    let model = try Self.model([13, 10, 1])
    var generator = Generator(seed: 1)
    let images = Tensor.uniform([8, 13, 10, 1], in: 0...1, using: &generator)
    let slope = try GradientSlope(of: model, batch: Batch(images), step: 1e-4)
    #expect(slope.parameters == model.trainableParameters)
    #expect(slope.error < 0.02, "\(slope)")
  }

  @Test func learnsAndRepeatsItself() throws {
    func train(_ seed: UInt64) throws -> [Float] {
      let run = try TrainingRun(
        try Self.model(), on: Shapes(256),
        options: .init(epochs: 6, batch: 32, rate: 0.01, seed: seed), optimiser: Adam())
      try run.advance(watchedBy: [])
      return run.history["loss"] ?? []
    }
    let first = try train(1)
    #expect(try train(1) == first)
    #expect(try train(2) != first)
    let (before, after) = (first.prefix(4).reduce(0, +), first.suffix(4).reduce(0, +))
    #expect(after < 0.3 * before)
  }
}

@Suite struct SupervisedTests {
  private static func model(augmentation: Augmentation = .none) throws -> Supervised {
    var configuration = Supervised.Configuration()
    configuration.encoder = try .small([4, 6])
    configuration.augmentation = augmentation
    return try Supervised(configuration, for: format(), seed: 1)
  }

  private static func accuracy(_ model: Supervised) throws -> Double {
    let test = Shapes(200, seed: 9)
    let answers = try model.classProbabilities(of: test.images).argumentOfMaximum()
    return Double(zip(answers, test.classes).count { $0 == $1 }) / 200
  }

  @Test func lossIsTheCrossEntropy() throws {
    let model = try Self.model()
    try model.fill("classifier.weight", with: 0)
    try model.fill("classifier.bias") { [0.3, -0.9][$0] }
    let batch = Batch(blobs(5), labels: [0, 1, 1, 0, 1])
    let terms = try model.loss(of: batch, in: Pass(.training), using: Generator(seed: 1))
    let sum = log(exp(0.3) + exp(-0.9))
    #expect(abs(Double(try terms[0].value.item()) - (sum - (0.3 * 2 - 0.9 * 3) / 5)) < 1e-5)
    #expect(terms.map(\.name) == ["loss", "accuracy"])
    #expect(try terms[1].value.item() == 0.4)
  }

  @Test func gradientIsTheSlopeOfTheLoss() throws {
    let model = try Self.model(augmentation: .crop)
    let source = Shapes(8)
    let slope = try GradientSlope(
      of: model, batch: Batch(source.images, labels: source.classes), step: 1e-4)
    #expect(slope.parameters == model.trainableParameters)
    #expect(slope.error < 0.02, "\(slope)")
  }

  @Test func learnsAndRepeatsItself() throws {
    func train(_ seed: UInt64) throws -> (Supervised, [Float]) {
      let model = try Self.model(augmentation: .cropAndFlip)
      let run = try TrainingRun(
        model, on: Shapes(256), options: .init(epochs: 4, batch: 32, rate: 0.01, seed: seed),
        optimiser: Adam())
      try run.advance(watchedBy: [])
      return (model, run.history["loss"] ?? [])
    }
    let (one, first) = try train(1)
    #expect(try train(1).1 == first)
    #expect(try train(2).1 != first)
    #expect(try Self.accuracy(one) > 0.95)
  }

  @Test func learnsFromTheLabelledImagesAlone() throws {
    // What is not labelled is not even looked at: it could be anything.
    var broken = Shapes(128, isLabelled: false, labelled: Shapes(20, seed: 3))
    broken = broken.withImages(.filled(.nan, shape: [128, 12, 12, 1]))
    let model = try Self.model()
    let run = try TrainingRun(
      model, on: broken, options: .init(epochs: 30, batch: 32, rate: 0.01), optimiser: Adam())
    try run.advance(watchedBy: [])
    #expect(try Self.accuracy(model) > 0.85)
  }

  @Test func imagesWithoutLabelsAreRefusedBeforeTheRun() throws {
    let model = try Self.model()
    func start(_ source: Shapes) throws {
      _ = try TrainingRun(model, on: source, options: .init(batch: 8), optimiser: Adam())
    }
    #expect(throws: TensorError.self) { try start(Shapes(16, isLabelled: false)) }
    #expect(throws: TensorError.self) {
      try start(Shapes(16, isLabelled: false, labelled: Shapes(0)))
    }
    try start(Shapes(16))
    try start(Shapes(16, isLabelled: false, labelled: Shapes(4)))
    #expect(throws: TensorError.self) {
      try model.check(Strange(labels: [0, 1, 2]))
    }
    #expect(throws: TensorError.self) {
      try Supervised(.init(), for: format(classes: []), seed: 1)
    }
    #expect(throws: TensorError.self) {
      try model.loss(of: Batch(blobs(4)), in: Pass(.training), using: Generator(seed: 1))
    }
  }

  @Test func encodersOfOneSeedBeginAlike() throws {
    var configuration = RotNet.Configuration()
    configuration.encoder = try .small([4, 6])
    let rotnet = try RotNet(configuration, for: format(), seed: 1)
    let supervised = try Self.model()
    for block in 1...3 {
      #expect(
        try rotnet.encode(blobs(3), block: block).scalars
          == supervised.encode(blobs(3), block: block).scalars)
    }
  }
}

private struct Strange: BatchSource {
  let labels: [Int]?
  let count = 3
  func images(at places: [Int]) throws -> Tensor { .zeros([places.count, 12, 12, 1]) }
}

extension Shapes {
  private init(images: Tensor, like other: Shapes) {
    self.images = images
    classes = other.classes
    labels = other.labels
    labelled = other.labelled
  }

  fileprivate func withImages(_ images: Tensor) -> Shapes { Shapes(images: images, like: self) }
}
