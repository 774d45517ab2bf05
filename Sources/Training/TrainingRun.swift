import Compute
import Glibc
import Layers
import Synchronization
public import Tensors

/// The training of one method on one set of images, step by step.
///
/// The run owns all that the next step depends on besides the method's own parameters: the optimiser's
/// state, the generator and the place in the data. So it can stop at any step boundary and go on later
/// as if nothing had happened.
public final class TrainingRun: Sendable {
  /// The constants of a run.
  public struct Options: Sendable {
    /// Epochs in all.
    public var epochs: Int
    /// Images a step.
    public var batch: Int
    /// The learning rate at its highest.
    public var rate: Float
    /// How the rate changes.
    public var schedule: Schedule
    /// The seed of the data order and of everything random in a step.
    public var seed: UInt64
    /// The decay of a moving average of the weights, which begins small; none is kept when `nil`.
    public var averageDecay: Float?
    /// The precision in which steps multiply; parameters and the optimiser's state stay in single.
    public var precision: Precision

    /// Sets the constants.
    public init(
      epochs: Int = 1, batch: Int = 128, rate: Float = 0.002, schedule: Schedule = .cosine,
      seed: UInt64 = 1, averageDecay: Float? = nil, precision: Precision = .float32
    ) {
      self.epochs = epochs
      self.batch = batch
      self.rate = rate
      self.schedule = schedule
      self.seed = seed
      self.averageDecay = averageDecay
      self.precision = precision
    }
  }

  struct State: Sendable {
    var optimiser: any Optimiser
    var average: MovingAverage?
    var step = 0
    var order: (epoch: Int, places: [Int]) = (-1, [])
    var seconds = 0.0
    var status = RunStatus.running
    var history: [String: [Float]] = [:]
    var terms: [LossTerm] = []
    var isAdvancing = false
  }

  /// The constants.
  public let options: Options
  /// What the run is going to do.
  public let plan: RunPlan
  private let method: any Trainable
  private let source: any BatchSource
  let parameters: [NamedParameter]
  let state: Mutex<State>
  /// Held while the method's parameters change, which is a small part of a step.
  private let changing = Mutex<Void>(())

  /// Prepares a run; no step is taken yet.
  ///
  /// A parameter belongs to the first of the groups that takes it, or to none.
  ///
  /// - Throws: `TensorError.argument` when an option is out of its range, a group takes no parameter, or
  ///   the processor does not have the precision.
  public init(
    _ method: any Trainable, on source: any BatchSource, options: Options,
    optimiser: any Optimiser, groups: [ParameterGroup] = []
  ) throws(TensorError) {
    func refuse(_ name: String, _ value: String, _ fix: String) -> TensorError {
      .argument(operation: "train", name: name, value: value, fix: fix)
    }
    guard options.epochs > 0 else {
      throw refuse("epochs", "\(options.epochs)", "train for at least one epoch")
    }
    guard options.rate > 0, options.rate.isFinite else {
      throw refuse(
        "learningRate", "\(options.rate)", "give a positive learning rate, such as 0.002")
    }
    guard options.batch > 1 else {
      throw refuse("batch", "\(options.batch)", "normalisation needs at least 2 images a step")
    }
    guard source.count >= 2 else {
      throw refuse("on", "a set of \(source.count)", "training needs at least 2 images")
    }
    try method.check(source)
    try options.schedule.check()
    try options.precision.check(for: "train")
    self.options = options
    self.method = method
    self.source = source
    parameters = method.parameters
    var optimiser = optimiser
    try optimiser.prepare(for: parameters, groups: groups)
    var average: MovingAverage?
    if let decay = options.averageDecay {
      average = try MovingAverage(of: parameters, decay: decay, warmsUp: true)
    }
    plan = RunPlan(
      images: source.count, batch: min(options.batch, source.count), epochs: options.epochs)
    state = Mutex(State(optimiser: optimiser, average: average))
  }

  /// How the run stands.
  public var status: RunStatus { state.withLock { $0.status } }
  /// Steps taken so far.
  public var step: Int { state.withLock { $0.step } }
  /// The values of every term by step; the total is `loss`.
  public var history: [String: [Float]] { state.withLock { $0.history } }
  /// Where the run stands.
  public var progress: RunProgress {
    state.withLock { state in
      RunProgress(
        plan: plan, step: state.step, terms: state.terms,
        imagesPerSecond: state.seconds > 0 ? Double(state.step * plan.batch) / state.seconds : 0,
        seconds: state.seconds)
    }
  }

  /// Reads what belongs together of the method and the run, while another thread trains.
  ///
  /// No parameter changes until `body` returns; the training waits for it.
  public func betweenSteps<Result: Sendable, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try changing.withLock { (_) throws(Failure) in try body() }
  }

  /// Takes steps until the plan is done, an observer says stop, or a step fails.
  ///
  /// A failed step changes nothing: the method stays as the last whole step left it.
  ///
  /// - Parameter isAbandoned: Asked at every operation of a step; once it says so, the step is given up, and
  ///   the run stands where the step began.
  /// - Throws: `TensorError` of the step that failed; `TensorError.argument` when the run is under way
  ///   on another thread.
  public func advance(
    watchedBy observers: [any Observer], abandonedWhen isAbandoned: (@Sendable () -> Bool)? = nil
  ) throws {
    let mayStart = state.withLock { state in
      if state.isAdvancing { return false }
      state.isAdvancing = true
      state.status = .running
      return true
    }
    guard mayStart else {
      throw Self.underWay("train")
    }
    defer { state.withLock { $0.isAdvancing = false } }
    func tell(_ event: RunEvent) -> Bool {
      observers.reduce(true) { goesOn, observer in
        if case .stop = observer.observe(event) { return false }
        return goesOn
      }
    }
    func end(_ status: RunStatus) {
      state.withLock { $0.status = status }
      _ = tell(.finished(status, progress))
    }
    var goesOn = tell(.started(plan))
    do {
      if step == 0 {
        try betweenSteps {
          try method.willTrain(
            on: source, using: Generator(seed: options.seed).split(.initialisation))
        }
      }
      while goesOn, step < plan.steps {
        let start = seconds()
        try takeStep(isAbandoned)
        let spent = seconds() - start
        state.withLock { $0.seconds += spent }
        let progress = progress
        goesOn = tell(.stepped(progress))
        if progress.step % plan.stepsPerEpoch == 0 {
          goesOn = tell(.epochEnded(progress)) && goesOn
        }
      }
      try betweenSteps { try method.didTrain(on: source) }
    } catch let error as TensorError where error.isAbandonment {
      // Nothing of the step has changed anything yet.
    } catch {
      end(.failed("\(error)"))
      throw error
    }
    end(step < plan.steps ? .interrupted : .completed)
  }

  private func takeStep(_ isAbandoned: (@Sendable () -> Bool)?) throws {
    let step = self.step
    let epoch = step / plan.stepsPerEpoch
    let generator = Generator(seed: options.seed)
    let places: [Int] = state.withLock { state in
      if state.order.epoch != epoch {
        var shuffle = generator.split(.shuffle, epoch)
        state.order = (epoch, shuffle.permutation(plan.images))
      }
      let first = (step % plan.stepsPerEpoch) * plan.batch
      return Array(state.order.places[first..<min(first + plan.batch, plan.images)])
    }
    let batch = try source.batch(at: places)
    let draws = generator.split(.transformation, step)
    do {
      try learn(from: batch, using: draws, step: step, isAbandoned)
    } catch let error as TensorError where error.isNotFinite {
      // The first look cost next to nothing; the second may take its time.
      throw Divergence(
        method: method, batch: batch, generator: draws, step: step, rate: options.rate,
        precision: options.precision
      ).report(error)
    }
  }

  /// Computes the loss and its gradients and moves the parameters; throws before anything has changed.
  private func learn(
    from batch: Batch, using generator: Generator, step: Int,
    _ isAbandoned: (@Sendable () -> Bool)?
  ) throws {
    let pass = Pass(
      .training, branches: method.branches, precision: options.precision, isAbandoned: isAbandoned)
    let terms = try method.loss(of: batch, in: pass, using: generator)
    var values = try terms.map { try LossTerm($0.name, $0.value.item()) }
    let minimised = terms.filter(\.isMinimised)
    guard var total = minimised.first?.value else {
      throw TensorError.argument(
        operation: "train", name: "loss", value: "no terms", fix: "a method has at least one term")
    }
    for term in minimised.dropFirst() { total = try total + term.value }
    let loss = try total.item()
    if minimised.map(\.name) != ["loss"] { values.insert(LossTerm("loss", loss), at: 0) }
    guard loss.isFinite else { throw TensorError.notFinite(path: "the loss", fix: "") }
    let gradients = try pass.gradients(of: total)
    let rate = options.rate * options.schedule.factor(step: step, of: plan.steps)
    try betweenSteps {
      try move(by: gradients, rate: rate)
      try pass.commit()
      state.withLock { state in
        state.average?.step()
        state.step = step + 1
        state.terms = values
        for term in values { state.history[term.name, default: []].append(term.value) }
      }
      try method.didStep()
    }
  }

  /// Lets the optimiser move the parameters, unless a gradient or what comes of it is not finite.
  ///
  /// Everything is looked at before anything changes, so that a bad step leaves the method whole. Below
  /// this bound no step can overflow; above it, the step is taken back when it does.
  private func move(
    by gradients: [(parameter: Parameter, gradient: Tensor)], rate: Float
  ) throws(TensorError) {
    func name(_ parameter: Parameter) -> String {
      parameters.first { $0.parameter === parameter }?.name ?? "a parameter"
    }
    let bound: Float = 1e15
    let isSmall = withExtendedLifetime(gradients) {
      magnitudes(
        gradients.map { $0.gradient.withUnsafeScalars { $0 } }, stayBelow: bound)
    }
    if isSmall, rate < bound {
      return state.withLock { $0.optimiser.step(gradients, rate: rate) }
    }
    // The backward pass goes from the loss to the images, so the last of them went wrong first.
    if let bad = gradients.last(where: { !$0.gradient.isFinite }) {
      throw .notFinite(path: "the gradient of \(name(bad.parameter))", fix: "")
    }
    let before = gradients.map { ($0.parameter, $0.parameter.value) }
    let bad: Parameter? = try state.withLock { (state) throws(TensorError) in
      let optimiser = state.optimiser
      state.optimiser.step(gradients, rate: rate)
      let bad = gradients.first { !$0.parameter.value.isFinite }?.parameter
      guard bad != nil || !state.optimiser.memory.isFinite else { return nil }
      state.optimiser = optimiser
      for (parameter, value) in before { try parameter.assign(value) }
      return bad ?? gradients.first?.parameter
    }
    if let bad { throw .notFinite(path: "the update of \(name(bad))", fix: "") }
  }

  private func seconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  static func underWay(_ operation: String) -> TensorError {
    .argument(operation: operation, name: "run", value: "under way", fix: "wait until it stops")
  }
}
