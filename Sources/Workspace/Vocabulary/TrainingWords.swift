import CellLanguage
import Datasets
import JupyterKernel
import Methods
import Tensors
import Training

/// The words that train models.
enum TrainingWords {
  static let all: [Command] = [train, resume]

  static let train = Command(
    "train", "Trains a model on images, showing how it goes; the interrupt stops at the next step.",
    parameters: Parameter<ModelObject>("model", label: .none, "the model"),
    Parameter<ImageSetObject>("images", label: .label("on"), "the images to learn from"),
    Parameter<ImageSetObject?>(
      "labelled", "the images whose labels may be used; those of all images unless given"),
    Parameter<Int>("epochs", default: 1, in: 1...100_000, "passes over the images"),
    Parameter<Int?>("batch", in: 2...65_536, "images a step; the method's own number unless given"),
    Parameter<Double?>(
      "learningRate", in: Bounds.above(0), "the learning rate; the method's own unless given"),
    Parameter<ScheduleChoice>(
      "schedule", default: .cosine(to: 0), "how the rate changes over the run"),
    Parameter<Double?>(
      "warmUp", in: 0.0...,
      "epochs over which the rate rises at first; the schedule's own unless given"),
    Parameter<OptimiserChoice>("optimiser", default: .adam, "the rule of a step"),
    Parameter<Double?>(
      "momentum", in: 0.0..<1,
      "the share of the last step that .sgd and .lars keep; 0.9 unless given"),
    Parameter<Double?>(
      "weightDecay", in: 0.0..., "the pull of the weights to 0; the optimiser's own unless given"),
    Parameter<[String: Double]>(
      "rates", default: [:], in: 0.0..., "factors on the learning rate by path: [\"decoder\": 10]"),
    Parameter<[String]>(
      "frozen", default: [], "paths of what does not learn: [\"encoder.blocks.0\"]"),
    Parameter<Double?>(
      "average", in: 0.0..<1, "the decay of a moving average of the weights, such as 0.999"),
    Parameter<PrecisionChoice>(
      "precision", default: .float32,
      "the format in which convolutions and matrix products multiply"),
    Parameter<Int>("seed", default: 1, in: 0..., "the seed of data order and transformations"),
    background,
    returns: "Run", topic: "training",
    discussion: """
      Every step draws a batch, computes the loss and its gradients, and moves the parameters. The same \
      seeds give the same weights, bit for bit, on the same machine. A step whose numbers are not finite \
      changes nothing and ends the run with an error that names the layer. `resume(run)` carries on with an \
      interrupted run as if nothing had happened. Paths are those of the model's table; a factor of `rates` \
      holds for all parameters below its path. With `average`, `run.averaged` is the model with the moving \
      average of its weights. With `precision: .bfloat16`, both factors of every product are rounded to 8 \
      bits of mantissa, at about twice the speed; sums, weights and all else stay in single precision. \
      With `labelled: fashion.train.labelled(100, seed: 1)` a method that learns from labels sees those of \
      these images alone. With `background: true` the cell ends at once, the panel below it goes on moving, \
      and other cells can look at the model as it is by then: `jobs()` lists what trains, `wait(run)` waits \
      for it, `stop(run)` ends it.
      """,
    example: "let run = train(aet, on: small, epochs: 3, batch: 128, seed: 1)"
  ) {
    context, model, images, labelled, epochs, batch, learningRate, schedule, warmUp, optimiser,
    momentum,
    weightDecay, rates, frozen, average, precision, seed, background in
    let context = try CellContext.of(context)
    guard !model.isTraining else { throw BackgroundRun.underWay }
    let method = model.learner
    guard images.images.imageShape == method.format.shape else {
      throw TensorError.shape(
        operation: "train", shapes: [images.images.imageShape, method.format.shape],
        fix: "the model takes images of \(Written.shape(method.format.shape)); "
          + "make one for these with \(model.card.word)(for: …)")
    }
    if let labelled, labelled.images.imageShape != method.format.shape {
      throw TensorError.shape(
        operation: "train", shapes: [labelled.images.imageShape, method.format.shape],
        fix: "`labelled:` takes images of the same data set: fashion.train.labelled(100, seed: 1)")
    }
    let recipe = RunRecipe(
      epochs: epochs, batch: batch, learningRate: learningRate, schedule: schedule, warmUp: warmUp,
      optimiser: optimiser, momentum: momentum, weightDecay: weightDecay, rates: rates,
      frozen: frozen, average: average, precision: precision, seed: seed)
    let factors = recipe.factors(of: method)
    try checkMemory(method, batch: min(recipe.batch(for: method), images.images.count))
    let (run, rule) = try recipe.run(of: method, on: images.images, labelled: labelled?.images)
    var extras: [(String, String)] = [("schedule", schedule.text)]
    if let labelled { extras.append(("labelled", labelled.images.recipe)) }
    if let warmUp { extras.append(("warmUp", "\(warmUp)")) }
    if !factors.isEmpty { extras.append(("rates", factors.cellText)) }
    if !frozen.isEmpty { extras.append(("frozen", frozen.cellText)) }
    if let average { extras.append(("average", "\(average)")) }
    if precision != .float32 { extras.append(("precision", precision.rawValue)) }
    context.workspace.keeper?.adopt(model, in: context)
    let record = context.workspace.journal.begin(
      Journal.RunStart(
        name: context.workspace.name(of: model) ?? model.card.word, method: model.card.word,
        options: json(model, run: run, optimiser: rule.description, extras),
        data: images.images.recipe,
        checksum: images.images.checksum, seed: UInt64(seed), plan: run.plan,
        line: context.execution.count, code: context.code))
    let object = RunObject(
      run, of: model, on: images, labelled: labelled, recipe: recipe, optimiser: rule.description,
      record: record)
    model.add(object)
    return try background
      ? advance(object, of: model, inBackgroundOf: context)
      : advance(object, of: model, in: context)
  }

  static let resume = Command(
    "resume", "Carries on with an interrupted run as if nothing had happened.",
    parameters: Parameter<RunObject>("run", label: .none, "the run"), background,
    returns: "Run", topic: "training", example: "resume(run)"
  ) { context, run, background in
    guard run.run.step < run.run.plan.steps else {
      throw CellError(
        .argumentError, "the run is \(run.run.status.word): all its steps are taken",
        fix: "start another with train(…)")
    }
    let context = try CellContext.of(context)
    // A restored model may have a name that no cell has used yet.
    let model = owner(of: run, in: context)?.model ?? run.model()
    if let model, model.isTraining { throw BackgroundRun.underWay }
    if let model, model.currentRuns.last !== run {
      throw CellError(
        .argumentError, "the model was trained or loaded since this run stopped",
        fix: "start another with train(…)")
    }
    if let model {
      context.workspace.keeper?.adopt(model, in: context)
    } else {
      context.workspace.keeper?.adopt(run, in: context)
    }
    guard background else { return try advance(run, of: model, in: context) }
    guard let model else {
      throw CellError(
        .argumentError, "the model of this run has no name any more",
        fix: "leave out background: true")
    }
    return try advance(run, of: model, inBackgroundOf: context)
  }

  /// Refuses a step that this machine's memory cannot hold, before it is tried.
  private static func checkMemory(_ method: any Method, batch: Int) throws {
    let needed = try method.stepBytes(batch: batch)
    guard let available = Tensor.availableMemory(lessThan: needed) else { return }
    let fixed = try method.stepBytes(batch: 0)
    let each = max(1, try method.stepBytes(batch: 1) - fixed)
    func gigabytes(_ bytes: Int) -> String { Written.decimals(Double(bytes) / 0x1p30, 1) }
    let fitting = (available / 4 * 3 - fixed) / each
    throw CellError(
      .limitExceeded,
      "a step of \(Written.count(batch)) images needs about \(gigabytes(needed)) GB, and "
        + "\(gigabytes(available)) are available",
      fix: fitting >= 2
        ? "take at most batch: \(fitting)"
        : "take a smaller encoder, such as NIN(widths: [32, 64])")
  }

  private static let background = Parameter<Bool>(
    "background", default: false,
    "whether the cell ends at once and the training goes on without it")

  /// The panel of a run below the cell, and the record of it.
  private static func observers(
    of object: RunObject, training model: ModelObject?, in context: CellContext, stopsWithCell: Bool
  ) -> [any Observer] {
    let panel = PanelObserver(
      context.execution, title: object.title, reference: object.method.constantPredictorLoss,
      losses: object.run.history["loss"] ?? [], terms: object.terms, stopsWithCell: stopsWithCell,
      sealed: { context.sealed($0, of: object) })
    let journal = object.record.map {
      JournalObserver(context.workspace.journal, record: $0, run: object)
    }
    let checkpoints = model.flatMap { model in
      context.workspace.keeper.map {
        CheckpointObserver(
          object, of: model, keeper: $0, name: context.workspace.name(of: model) ?? model.card.word,
          line: context.execution.count)
      }
    }
    return [panel] + (journal.map { [$0] } ?? []) + (checkpoints.map { [$0] } ?? [])
  }

  private static func advance(
    _ object: RunObject, of model: ModelObject, inBackgroundOf context: CellContext
  ) throws -> Value {
    let job = BackgroundRun(object, of: model, from: context.execution)
    let (keeper, line) = (context.workspace.keeper, context.execution.count)
    try job.start(observers(of: object, training: model, in: context, stopsWithCell: false)) {
      keeper?.commitStates(of: [model, object], line: line)
    }
    context.workspace.background.append(job)
    context.markShown(object)
    return .object(object)
  }

  private static func advance(
    _ object: RunObject, of model: ModelObject?, in context: CellContext
  ) throws -> Value {
    let execution = context.execution
    // What ends in the background meanwhile must not commit this model in the middle of a step.
    guard model?.beginTraining(object.run) ?? true else { throw BackgroundRun.underWay }
    defer { model?.endTraining() }
    try object.run.advance(
      watchedBy: observers(of: object, training: model, in: context, stopsWithCell: true)
    ) { execution.isAbandoned }
    context.markShown(object)
    if case .interrupted = object.run.status {
      throw CellError(
        .interrupted,
        "training stopped after step \(Written.count(object.run.step)) of "
          + "\(Written.count(object.run.plan.steps)); the model is as that step left it",
        fix: "carry on with resume(\(resumable(object, in: context)))")
    }
    return .object(object)
  }

  /// How a cell reaches an interrupted run, whose assignment the interrupt prevented.
  private static func resumable(_ object: RunObject, in context: CellContext) -> String {
    if let name = context.workspace.name(of: object) { return name }
    let owner = owner(of: object, in: context)?.name ?? "model"
    return "\(owner).runs.last"
  }

  /// The named model that a run trains.
  private static func owner(
    of run: RunObject, in context: CellContext
  ) -> (name: String, model: ModelObject)? {
    context.workspace.models.first { entry in entry.model.runs.contains { $0 === run } }
  }

  /// All constants of a run as one JSON object, for the record.
  private static func json(
    _ model: ModelObject, run: TrainingRun, optimiser: String, _ extras: [(String, String)]
  ) -> String {
    var entries = model.options.map { ($0.name, $0.text) }
    entries += [
      ("modelSeed", "\(model.seed)"), ("batch", "\(run.options.batch)"),
      ("learningRate", "\(run.options.rate)"), ("optimiser", optimiser),
    ]
    return JSONText.object(entries + extras)
  }
}
