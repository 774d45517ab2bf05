import Layers
import Synchronization
import Tensors
import Testing
import Training

/// Noise images `[N, 8, 8, 2]`, each its own; one of them may hold a number that is not finite.
private struct Images: BatchSource {
  let count = 24
  var bad: Int?

  func images(at places: [Int]) throws -> Tensor {
    var values: [Float] = []
    for place in places {
      var generator = Generator(seed: UInt64(place))
      values += Tensor.normal([128], deviation: 1, using: &generator).scalars
      if place == bad { values[values.count - 5] = .nan }
    }
    return try Tensor(values, shape: [places.count, 8, 8, 2])
  }
}

/// A small encoder and decoder that learn to say 1.
private struct Saying: Trainable {
  let encoder: NIN
  let decoder: Linear
  /// Changes the decoder's output in training, to break the backward pass alone.
  let twist: @Sendable (Tensor) throws(TensorError) -> Tensor

  init(
    twist: @escaping @Sendable (Tensor) throws(TensorError) -> Tensor = {
      (x) throws(TensorError) in x
    }
  ) throws {
    var generator = Generator(seed: 3)
    encoder = NIN(try .small([4, 6]), channels: 2, generator: &generator)
    decoder = Linear(inputs: 6, outputs: 1, generator: &generator)
    self.twist = twist
  }

  var parts: [(name: String, part: Any)] { [("encoder", encoder), ("decoder", decoder)] }

  func loss(
    of batch: Batch, in pass: Pass, using generator: Generator
  ) throws(TensorError) -> [NamedTensor] {
    let images = batch.images
    let features = try within("encoder") { () throws(TensorError) in try encoder(images, in: pass) }
    let said = try within("decoder") { () throws(TensorError) in try decoder(features, in: pass) }
    return [
      NamedTensor(
        "loss", try twist(said).meanSquaredError(.filled(1, shape: [images.shape[0], 1])))
    ]
  }
}

/// Does something before a step.
private struct Meddler: Observer {
  let step: Int
  let action: @Sendable () -> Void
  func observe(_ event: RunEvent) -> RunDirective {
    if case .stepped(let progress) = event, progress.step == step { action() }
    return .proceed
  }
}

@Suite("Numbers that are not finite")
struct DivergenceTests {
  private func run(
    _ method: Saying, _ images: Images = Images(), rate: Float = 0.01,
    optimiser: any Optimiser = Adam()
  ) throws -> TrainingRun {
    try TrainingRun(
      method, on: images,
      options: .init(epochs: 3, batch: 6, rate: rate, schedule: .constant), optimiser: optimiser)
  }

  /// The error of a run that must fail, and whether the model is as the last whole step left it.
  private func failure(
    _ run: TrainingRun, of method: Saying, step: Int, meddler: Meddler? = nil
  ) throws -> String {
    var last = method.parameters.map { $0.parameter.value.scalars }
    let seen = Mutex(last)
    let keeper = Keeper {
      seen.withLock { $0 = method.parameters.map { $0.parameter.value.scalars } }
    }
    let observers: [any Observer] = meddler.map { [$0, keeper] } ?? [keeper]
    let error = #expect(throws: TensorError.self) { try run.advance(watchedBy: observers) }
    last = seen.withLock { $0 }
    #expect(run.step == step)
    let now = method.parameters.map { $0.parameter.value.scalars }
    #expect("\(now)" == "\(last)", "the model is not as step \(step) left it")
    let text = try #require(error).description
    #expect(run.status == .failed(text))
    #expect(text.contains("at step \(step + 1) is not finite"), "\(text)")
    return text
  }

  private struct Keeper: Observer {
    let keep: @Sendable () -> Void
    init(_ keep: @escaping @Sendable () -> Void) { self.keep = keep }
    func observe(_ event: RunEvent) -> RunDirective {
      if case .stepped = event { keep() }
      return .proceed
    }
  }

  @Test("are named where a weight holds one", arguments: [Float.nan, .infinity])
  func weight(value: Float) throws {
    let method = try Saying()
    let name = "encoder.blocks.1.0.convolution.weight"
    let weight = try #require(method.parameters.first { $0.name == name }?.parameter)
    let meddler = Meddler(step: 2) { weight.update { $0[7] = value } }
    let text = try failure(run(method), of: method, step: 2, meddler: meddler)
    #expect(text.hasPrefix(name))
  }

  @Test("are named by the image that brings them")
  func image() throws {
    let method = try Saying()
    let text = try failure(
      run(method, Images(bad: 17)), of: method, step: try step(of: 17))
    #expect(text.hasPrefix("image 17 of the set"))
    #expect(text.contains("leave it out"))
  }

  /// The step, from 0, whose batch holds an image.
  private func step(of image: Int) throws -> Int {
    var shuffle = Generator(seed: 1).split(.shuffle, 0)
    return try #require(shuffle.permutation(24).firstIndex(of: image)) / 6
  }

  @Test("are named by the layer that makes them of huge weights")
  func layer() throws {
    let method = try Saying()
    let name = "encoder.blocks.2.0.convolution"
    let weight = try #require(
      method.parameters.first { $0.name == "\(name).weight" }?.parameter)
    let meddler = Meddler(step: 1) { weight.update { $0.update(repeating: 3e38) } }
    let text = try failure(run(method), of: method, step: 1, meddler: meddler)
    #expect(text.hasPrefix("the output of \(name) at step 2"))
    #expect(text.contains("the model is as step 1 left it"))
  }

  @Test("are named by the gradient where the forward pass is sound")
  func gradient() throws {
    // √x has the derivative ∞ at 0, and 0 · ∞ is not a number.
    let method = try Saying { (x) throws(TensorError) in try (x * 0).squareRoot() + 0.5 }
    let text = try failure(run(method), of: method, step: 0)
    #expect(text.hasPrefix("the gradient of decoder."))
    #expect(text.contains("no step was taken"))
  }

  @Test("end a run whose rate is huge", arguments: [1e4, 1e12, 1e30, 3e38] as [Float], 0..<3)
  func rate(rate: Float, rule: Int) throws {
    let rules: [any Optimiser] = [SGD(), Adam(), LARS(trust: 1)]
    let method = try Saying()
    let run = try run(method, rate: rate, optimiser: rules[rule])
    do {
      try run.advance(watchedBy: [])
    } catch let error as TensorError {
      #expect(error.isNotFinite)
      #expect(error.description.contains("at step \(run.step + 1)"))
      #expect(error.description.contains("rate"))
    }
    #expect(method.parameters.allSatisfy { $0.parameter.value.isFinite }, "after \(run.step) steps")
    #expect(rate < 1e30 || run.step < 12)
  }

  @Test("cost an undisturbed run no second look")
  func soundRun() throws {
    let method = try Saying()
    let run = try run(method)
    try run.advance(watchedBy: [])
    #expect(run.status == .completed)
  }
}
