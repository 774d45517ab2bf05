import Glibc
import Synchronization
import Layers
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

    /// Sets the constants.
    public init(
      epochs: Int = 1, batch: Int = 128, rate: Float = 0.002, schedule: Schedule = .cosine,
      seed: UInt64 = 1
    ) {
      self.epochs = epochs
      self.batch = batch
      self.rate = rate
      self.schedule = schedule
      self.seed = seed
    }
  }

  private struct State: Sendable {
    var optimiser: any Optimiser
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
  private let state: Mutex<State>

  /// Prepares a run; no step is taken yet.
  ///
  /// - Throws: `TensorError.argument` when an option is out of its range.
  public init(
    _ method: any Trainable, on source: any BatchSource, options: Options,
    optimiser: any Optimiser
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
    self.options = options
    self.method = method
    self.source = source
    plan = RunPlan(
      images: source.count, batch: min(options.batch, source.count), epochs: options.epochs)
    state = Mutex(State(optimiser: optimiser))
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

  /// Takes steps until the plan is done, an observer says stop, or a step fails.
  ///
  /// A failed step changes nothing: the method stays as the last whole step left it.
  ///
  /// - Throws: `TensorError` of the step that failed; `TensorError.argument` when the run is under way
  ///   on another thread.
  public func advance(watchedBy observers: [any Observer]) throws {
    let mayStart = state.withLock { state in
      if state.isAdvancing { return false }
      state.isAdvancing = true
      state.status = .running
      return true
    }
    guard mayStart else {
      throw TensorError.argument(
        operation: "train", name: "run", value: "under way", fix: "wait until it stops")
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
      while goesOn, step < plan.steps {
        let start = seconds()
        try takeStep()
        let spent = seconds() - start
        state.withLock { $0.seconds += spent }
        let progress = progress
        goesOn = tell(.stepped(progress))
        if progress.step % plan.stepsPerEpoch == 0 {
          goesOn = tell(.epochEnded(progress)) && goesOn
        }
      }
    } catch {
      let told = located(error)
      end(.failed("\(told)"))
      throw told
    }
    end(step < plan.steps ? .interrupted : .completed)
  }

  private func takeStep() throws {
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
    let images = try source.images(at: places)
    let pass = Pass(.training, branches: method.branches)
    let terms = try method.loss(
      of: images, in: pass, using: generator.split(.transformation, step))
    var values = try terms.map { try LossTerm($0.name, $0.value.item()) }
    guard var total = terms.first?.value else {
      throw TensorError.argument(
        operation: "train", name: "loss", value: "no terms", fix: "a method has at least one term")
    }
    for term in terms.dropFirst() { total = try total + term.value }
    let loss = try total.item()
    if values.map(\.name) != ["loss"] { values.insert(LossTerm("loss", loss), at: 0) }
    guard loss.isFinite else { throw divergence(path: "the loss", step: step) }
    let gradients = try pass.gradients(of: total)
    // Everything is looked at before anything changes, so that a bad step leaves the method whole.
    if let bad = gradients.first(where: { !$0.gradient.isFinite }) {
      let name = method.parameters.first { $0.parameter === bad.parameter }?.name ?? "?"
      throw divergence(path: "the gradient of \(name)", step: step)
    }
    let rate = options.rate * options.schedule.factor(step: step, of: plan.steps)
    state.withLock { $0.optimiser.step(gradients, rate: rate) }
    try pass.commit()
    try method.didStep()
    state.withLock { state in
      state.step = step + 1
      state.terms = values
      for term in values { state.history[term.name, default: []].append(term.value) }
    }
  }

  /// The error with the step that it happened in and what the model is now.
  private func located(_ error: any Error) -> any Error {
    guard let error = error as? TensorError, error.isNotFinite else { return error }
    if case .notFinite = error { return error }
    guard step > 0 else {
      return TensorError.within(
        path:
          "step 1 (no step was taken: the model's own numbers are too large, so make it anew, or "
          + "load it from a file)", error)
    }
    return TensorError.within(
      path: "step \(step + 1) (the model is as step \(step) left it)", error)
  }

  private func divergence(path: String, step: Int) -> TensorError {
    .notFinite(
      path: "\(path) at step \(step + 1)",
      fix: step == 0
        ? "no step was taken, so no learning rate helps; make the model anew, or load it from a file"
        : "the model is as step \(step) left it; make it anew and try a learning rate below "
          + "\(options.rate)")
  }

  private func seconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
