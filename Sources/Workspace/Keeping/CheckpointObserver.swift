import Glibc
import JupyterKernel
import JupyterProtocol
import RunStore
import Synchronization
import Training

/// Writes checkpoints of a run into the workspace while it trains: when it begins, when an epoch ends, and every
/// thirty seconds, on a thread of its own.
///
/// What is written is what the tensors were between two steps; they are shared until the next step changes them.
/// At the end of an epoch one that would take more than a hundredth of the time waits, and one that would
/// take more than a fiftieth waits after thirty seconds, too.
final class CheckpointObserver: Observer {
  private struct State: Sendable {
    var waiting: Checkpoint?
    var isWriting = false
    var isOver = false
    var hasThread = false
    /// When the last one was taken, and how long it kept a processor busy, in seconds.
    var last = -Double.infinity
    var cost = 0.0
    /// The numbers of the run and the model, once they are kept.
    var places: (run: Int, model: Int)?
  }

  private let run: RunObject
  private let model: ModelObject
  private let keeper: Keeper
  private let name: String
  private let line: Int
  private let state = Monitor(State())
  private let slots: [String]
  /// The seconds of a clock.
  private let seconds: @Sendable (clockid_t) -> Double

  /// Seconds of training between two checkpoints at most.
  static let interval = 30.0
  /// The share of the training time that checkpoints at the ends of epochs may take, and that of those which come
  /// after the interval.
  static let epochShare = 0.01, share = 0.02

  /// - Parameter seconds: what the clocks say: that of the training, and that of what a checkpoint costs.
  init(
    _ run: RunObject, of model: ModelObject, keeper: Keeper, name: String, line: Int,
    seconds: @escaping @Sendable (clockid_t) -> Double = CheckpointObserver.time
  ) {
    self.seconds = seconds
    self.run = run
    self.model = model
    self.keeper = keeper
    self.name = name
    self.line = line
    slots = run.run.slots
  }

  func observe(_ event: RunEvent) -> RunDirective {
    switch event {
    case .started: take()
    case .stepped(let progress):
      if progress.step % progress.plan.stepsPerEpoch != 0 {
        takeIfDue(after: Self.interval, share: Self.share)
      }
    case .epochEnded(let progress):
      // After the last step the method may take something from the images, which no checkpoint would have.
      guard progress.step < progress.plan.steps else { break }
      takeIfDue(after: 0, share: Self.epochShare)
      takeIfDue(after: Self.interval, share: Self.share)
    case .finished:
      // The cell, or what follows in the background, commits the run as it ended.
      state.change { state in
        state.waiting = nil
        state.isOver = true
      }
      settle()
      if let places = state.withLock({ $0.places }) {
        keeper.state.withLock { _ = $0.ended.insert(places.run) }
      }
    }
    return .proceed
  }

  /// Waits until what was taken is written.
  func settle() {
    _ = state.wait { $0.waiting == nil && !$0.isWriting ? true : nil }
  }

  private func takeIfDue(after interval: Double, share: Double) {
    let now = seconds(CLOCK_MONOTONIC)
    let isDue = state.withLock { state in
      let rest = now - state.last
      // A checkpoint that an epoch's end could not pay for is made up for later.
      return rest >= max(interval, state.cost / share) && !state.isWriting
    }
    if isDue { take() }
  }

  private func take() {
    let begin = seconds(CLOCK_MONOTONIC)
    let checkpoint = run.run.checkpoint()
    let needsThread = state.change { state in
      state.waiting = checkpoint
      state.last = begin
      defer { state.hasThread = true }
      return !state.hasThread
    }
    guard needsThread else { return }
    let started = KernelThread.start(name: "checkpoints", stackSize: 8 << 20) { self.work() }
    if !started { state.change { ($0.hasThread, $0.waiting) = (false, nil) } }
  }

  private func work() {
    while true {
      let checkpoint = state.wait { state -> Checkpoint?? in
        if let waiting = state.waiting {
          (state.waiting, state.isWriting) = (nil, true)
          return .some(waiting)
        }
        return state.isOver ? .some(nil) : nil
      }
      guard let checkpoint = checkpoint ?? nil else { return }
      let cost = write(checkpoint)
      state.change { state in
        state.isWriting = false
        state.cost = cost
      }
    }
  }

  /// Writes one; where that fails, the one before it stays, and the next is tried.
  ///
  /// - Returns: how long it kept the processor busy, in seconds, without what is done for the first one alone.
  private func write(_ checkpoint: Checkpoint) -> Double {
    guard keeper.writes else { return 0 }
    var begin = seconds(CLOCK_THREAD_CPUTIME_ID)
    do {
      let places = try state.withLock { $0.places } ?? keeper.places(of: run, model)
      state.withLock { $0.places = places }
      begin = seconds(CLOCK_THREAD_CPUTIME_ID)
      let bytes = try CheckpointFile.encoded(checkpoint, slots: slots)
      let content: JSONObject = ["step": .integer(checkpoint.step), "line": .integer(line)]
      try keeper.keep(bytes) { blob in
        KeptCheckpoint(
          run: places.run, model: places.model, name: name, step: checkpoint.step,
          content: content.jsonText, blob: blob)
      }
    } catch {
      // Told when the cell is committed, where the same will fail.
    }
    return seconds(CLOCK_THREAD_CPUTIME_ID) - begin
  }

  /// What a clock of the system says, in seconds.
  static let time: @Sendable (clockid_t) -> Double = { clock in
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

extension Keeper {
  /// The numbers of a run and of the model that it trains, which are kept if they were not.
  fileprivate func places(of run: RunObject, _ model: ModelObject) throws -> (run: Int, model: Int)
  {
    try committing.withLock { _ in
      var building = Building(keeper: self)
      return try (building.number(of: run), building.number(of: model))
    }
  }

  /// Keeps a checkpoint in place of the one before it, whose blob is removed.
  ///
  /// - Parameter checkpoint: what is kept beside the blob of this SHA-256.
  fileprivate func keep(
    _ bytes: [UInt8], as checkpoint: (_ blob: String) -> KeptCheckpoint
  ) throws {
    // A blob has no name until the row is there, and who tidies up removes what has none.
    try sweeping.withLock { _ in
      if let old = try store.keep(checkpoint(try blobs.write(bytes))) { removeUnneeded(old) }
    }
  }
}
