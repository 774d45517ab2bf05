import Layers
import Synchronization
import Tensors
import Testing
import Training

/// Points on a line: y = 2 x₀ − x₁ + 0.5, given as images `[N, 1, 1, 3]` of x₀, x₁, y.
private struct Line: BatchSource {
  let count = 50
  func images(at places: [Int]) throws -> Tensor {
    var values: [Float] = []
    for place in places {
      let (a, b) = (Float(place % 7) / 7, Float(place % 11) / 11)
      values += [a, b, 2 * a - b + 0.5]
    }
    return try Tensor(values, shape: [places.count, 1, 1, 3])
  }
}

private struct Regression: Trainable {
  let layer: Linear
  let explodesAt: Int?
  init(explodesAt: Int? = nil, seed: UInt64 = 4, inputs: Int = 2) {
    var generator = Generator(seed: seed)
    layer = Linear(inputs: inputs, outputs: 1, generator: &generator)
    self.explodesAt = explodesAt
  }
  func loss(
    of batch: Batch, in pass: Pass, using generator: Generator
  ) throws(TensorError) -> [NamedTensor] {
    let images = batch.images
    var generator = generator
    let rows = try images.reshaped([images.shape[0], 3])
    let noise = Tensor.normal([images.shape[0], 1], deviation: 0.01, using: &generator)
    let target = try rows.columns(2..<3) + noise
    var loss = try layer(rows.columns(0..<2), in: pass).meanSquaredError(target)
    if let explodesAt, generator == self.generator(explodesAt, after: images.shape[0]) {
      loss = try loss * Float.infinity
    }
    return [NamedTensor("loss", loss)]
  }
  private func generator(_ step: Int, after draws: Int) -> Generator {
    var generator = Generator(seed: 1).split(.transformation, step)
    _ = Tensor.normal([draws, 1], deviation: 0.01, using: &generator)
    return generator
  }
}

private final class Recorder: Observer {
  let events = Mutex<[String]>([])
  let stopAfter: Int?
  init(stopAfter: Int? = nil) { self.stopAfter = stopAfter }
  func observe(_ event: RunEvent) -> RunDirective {
    let word =
      switch event {
      case .started: "started"
      case .stepped: "stepped"
      case .epochEnded: "epoch"
      case .finished(let status, _): status.word
      }
    events.withLock { $0.append(word) }
    if case .stepped(let progress) = event, progress.step == stopAfter { return .stop }
    return .proceed
  }
}

@Suite struct TrainingRunTests {
  private func run(_ method: Regression, epochs: Int = 3) throws -> TrainingRun {
    try TrainingRun(
      method, on: Line(), options: .init(epochs: epochs, batch: 10, rate: 0.05),
      optimiser: Adam())
  }

  @Test func learnsAndTellsInOrder() throws {
    let method = Regression()
    let recorder = Recorder()
    let run = try run(method, epochs: 40)
    try run.advance(watchedBy: [recorder])
    let loss = try #require(run.history["loss"])
    #expect(loss.count == 200)
    #expect(loss.suffix(5).allSatisfy { $0 < 0.05 * loss[0] })
    #expect(run.status == .completed)
    let events = recorder.events.withLock { $0 }
    #expect(
      events.prefix(7) == [
        "started", "stepped", "stepped", "stepped", "stepped", "stepped", "epoch",
      ])
    #expect(events.last == "completed")
  }

  @Test func interruptedRunGoesOnWithTheSameBits() throws {
    let (whole, parts) = (Regression(), Regression())
    try run(whole).advance(watchedBy: [])
    let broken = try run(parts)
    try broken.advance(watchedBy: [Recorder(stopAfter: 4)])
    #expect(broken.status == .interrupted)
    #expect(broken.step == 4)
    try broken.advance(watchedBy: [Recorder(stopAfter: 7)])
    try broken.advance(watchedBy: [])
    #expect(broken.status == .completed)
    let values = whole.parameters.map { $0.parameter.value.scalars }
    #expect(values == parts.parameters.map { $0.parameter.value.scalars })
  }

  @Test("given up inside a step, at whichever operation, a run stands where the step began")
  func abandonedStep() throws {
    let whole = Regression()
    try run(whole).advance(watchedBy: [])
    let expected = whole.parameters.map { $0.parameter.value.scalars }
    // Each time one operation later, until the run gets through.
    for patience in 0... {
      let method = Regression()
      let training = try run(method)
      try training.advance(watchedBy: [Recorder(stopAfter: 2)])
      let before = method.parameters.map { $0.parameter.value.scalars }
      let asked = Atomic<Int>(0)
      try training.advance(watchedBy: [Recorder(stopAfter: 3)]) {
        asked.add(1, ordering: .relaxed).newValue > patience
      }
      #expect(training.status == .interrupted)
      guard training.step == 2 else {
        #expect(patience > 3)
        break
      }
      #expect(method.parameters.map { $0.parameter.value.scalars } == before)
      try training.advance(watchedBy: [])
      #expect(method.parameters.map { $0.parameter.value.scalars } == expected)
    }
  }

  @Test func badStepLeavesTheModelWhole() throws {
    let (bad, good) = (Regression(explodesAt: 3), Regression())
    let broken = try run(bad)
    let error = #expect(throws: TensorError.self) { try broken.advance(watchedBy: []) }
    #expect("\(try #require(error))".contains("step 4"))
    #expect("\(try #require(error))".contains("learning rate"))
    #expect(broken.step == 3)
    try run(good).advance(watchedBy: [Recorder(stopAfter: 3)])
    let values = good.parameters.map { $0.parameter.value.scalars }
    #expect(values == bad.parameters.map { $0.parameter.value.scalars })
  }

  @Test(arguments: 0..<4)
  func checkpointGoesOnInAnotherModelWithTheSameBits(rule: Int) throws {
    let rules: [any Optimiser] = [SGD(), Adam(), AdamW(), LARS(trust: 0.1)]
    func run(_ method: Regression, seed: UInt64 = 1) throws -> TrainingRun {
      try TrainingRun(
        method, on: Line(),
        options: .init(
          epochs: 3, batch: 10, rate: 0.05, schedule: Schedule(.linear(to: 0.1), warmUp: 3),
          seed: seed, averageDecay: 0.9),
        optimiser: rules[rule], groups: [ParameterGroup(["layer.bias"], rate: 2)])
    }
    let (whole, parts, fresh) = (Regression(), Regression(), Regression(seed: 77))
    let unbroken = try run(whole)
    try unbroken.advance(watchedBy: [])
    let broken = try run(parts)
    try broken.advance(watchedBy: [Recorder(stopAfter: 7)])
    let checkpoint = broken.checkpoint()
    // What happens after the checkpoint does not reach into it.
    try broken.advance(watchedBy: [])
    let resumed = try run(fresh)
    try resumed.restore(checkpoint)
    #expect(resumed.status == .interrupted && resumed.step == 7)
    try resumed.advance(watchedBy: [])
    #expect(resumed.history == unbroken.history)
    #expect(
      fresh.parameters.map { $0.parameter.value.scalars }
        == whole.parameters.map { $0.parameter.value.scalars })
    #expect(
      resumed.average?.averages.map { $0.parameter.value.scalars }
        == unbroken.average?.averages.map { $0.parameter.value.scalars })
    #expect(
      resumed.average?.averages[0].parameter.value.scalars != whole.layer.weight.value.scalars)
  }

  @Test func checkpointOfAnotherRunIsRefusedAndChangesNothing() throws {
    let other = try run(Regression())
    try other.advance(watchedBy: [Recorder(stopAfter: 2)])
    let checkpoint = other.checkpoint()
    let method = Regression(seed: 9)
    let before = method.parameters.map { $0.parameter.value.scalars }
    let descending = try TrainingRun(
      method, on: Line(), options: .init(epochs: 3, batch: 10, rate: 0.05), optimiser: SGD())
    let averaging = try TrainingRun(
      method, on: Line(), options: .init(epochs: 3, batch: 10, rate: 0.05, averageDecay: 0.9),
      optimiser: Adam())
    let wide = try TrainingRun(
      Regression(inputs: 1), on: Line(), options: .init(epochs: 3, batch: 10, rate: 0.05),
      optimiser: Adam())
    for run in [descending, averaging, wide] {
      #expect(throws: TensorError.self) { try run.restore(checkpoint) }
      #expect(run.step == 0)
    }
    #expect(method.parameters.map { $0.parameter.value.scalars } == before)
  }

  @Test func averageFollowsTheWeights() throws {
    let method = Regression()
    let run = try TrainingRun(
      method, on: Line(), options: .init(epochs: 40, batch: 10, rate: 0.05, averageDecay: 0.9),
      optimiser: Adam())
    try run.advance(watchedBy: [])
    let average = try #require(run.average)
    #expect(average.steps == 200)
    let copy = Regression(seed: 12)
    try average.assign(to: copy.parameters)
    #expect(copy.layer.weight.value.scalars == average.averages[0].parameter.value.scalars)
    let difference = zip(copy.layer.weight.value.scalars, method.layer.weight.value.scalars)
    #expect(difference.allSatisfy { abs($0 - $1) < 0.1 })
  }

  @Test func optionsOutsideTheirRangesAreRefused() {
    for options in [
      TrainingRun.Options(epochs: -1), .init(batch: 1), .init(rate: 0), .init(rate: .nan),
      .init(averageDecay: 1), .init(averageDecay: -0.1), .init(schedule: .steps(at: [0])),
      .init(schedule: .steps(at: [5], factor: 0)), .init(schedule: Schedule(.cosine(to: 2))),
      .init(schedule: Schedule(.constant, warmUp: -1)),
    ] {
      #expect(throws: TensorError.self) {
        try TrainingRun(Regression(), on: Line(), options: options, optimiser: Adam())
      }
    }
  }
}
