import CellLanguage
import JupyterKernel
import Synchronization
import Training

/// A run that trains on a thread of its own while other cells run.
///
/// What it shows goes to the cell that started it.
final class BackgroundRun: Sendable {
  /// How far it is.
  enum State: Sendable {
    case training
    case ended((any Error)?)
  }

  let run: RunObject
  let model: ModelObject
  private let execution: Execution
  private let state = Monitor(State.training)
  private let isStopped = Atomic<Bool>(false)

  init(_ run: RunObject, of model: ModelObject, from execution: Execution) {
    self.run = run
    self.model = model
    self.execution = execution
  }

  /// Whether steps are still being taken.
  var isTraining: Bool { error(before: 0) == nil }

  /// Asks it to end after the step that it is at.
  func stop() { isStopped.store(true, ordering: .releasing) }

  /// Waits for its end until a moment of `MonotonicClock`: `nil` when it still trains then, otherwise the error
  /// that it ended with, if any.
  func error(before deadline: Int) -> (any Error)?? {
    state.wait(until: deadline) { state in
      if case .ended(let error) = state { .some(error) } else { nil }
    }
  }

  /// Starts the thread.
  ///
  /// - Throws: `CellError` when a run trains the model already, or the system has no thread to give.
  ///
  /// - Parameter whenEnded: what follows the end of the training, on its thread.
  func start(
    _ observers: [any Observer], whenEnded: @escaping @Sendable () -> Void
  ) throws(CellLanguage::CellError) {
    guard model.beginTraining(run.run) else { throw Self.underWay }
    let started = KernelThread.start(name: "orbit-training", stackSize: 64 << 20) { [self] in
      var failure: (any Error)?
      do {
        try run.run.advance(
          watchedBy: observers + [Stop { self.isStopped.load(ordering: .acquiring) }])
      } catch {
        failure = error
        execution.write("\(run.title): \(error)\n", to: .standardError)
      }
      model.endTraining()
      whenEnded()
      state.change { $0 = .ended(failure) }
    }
    guard started else {
      model.endTraining()
      throw CellLanguage::CellError(
        .limitExceeded, "the system has no thread to give", fix: "train without background: true")
    }
  }

  /// What is told to one who would change a model that trains.
  static var underWay: CellLanguage::CellError {
    CellLanguage::CellError(
      .argumentError, "the model is being trained in the background",
      fix: "wait(run) waits until that is done, stop(run) ends it; jobs() lists what trains")
  }

  private struct Stop: Observer {
    let isAsked: @Sendable () -> Bool
    func observe(_ event: RunEvent) -> RunDirective { isAsked() ? .stop : .proceed }
  }
}

/// The runs that were started in the background, oldest first.
final class BackgroundRuns: Sendable {
  private let runs = Mutex<[BackgroundRun]>([])

  /// All that train, and the last ones that have ended.
  var all: [BackgroundRun] { runs.withLock { $0 } }

  /// How many are kept that have ended: each holds its model.
  private static let kept = 20

  /// Keeps a run; the oldest that have ended make room for it.
  func append(_ run: BackgroundRun) {
    runs.withLock { runs in
      runs.append(run)
      let excess = runs.count - Self.kept
      guard excess > 0 else { return }
      var ended = 0
      runs.removeAll { run in
        guard ended < excess, !run.isTraining else { return false }
        ended += 1
        return true
      }
    }
  }

  /// The newest one of a run; a run that was carried on may have several.
  func last(of run: RunObject) -> BackgroundRun? { all.last { $0.run === run } }

  /// Ends all of them at their next step, and waits for that up to a second.
  func stop() {
    let training = all.filter(\.isTraining)
    for run in training { run.stop() }
    let deadline = MonotonicClock.milliseconds + 1_000
    for run in training { _ = run.error(before: deadline) }
  }
}
