import Glibc
import Layers
import Tensors
import Testing
import Training

@testable import Methods

/// Rectangles of a shape that the class decides, at places and with strengths that it does not:
/// `[count, 8, 8, 1]`, the classes taking turns.
func bars(_ count: Int, classes: Int = 3, seed: UInt64 = 1) -> Tensor {
  var generator = Generator(seed: seed)
  return Tensor(shape: [count, 8, 8, 1]) { target in
    for image in 0..<count {
      let (height, width) = [(6, 2), (2, 6), (4, 4)][image % classes]
      let (top, left) = (
        generator.integer(in: 0...8 - height), generator.integer(in: 0...8 - width)
      )
      let strength = generator.uniform(in: 0.5...1)
      for pixel in 0..<64 {
        let (row, column) = (pixel / 8 - top, pixel % 8 - left)
        let isInside = (0..<height).contains(row) && (0..<width).contains(column)
        target[image * 64 + pixel] =
          (isInside ? strength : 0.05) + generator.uniform(in: 0...0.02)
      }
    }
  }
}

/// Images in classes that take turns, as the training loop sees them, all with labels or only some.
struct Bars: BatchSource {
  /// The images whose classes are known.
  struct Known: LabelledImages {
    let images: Tensor
    let members: [[Int]]
    func images(at places: [Int]) throws(TensorError) -> Tensor {
      try images.gathered(rows: places)
    }
  }

  let all: Tensor
  let labels: [Int]?
  let known: Known

  /// `count` images, all labelled, or none of them but `few` others.
  init(_ count: Int, few: Int? = nil, members: [[Int]]? = nil, seed: UInt64 = 1) {
    all = bars(count, seed: seed)
    labels = few == nil ? (0..<count).map { $0 % 3 } : nil
    known = Known(
      images: few.map { bars($0, seed: seed + 1) } ?? all,
      members: members ?? (0..<3).map { Array(stride(from: $0, to: few ?? count, by: 3)) })
  }

  init(_ images: Tensor, labels: [Int]) {
    all = images
    self.labels = labels
    known = Known(
      images: images,
      members: (0..<3).map { label in labels.indices.filter { labels[$0] == label } })
  }

  var count: Int { all.shape[0] }
  var labelled: (any LabelledImages)? { known }
  func images(at places: [Int]) throws -> Tensor { try all.gathered(rows: places) }

  /// The batch of these places, as the training loop makes it.
  func step(_ places: [Int]) throws -> Batch {
    Batch(
      try all.gathered(rows: places), labels: labels.map { known in places.map { known[$0] } },
      places: places, labelled: known, population: count)
  }
}

@Suite struct EquiVAETests {
  static let format = ImageFormat(
    shape: [8, 8, 1], mean: [0.3], deviation: [0.3], name: "bars",
    classNames: ["high", "wide", "square"])

  static func model(
    seed: UInt64 = 1, _ change: (inout EquiVAE.Configuration) -> Void = { _ in }
  ) throws -> EquiVAE {
    var configuration = EquiVAE.Configuration()
    configuration.invariant = 5
    configuration.equivariant = 4
    change(&configuration)
    return try EquiVAE(configuration, for: format, seed: seed)
  }

  static func terms(
    _ model: EquiVAE, _ batch: Batch, _ seed: UInt64 = 3
  ) throws -> [String: Float] {
    let terms = try model.loss(of: batch, in: Pass(.training), using: Generator(seed: seed))
    return Dictionary(uniqueKeysWithValues: try terms.map { ($0.name, try $0.value.item()) })
  }

  /// Every way to make one, labelled and not.
  static let variants: [(name: String, change: @Sendable (inout EquiVAE.Configuration) -> Void)] = [
    ("default", { _ in }),
    ("scalar", { $0.variance = .scalar }),
    ("gaussian", { $0.likelihood = .gaussian(deviation: 0.5) }),
    ("logistic", { $0.likelihood = .discretisedLogistic }),
    ("shared", { $0.trunk = .shared }),
    ("distances", { $0.inference = .distances }),
    ("unclassified", { $0.classification = 0 }),
    ("balanced", { $0.balance = 30 }),
    ("dropped", { $0.dropout = 0.4 }),
    (
      "dropped distances",
      {
        $0.dropout = 0.4
        $0.inference = .distances
      }
    ),
  ]

  @Test(arguments: variants.indices, [nil, 12])
  func gradientIsTheSlopeOfTheLoss(variant: Int, few: Int?) throws {
    let model = try Self.model { Self.variants[variant].change(&$0) }
    let batch = try Bars(30, few: few).step(Array(0..<10))
    let slope = try GradientSlope(of: model, batch: batch, step: 1e-3)
    // Without its own term, q(y|x) learns from unlabelled images alone.
    let isSilent = Self.variants[variant].name == "unclassified" && few == nil
    #expect(slope.parameters == model.trainableParameters - (isSilent ? 2 : 0))
    #expect(slope.error < 0.03, "\(Self.variants[variant].name): \(slope)")
  }

  /// The objective written in loops, from the model's own networks.
  @Test(arguments: [LatentVariance.vector, .scalar])
  func theSumOverClassesIsThatOfALoop(variance: LatentVariance) throws {
    let model = try Self.model { $0.variance = variance }
    let source = Bars(30, few: 12)
    let batch = try source.step(Array(0..<5))
    let generator = Generator(seed: 3)
    let step = try EquiVAE.Step(batch, source.known, classes: 3, using: generator)
    #expect(step.labels.count == 12 && step.hypotheses.count == 12 + 5 * 3)
    var draw = generator.split(.augmentation)
    let complements = try EquiVAE.Complements(
      step.hypotheses, of: step.images, count: draw.integer(in: 1...7), from: source.known,
      using: generator)
    var noiseStream = generator.split(.sampling)
    let noise = Tensor.normal([step.hypotheses.count, 4], deviation: 1, using: &noiseStream)
    let (faces, features) = (
      try model.invariantLatents(of: complements.images).scalars,
      try model.features(model.whitening(step.images), in: Pass(.evaluation))
    )
    let q = try model.classProbabilities(of: step.images).scalars
    let routing = complements.routing.scalars
    var expected: [String: Double] = ["prior": 1.0986122886681098]
    for (place, hypothesis) in step.hypotheses.enumerated() {
      var r = [Float](repeating: 0, count: 5)
      let (row, width) = (complements.rows[place], complements.images.shape[0])
      for column in 0..<width {
        for i in 0..<5 { r[i] += routing[row * width + column] * faces[column * 5 + i] }
      }
      let known = try Tensor(r, shape: [1, 5])
      let image = hypothesis.image
      let v = try model.infer(features.rows(image..<image + 1), known, in: Pass(.evaluation))
      let (mean, logVariance) = (v.mean.scalars, v.logVariance.scalars)
      if variance == .scalar { #expect(Set(logVariance).count == 1) }
      var divergence = 0.0
      var latent: [Float] = []
      for i in 0..<4 {
        let (m, s) = (Double(mean[i]), Double(logVariance[i]))
        divergence += 0.5 * (m * m + Double(Float(s).exponentiated) - 1 - s)
        latent.append(
          mean[i] + (logVariance[i] / 2).exponentiated * noise.scalars[place * 4 + i])
      }
      let logits = try model.outputs(known, Tensor(latent, shape: [1, 4]), in: Pass(.evaluation))
        .scalars
      let pixels = try step.images.rows(image..<image + 1).scalars
      var likelihood = 0.0
      for (l, t) in zip(logits, pixels) {
        let p = 1 / (1 + Double((-l).exponentiated))
        likelihood -= Double(t) * p.logarithm + (1 - Double(t)) * (1 - p).logarithm
      }
      if place < 12 {
        expected["likelihood", default: 0] += likelihood / 12
        expected["divergence", default: 0] += divergence / 12
        // N/N_lab = 30/12, and 0.1 of it.
        expected["classification", default: 0] -=
          0.25 * Double(q[image * 3 + hypothesis.label]).logarithm / 12
      } else {
        let share = Double(q[image * 3 + hypothesis.label])
        expected["unlabelled", default: 0] +=
          share * (likelihood + divergence + share.logarithm + 3.0.logarithm) / 5
      }
    }
    let found = try Self.terms(model, batch)
    #expect(Set(found.keys) == Set(expected.keys))
    for (name, value) in expected {
      let other = Double(try #require(found[name]))
      #expect(abs(other - value) < 2e-5 * abs(value), "\(name): \(other), \(value)")
    }
  }

  @Test func batchesWithoutLabelsComeWithLabelledOnes() throws {
    let source = Bars(300, few: 12)
    let step = try EquiVAE.Step(
      source.step(Array(20..<30)), source.known, classes: 3, using: Generator(seed: 1))
    // All twelve, since there are not 64; each with its class, none twice.
    #expect(step.images.shape[0] == 22 && step.imagesPerLabel == 25)
    let own = step.images.scalars
    let (few, all) = (source.known.images.scalars, source.all.scalars)
    let places = (0..<12).map { image in
      (0..<12).first {
        Array(few[$0 * 64..<$0 * 64 + 64]) == Array(own[image * 64..<image * 64 + 64])
      }
    }
    #expect(Set(places).count == 12 && !places.contains(nil))
    #expect(step.labels == places.map { ($0 ?? 0) % 3 })
    #expect(Array(own[12 * 64..<22 * 64]) == Array(all[20 * 64..<30 * 64]))
    // More than 64, and the ratio is capped at 50.
    let many = Bars(6000, few: 90)
    let larger = try EquiVAE.Step(
      many.step([0, 1]), many.known, classes: 3, using: Generator(seed: 1))
    #expect(larger.labels.count == 64 && larger.imagesPerLabel == 50)
    let other = try EquiVAE.Step(
      many.step([0, 1]), many.known, classes: 3, using: Generator(seed: 2))
    #expect(other.labels != larger.labels)
    // With labels, the batch is all there is.
    let known = Bars(30)
    let labelled = try EquiVAE.Step(
      known.step([4, 2, 0]), known.known, classes: 3, using: Generator(seed: 1))
    #expect(labelled.labels == [1, 2, 0] && labelled.hypotheses.map(\.label) == [1, 2, 0])
  }

  @Test func theOptionsAreTheTermsOfTheLoss() throws {
    let known = try Bars(30).step(Array(0..<6))
    let unknown = try Bars(30, few: 6).step(Array(0..<6))
    let plain = try Self.model()
    #expect(
      Set(try Self.terms(plain, known).keys)
        == ["likelihood", "divergence", "prior", "classification"])
    #expect(try Self.terms(plain, unknown)["unlabelled"] != nil)
    let silent = try Self.model { $0.classification = 0 }
    #expect(try Self.terms(silent, known)["classification"] == nil)
    #expect(try Self.terms(silent, unknown)["classification"] == nil)
    #expect(try Self.terms(silent, known)["likelihood"] == Self.terms(plain, known)["likelihood"])
    let twice = try Self.model { $0.classification = 0.2 }
    let (a, b) = (
      try Self.terms(plain, unknown)["classification"] ?? 0,
      try Self.terms(twice, unknown)["classification"] ?? 0
    )
    #expect(abs(b - 2 * a) < 1e-4 * b)
  }

  /// Classes that are equally large cost nothing, however sure q(y|x) is; one that has all costs log K.
  @Test func balanceIsTheDivergenceOfTheMeanFromThePrior() throws {
    func imbalance(_ logits: [Float]) throws -> Float {
      try EquiVAE.imbalance(Tensor(logits, shape: [logits.count / 3, 3])).item()
    }
    #expect(abs(try imbalance([0, 0, 0, 0, 0, 0])) < 1e-5)
    #expect(abs(try imbalance([50, 0, 0, 0, 50, 0, 0, 0, 50])) < 1e-5)
    #expect(abs(try imbalance([500, 0, 0, 500, 0, 0]) - logf(3)) < 1e-4)
    let logits: [Float] = [0.3, -1.2, 0.8, 2.1, 0.4, -0.6, -0.2, 0.9, 1.1, 0.7, 0.6, -2]
    var mean = [0.0, 0, 0]
    for row in stride(from: 0, to: logits.count, by: 3) {
      let weights = logits[row..<row + 3].map { exp(Double($0)) }
      for label in 0..<3 { mean[label] += weights[label] / weights.reduce(0, +) / 4 }
    }
    let expected = mean.reduce(0) { $0 + $1 * log($1 * 3) }
    #expect(abs(Double(try imbalance(logits)) - expected) < 1e-5)

    let model = try Self.model { $0.balance = 2 }
    let unknown = try Self.terms(model, try Bars(30, few: 6).step(Array(0..<6)))
    #expect((unknown["balance"] ?? -1) >= 0)
    // Where the classes are known, so is how large they are.
    #expect(try Self.terms(model, try Bars(30).step(Array(0..<6)))["balance"] == nil)
    #expect(
      unknown.filter { $0.key != "balance" }
        == (try Self.terms(
          Self.model(), try Bars(30, few: 6).step(Array(0..<6)))))
  }

  /// Noise in the features that q(y|x) is told by, and in nothing that gives an image back.
  @Test(arguments: ClassInference.allCases)
  func dropoutIsOfTheClassAlone(inference: ClassInference) throws {
    let batch = try Bars(30, few: 12).step(Array(0..<6))
    func terms(_ rate: Float, seed: UInt64 = 3) throws -> [String: Float] {
      try Self.terms(
        Self.model {
          $0.inference = inference
          $0.dropout = rate
        }, batch, seed)
    }
    let (plain, dropped) = (try terms(0), try terms(0.5))
    for name in ["likelihood", "divergence", "prior"] { #expect(plain[name] == dropped[name]) }
    for name in ["classification", "unlabelled"] { #expect(plain[name] != dropped[name]) }
    #expect(try terms(0.5) == dropped)
    let (none, all) = (try terms(1e-6)["classification"] ?? 0, plain["classification"] ?? 1)
    #expect(abs(none - all) < 1e-4 * all)
  }

  @Test func colourIsQuantised() throws {
    let format = ImageFormat(
      shape: [12, 8, 3], mean: [0, 0, 0], deviation: [1, 1, 1], name: "colour",
      classNames: ["a", "b"])
    let model = try EquiVAE(.init(), for: format, seed: 1)
    #expect(model.likelihood == .discretisedLogistic)
    let layers = try model.layers()
    #expect(layers.last?.output == [12, 8, 6])
    #expect(layers.reduce(0) { $0 + $1.parameters } == model.trainableCount)
    var generator = Generator(seed: 1)
    let images = Tensor.uniform([6, 12, 8, 3], in: 0...1, using: &generator)
    #expect(try model.reconstruct(images).shape == [6, 12, 8, 3])
  }
}

extension Float {
  fileprivate var exponentiated: Float { Float(Double(self).exponentiated) }
}

extension Double {
  fileprivate var exponentiated: Double { Glibc.exp(self) }
  fileprivate var logarithm: Double { Glibc.log(self) }
}
