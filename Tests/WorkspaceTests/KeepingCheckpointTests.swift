import CellLanguage
import Formats
import JupyterProtocol
import Tensors
import Testing
import Training

@testable import Workspace

/// Checkpoints as files, and what was asked of a run as JSON.
@Suite(.serialized) struct KeepingCheckpointTests {
  private func bits(_ tensor: Tensor) -> [UInt32] { tensor.scalars.map(\.bitPattern) }

  private func expectSame(_ first: Checkpoint, _ second: Checkpoint, parameters: Bool = true) {
    #expect(first.step == second.step && first.averageSteps == second.averageSteps)
    #expect(first.seconds.bitPattern == second.seconds.bitPattern)
    #expect(first.optimiser == second.optimiser)
    #expect(
      first.history.mapValues { $0.map(\.bitPattern) }
        == second.history.mapValues { $0.map(\.bitPattern) })
    func expectSame(_ first: [Checkpoint.Entry], _ second: [Checkpoint.Entry]) {
      #expect(first.map(\.name) == second.map(\.name))
      #expect(first.map(\.value.shape) == second.map(\.value.shape))
      #expect(first.map { bits($0.value) } == second.map { bits($0.value) })
    }
    if parameters { expectSame(first.parameters, second.parameters) }
    expectSame(first.averages, second.averages)
    #expect(first.optimiserState.map(\.name) == second.optimiserState.map(\.name))
    #expect(first.optimiserState.map(\.steps) == second.optimiserState.map(\.steps))
    #expect(
      first.optimiserState.map { $0.values.map(bits) }
        == second.optimiserState.map { $0.values.map(bits) })
  }

  @Test(arguments: [
    "optimiser: .adam, average: 0.9", "optimiser: .sgd, momentum: 0.8", "optimiser: .lars",
    "optimiser: .adamW, frozen: [\"encoder\"]",
  ])
  func aCheckpointComesBackToTheBit(options: String) throws {
    let notebook = Notebook()
    let ran = notebook.run(
      """
      let shapes = Shapes(count: 64, size: 16, seed: 1)
      let aet = AET(for: shapes, encoder: NIN(widths: [4, 4]), seed: 1)
      let run = train(aet, on: shapes.train, epochs: 2, batch: 16, \(options), seed: 3)
      """)
    #expect(ran.error == nil, "\(ran.error ?? "")")
    guard case .object(let object)? = notebook.value("run"), let run = object as? RunObject else {
      Issue.record("there is no run")
      return
    }
    let checkpoint = run.run.checkpoint()
    #expect(checkpoint.step == 8 && !checkpoint.optimiserState.isEmpty)
    let (names, averaged) = run.run.paths
    func decoded(_ bytes: [UInt8]) throws -> Checkpoint {
      try CheckpointFile.decode(
        bytes, path: "x", names: names, averaged: averaged, slots: run.run.slots)
    }
    let bytes = try CheckpointFile.encoded(checkpoint, slots: run.run.slots)
    expectSame(checkpoint, try decoded(bytes))
    #expect(try CheckpointFile.encoded(try decoded(bytes), slots: run.run.slots) == bytes)
    // Without the parameters it is the same beside them.
    let rest = try decoded(
      CheckpointFile.encoded(checkpoint, slots: run.run.slots, parts: .optimiser))
    #expect(rest.parameters.isEmpty)
    expectSame(checkpoint, rest, parameters: false)
    let nothing = try decoded(CheckpointFile.encoded(checkpoint, slots: run.run.slots, parts: []))
    #expect(nothing.parameters.isEmpty && nothing.optimiserState.isEmpty)
    #expect(nothing.history == checkpoint.history)
    for cut in [0, 1, 7, bytes.count / 2, bytes.count - 1] {
      #expect(throws: (any Error).self) { try decoded(Array(bytes.prefix(cut))) }
    }
  }

  @Test func valuesThatAreNoNumbersComeBack() throws {
    let value = try Tensor([.nan, .infinity, -.infinity, -0.0, .leastNonzeroMagnitude], shape: [5])
    let checkpoint = Checkpoint(
      step: 7, seconds: 0.1 + 0.2, history: ["loss": [.nan, .infinity], "é/x": []],
      parameters: [.init(name: "a.b", value: value)], optimiser: "Adam(\"é\")",
      optimiserState: [
        OptimiserState(name: "a.b", steps: .max, values: [value, value]),
        OptimiserState(name: "c", steps: 0, values: [value, value]),
      ], averages: [.init(name: "a.b", value: value)], averageSteps: 3)
    let bytes = try CheckpointFile.encoded(checkpoint, slots: ["first", "second"])
    expectSame(
      checkpoint,
      try CheckpointFile.decode(
        bytes, path: "x", names: ["a.b", "c"], averaged: ["a.b"], slots: ["first", "second"]))
  }

  // MARK: What was asked for

  @Test(arguments: 1...60) func aRecipeComesBack(seed: UInt64) throws {
    var dice = Dice(seed)
    func maybe<Value>(_ values: Value...) -> Value? {
      dice.below(2) == 0 ? nil : values.randomElement(using: &dice)
    }
    let schedules: [ScheduleChoice] = [
      .constant, .cosine(to: 0), .cosine(to: 0.1), .linear(to: 0), .linear(to: 0.25),
      .steps(at: [1, 2.5], factor: 0.3), .steps(at: [30], factor: 1e-3),
    ]
    let recipe = RunRecipe(
      epochs: 1 + dice.below(1000), batch: maybe(1, 128), learningRate: maybe(0.1, 1, 3e-5),
      schedule: dice.one(of: schedules), warmUp: maybe(0, 0.5, 2),
      optimiser: dice.one(of: OptimiserChoice.allCases),
      momentum: maybe(0, 0.9, 0.1), weightDecay: maybe(0, 5e-4),
      rates: maybe(["encoder": 0.1, "é.x": 2], ["": 0]) ?? [:],
      frozen: maybe(["encoder.0", "b\"c"]) ?? [], average: maybe(0.999),
      precision: dice.one(of: PrecisionChoice.allCases), seed: maybe(0, .max) ?? 1)
    let bytes = recipe.json.serialized
    let notebook = Notebook()
    let again = try RunRecipe(try JSONValue(parsing: bytes)) { try notebook.computed($0) }
    // All that it holds, whatever is added to it.
    #expect(words(of: again) == words(of: recipe))
    #expect(again.json.serialized == bytes)
  }

  private func words(of recipe: RunRecipe) -> [String] {
    Mirror(reflecting: recipe).children.map { child in
      if let rates = child.value as? [String: Double] {
        return "\(rates.sorted { $0.key < $1.key })"
      }
      return "\(child.label ?? ""): \(child.value)"
    }
  }

  @Test func recipesOfOthersAreRefused() throws {
    let notebook = Notebook()
    for text in [
      "{}", "[]", "{\"epochs\":1,\"seed\":1,\"schedule\":\".cosine\",\"optimiser\":\"newton\"}",
    ] {
      let json = try JSONValue(parsing: Array(text.utf8))
      #expect(throws: NotKept.self) { try RunRecipe(json) { try notebook.computed($0) } }
    }
  }
}
