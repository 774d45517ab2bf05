import Glibc
import Layers
import Tensors
import Testing
import Training

@testable import Methods

@Suite struct EquiVAERunTests {
  private func train(
    _ source: Bars, seed: UInt64 = 1, epochs: Int = 60,
    _ change: (inout EquiVAE.Configuration) -> Void = { _ in }
  ) throws -> (EquiVAE, TrainingRun) {
    let model = try EquiVAETests.model { change(&$0) }
    let run = try TrainingRun(
      model, on: source, options: .init(epochs: epochs, batch: 32, rate: 3e-3, seed: seed),
      optimiser: Adam())
    try run.advance(watchedBy: [])
    return (model, run)
  }

  private func bits(_ model: EquiVAE) -> [[Float]] {
    model.parameters.map { $0.parameter.value.scalars }
  }

  @Test func learnsAndRepeatsItself() throws {
    let (one, first) = try train(Bars(192))
    let (two, second) = try train(Bars(192))
    #expect(first.history["loss"] == second.history["loss"] && bits(one) == bits(two))
    #expect(try train(Bars(192), seed: 2).1.history["loss"] != first.history["loss"])
    let losses = try #require(first.history["loss"])
    let (before, after) = (losses.prefix(6).reduce(0, +), losses.suffix(6).reduce(0, +))
    #expect(after < 0.75 * before)
    // By the nearest r of a class, on images that it has not seen.
    let (images, prototypes) = (bars(90, seed: 9), try #require(one.prototypes))
    let answers = try one.invariantLatents(of: images).nearestCodes(in: prototypes)
    #expect(answers.enumerated().count { $0.offset % 3 == $0.element } > 70)
    let own = try one.classProbabilities(of: images).argumentOfMaximum()
    #expect(own.enumerated().count { $0.offset % 3 == $0.element } > 70)
  }

  @Test func unlabelledImagesAreLearnedFrom() throws {
    let source = Bars(192, few: 24)
    let (one, first) = try train(source, epochs: 40)
    let (two, _) = try train(source, epochs: 40)
    #expect(bits(one) == bits(two))
    #expect(first.history["unlabelled"]?.count == first.step)
    let images = bars(90, seed: 9)
    let answers = try one.classProbabilities(of: images).argumentOfMaximum()
    #expect(answers.enumerated().count { $0.offset % 3 == $0.element } > 60)
  }

  @Test func distancesSayTheClass() throws {
    let (model, _) = try train(Bars(192), epochs: 30) {
      $0.inference = .distances
      $0.classification = 10
    }
    #expect(!model.parameters.contains { $0.name.hasPrefix("classifier") })
    let (images, prototypes) = (bars(90, seed: 9), try #require(model.prototypes))
    let nearest = try model.invariantLatents(of: images).nearestCodes(in: prototypes)
    let own = try model.classProbabilities(of: images)
    #expect(try own.argumentOfMaximum() == nearest)
    #expect(nearest.enumerated().count { $0.offset % 3 == $0.element } > 70)
    let (r, latents, q) = (
      prototypes.scalars, try model.invariantLatents(of: images).scalars, own.scalars
    )
    for image in 0..<5 {
      let distances = (0..<3).map { label in
        (0..<5).reduce(0.0) { sum, i in
          let difference = Double(latents[image * 5 + i] - r[label * 5 + i])
          return sum + difference * difference
        }
      }
      let shares = distances.map { Glibc.exp(-($0 - (distances.min() ?? 0))) }
      for label in 0..<3 {
        let share = shares[label] / shares.reduce(0, +)
        #expect(abs(Double(q[image * 3 + label]) - share) < 1e-4)
      }
    }
    let untrained = try EquiVAETests.model { $0.inference = .distances }
    #expect(throws: TensorError.self) { try untrained.classProbabilities(of: images) }
  }

  @Test func prototypesAreTheMeansOfTheClasses() throws {
    let source = Bars(45)
    let untrained = try EquiVAETests.model()
    #expect(untrained.prototypes == nil)
    #expect(throws: TensorError.self) {
      try untrained.samples(perClass: 2, using: Generator(seed: 1))
    }
    // Without them f_inv(x) stands for its class, so that an untrained encoder can be measured.
    #expect(try untrained.encode(source.all, block: 2).shape == [45, 4])
    let (model, _) = try train(source, epochs: 1)
    let prototypes = try #require(model.prototypes).scalars
    let latents = try model.invariantLatents(of: source.all).scalars
    for label in 0..<3 {
      for i in 0..<5 {
        let mean = stride(from: label, to: 45, by: 3).reduce(0) { $0 + latents[$1 * 5 + i] } / 15
        #expect(abs(mean - prototypes[label * 5 + i]) < 1e-5)
      }
    }
    let named = model.parameters.filter { $0.name.hasPrefix("prototypes.") }
    #expect(named.map(\.name) == ["prototypes.mean", "prototypes.count"])
    #expect(named.last?.parameter.value.scalars == [15, 15, 15])
    // They go where the parameters go.
    let copy = try EquiVAETests.model(seed: 8)
    for (mine, theirs) in zip(copy.parameters, model.parameters) {
      try mine.parameter.assign(theirs.parameter.value)
    }
    let (a, b) = (
      try model.samples(perClass: 2, using: Generator(seed: 1)),
      try copy.samples(perClass: 2, using: Generator(seed: 1))
    )
    #expect(a.scalars == b.scalars && a.shape == [6, 8, 8, 1])
    #expect(a.scalars.allSatisfy { (0...1).contains($0) })
    // The same v under another r gives another image.
    #expect(try model.samples(perClass: 2, using: Generator(seed: 2)).scalars != a.scalars)
  }

  @Test func theBlocksAreBothLatents() throws {
    let source = Bars(60)
    let (model, _) = try train(source, epochs: 2)
    #expect(model.defaultBlock == 1 && model.blockCount == 2)
    let latents = try model.invariantLatents(of: source.all)
    #expect(try model.encode(source.all, block: 1).scalars == latents.scalars)
    let prototypes = try #require(model.prototypes)
    let nearest = try prototypes.gathered(rows: latents.nearestCodes(in: prototypes))
    let second = try model.encode(source.all, block: 2)
    #expect(
      second.scalars == (try model.equivariantLatents(of: source.all, given: nearest).scalars))
    #expect(throws: TensorError.self) { try model.encode(source.all, block: 3) }
    let mean = try model.decode(invariant: nearest, equivariant: second)
    #expect(try model.reconstruct(source.all).scalars == mean.scalars)
  }

  @Test func whatCannotBeLearnedFromIsRefused() throws {
    func refusal(_ source: any BatchSource) throws -> String {
      do {
        try EquiVAETests.model().check(source)
        return ""
      } catch {
        return "\(error)"
      }
    }
    #expect(try refusal(Bars(30)) == "" && refusal(Bars(30, few: 6)) == "")
    struct Unlabelled: BatchSource {
      let count = 9
      func images(at places: [Int]) -> Tensor { bars(places.count) }
    }
    let none = try refusal(Unlabelled())
    #expect(none.contains("without labels") && none.contains("labelled(100, seed: 1)"))
    let one = try refusal(Bars(30, few: 9, members: [[0, 3], [1], [2, 5]]))
    #expect(one.contains("1 image of \"wide\"") && one.contains("at least 2"))
    let empty = try refusal(Bars(30, few: 9, members: [[0, 3], [1, 4], []]))
    #expect(empty.contains("0 images of \"square\""))
    #expect(try refusal(Bars(30, members: [[], [], []])).contains("without labels"))
    #expect(try refusal(Bars(30, members: [[0, 3], [1, 4]])).contains("2 classes"))
    let odd = ImageFormat(
      shape: [30, 30, 1], mean: [0], deviation: [1], name: "odd", classNames: ["a", "b"])
    #expect(throws: TensorError.self) { try EquiVAE(.init(), for: odd, seed: 1) }
    #expect(throws: TensorError.self) { try EquiVAEBenchmark(.init(), for: odd, seed: 1) }
    let bare = ImageFormat(shape: [8, 8, 1], mean: [0], deviation: [1], name: "bare")
    #expect(throws: TensorError.self) { try EquiVAE(.init(), for: bare, seed: 1) }
    #expect(throws: TensorError.self) {
      try EquiVAETests.model { $0.likelihood = .gaussian(deviation: 0) }
    }
    #expect(throws: TensorError.self) { try EquiVAETests.model { $0.complements = 0...3 } }
    #expect(throws: TensorError.self) { try EquiVAETests.model { $0.invariant = 0 } }
  }

  @Test func theBenchmarkLearnsFromLabelledImagesAlone() throws {
    let model = try EquiVAEBenchmark(.init(), for: EquiVAETests.format, seed: 1)
    #expect(abs((model.constantPredictorLoss ?? 0) - 1.0986) < 1e-4)
    let source = Bars(192, few: 30)
    let run = try TrainingRun(
      model, on: source, options: .init(epochs: 60, batch: 32, rate: 2e-3), optimiser: Adam())
    try run.advance(watchedBy: [])
    let images = bars(90, seed: 9)
    let answers = try model.classProbabilities(of: images).argumentOfMaximum()
    #expect(answers.enumerated().count { $0.offset % 3 == $0.element } > 60)
    #expect(try model.maps(of: images, block: 1).shape == [90, 2, 2, 64])
    #expect(try model.encode(images, block: 2).shape == [90, 128])
    // Dropout is of training alone, and draws from the step's generator.
    let batch = try source.step([0, 1, 2])
    func loss(_ seed: UInt64) throws -> Float {
      try model.loss(of: batch, in: Pass(.training), using: Generator(seed: seed))[0].value.item()
    }
    #expect(try loss(1) == loss(1) && loss(1) != loss(2))
  }
}
