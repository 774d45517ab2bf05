import CellLanguage
import Datasets
import Formats
import JupyterProtocol
import Layers
import Methods
import RunStore
import Synchronization
import Training

/// Making models and runs again of what was kept of them.
extension Keeper {
  func model(
    _ id: Int, _ recipe: JSONValue, in context: CellContext
  ) throws -> ModelObject {
    let state = try store.state(of: id)
    // A run that lives without its model has the weights, and whoever trains it trains the model.
    let holder = state.flatMap {
      Self.runs($0).lazy.compactMap { self.living($0) as? RunObject }.first
    }
    let model =
      try holder.map { ModelObject($0.method, seed: $0.modelSeed, options: $0.options) }
      ?? ModelObject.made(from: recipe) { try computed($0, in: context) }
    _ = keep(model, as: id)
    do {
      let broken = try store.checkpoints().filter { $0.model == id }
      if let state { try restore(model, to: state, hasWeights: holder != nil, in: context) }
      // A run that went on while nobody held the model had the newer weights.
      let isNewer = try model.runs.contains { run in
        try number(of: run).flatMap { try store.state(of: $0) }?.commit ?? 0 > state?.commit ?? 0
      }
      know(model, as: id, revision: isNewer ? nil : model.revision)
      var taken = 0
      for checkpoint in broken {
        do {
          try take(checkpoint, into: model, in: context)
          taken += 1
        } catch let error where (error as? CellError)?.kind == .interrupted {
          throw error
        } catch {
          // The weights that the last cell left are worth more than none.
          context.write(
            "note: the training that broke off at step \(Written.count(checkpoint.step)) cannot be brought back, and "
              + "the model is as it was before it: \(error)\n", to: .standardError)
        }
      }
      // Before what the cell does with it, so that taking the cell back does not take back the training.
      if taken == broken.count, taken > 0 || isNewer {
        _ = commit(
          [], of: nil, line: KeptCommit.noCell, isTold: false, only: [model] + model.runs)
      }
      if !writes { noteAsLoaded(model) }
      return model
    } catch {
      // Nothing may hold half of it.
      self.state.withLock { $0.loaded[id] = nil }
      throw error
    }
  }

  /// Notes a model and its runs as they are now for what is in the store, with what a training that broke off has
  /// added to it.
  private func noteAsLoaded(_ model: ModelObject) {
    if let id = number(of: model) { know(model, as: id, revision: model.revision) }
    for run in model.runs {
      if let id = number(of: run) { know(run, as: id, revision: run.revision) }
    }
  }

  /// The numbers of the runs that a model's state names.
  private static func runs(_ state: KeptState) -> [Int] {
    let content = try? JSONValue(json: state.content)
    return (content?["runs"]?.elements ?? []).compactMap(\.whole)
  }

  /// Gives a method the weights of its model's state: those of the blob, or the first ones.
  func apply(_ state: KeptState, to learner: any Method, seed: UInt64) throws {
    if let blob = state.blob {
      let file = try SafetensorsFile(parsing: try blobs.read(blob), path: "\(blobs.path)/\(blob)")
      try StateDictionary(learner).read(file).apply()
    } else {
      try learner.becomeNew(seed: seed)
    }
  }

  /// Gives a model the weights and runs of a state.
  ///
  /// - Parameter hasWeights: whether it has weights already that are at least as new.
  func restore(
    _ model: ModelObject, to state: KeptState, hasWeights: Bool = false, in context: CellContext
  ) throws {
    let content = try JSONValue(json: state.content)
    if !hasWeights { try apply(state, to: model.learner, seed: model.seed) }
    var runs: [RunObject] = []
    var missing: [ModelObject.Missing] = []
    let before = content["before"]?.whole ?? 0
    for (place, id) in Self.runs(state).enumerated() {
      do {
        runs.append(try run(id, of: model, in: context))
      } catch let error where (error as? CellError)?.kind == .interrupted {
        throw error
      } catch {
        missing.append(
          ModelObject.Missing(
            number: id, place: place, steps: stepsKept(of: id), isBefore: place < before))
        context.write(
          "note: run \(place + 1) of the model cannot be brought back: \(error)\n",
          to: .standardError)
      }
    }
    var past = ModelObject.Past(
      source: content["source"]?.text, steps: content["steps"]?.whole,
      batches: content["batches"]?.whole, runs: before - missing.count(where: \.isBefore),
      missing: missing,
      scores: (content["scores"]?.elements ?? []).compactMap { MeasuredScore($0) })
    if !writes, !missing.isEmpty {
      // The numbers mean other objects in a folder of its own; that there were steps must not be lost with them.
      let steps = missing.filter { !$0.isBefore }.reduce(0) { $0 + $1.steps }
      past.missing = []
      past.source = past.source ?? "runs that could not be loaded"
      past.batches = past.batches.map { $0 + steps * model.learner.branches }
      past.steps = (past.steps ?? 0) + steps
    }
    model.restore(past, runs: runs)
  }

  /// The steps of a run as its state tells of them.
  private func stepsKept(of run: Int) -> Int {
    let content = try? store.state(of: run).map { try JSONValue(json: $0.content) }
    return max(0, content?["step"]?.whole ?? 0)
  }

  /// The run of a number, with the model that it trains.
  func run(
    _ id: Int, _ recipe: JSONValue, in context: CellContext
  ) throws -> any HostObject {
    guard let number = recipe["model"]?.whole,
      let model = try object(number, in: context) as? ModelObject
    else { throw NotKept(reason: "the model of the run is not there") }
    if let run = living(id) { return run }
    // Of a model that was given other weights since.
    return try run(id, of: model, in: context)
  }

  /// A run as its newest state has it, of a model that has its weights already.
  private func run(
    _ id: Int, of model: ModelObject, in context: CellContext
  ) throws -> RunObject {
    if let living = living(id) as? RunObject { return living }
    let run = try made(id, of: model, in: context)
    if let state = try store.state(of: id) {
      let ofModel = try number(of: model).flatMap { try store.state(of: $0) }?.commit ?? 0
      try restore(
        run, to: state, parameters: model.learner.parameters.entries,
        prefersOwn: state.commit > ofModel)
    }
    _ = keep(run, as: id)
    know(run, as: id, revision: run.revision)
    return run
  }

  /// Brings a run to where a state has it.
  func restore(
    _ run: RunObject, to state: KeptState, parameters: [Checkpoint.Entry], prefersOwn: Bool = false
  ) throws {
    guard let blob = state.blob else { return }
    try restore(
      run, from: blob, parameters: parameters, prefersOwn: prefersOwn,
      failure: (try? JSONValue(json: state.content))?["failure"]?.text)
  }

  /// Gives a run what a blob has of it, and to the parameters what is given, or what the blob has of them.
  ///
  /// - Parameters:
  ///   - prefersOwn: whether the blob's parameters, where it has some, come before those that are given.
  ///   - failure: why the run ended there, if it failed.
  private func restore(
    _ run: RunObject, from blob: String, parameters: [Checkpoint.Entry]? = nil,
    prefersOwn: Bool = false, failure: String? = nil
  ) throws {
    let (names, averages) = run.run.paths
    let checkpoint = try CheckpointFile.decode(
      try blobs.read(blob), path: "\(blobs.path)/\(blob)", names: names, averaged: averages,
      slots: run.run.slots)
    // A run whose model nobody held has the weights itself, and may be newer than what is kept of the model.
    let given = prefersOwn && !checkpoint.parameters.isEmpty ? nil : parameters
    try run.run.restore(
      given.map { checkpoint.with(parameters: $0) } ?? checkpoint, failure: failure)
  }

  /// A run before its first step.
  private func made(
    _ id: Int, of model: ModelObject, in context: CellContext
  ) throws -> RunObject {
    guard let kept = try store.object(id),
      let json = try? JSONValue(json: kept.recipe), let arguments = json["recipe"]
    else { throw NotKept(reason: "the workspace's database has no run \(id)") }
    let images = try images(json["images"]?.text, json["checksum"]?.text, in: context)
    let labelled = try json["labelled"]?.text.map {
      try self.images($0, json["labelledChecksum"]?.text, in: context)
    }
    let recipe = try RunRecipe(arguments) { try computed($0, in: context) }
    let (run, rule) = try recipe.run(
      of: model.learner, on: images.images, labelled: labelled?.images)
    return RunObject(
      run, of: model, on: images, labelled: labelled, recipe: recipe, optimiser: rule.description,
      record: json["record"]?.whole)
  }

  /// Brings a model to where a run broke off that trained it.
  private func take(
    _ checkpoint: KeptCheckpoint, into model: ModelObject, in context: CellContext
  ) throws {
    if let known = living(checkpoint.run) as? RunObject {
      try restore(known, from: checkpoint.blob)
      return
    }
    let run = try made(checkpoint.run, of: model, in: context)
    try restore(run, from: checkpoint.blob)
    _ = keep(run, as: checkpoint.run)
    model.add(run)
  }
}
