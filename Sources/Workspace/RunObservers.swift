import JupyterKernel
import JupyterProtocol
import Plotting
import Synchronization
import Training

/// The live panel of a run: one display, updated in place at most twice a second, ending on the last state.
final class PanelObserver: Observer {
  private struct State: Sendable {
    var losses: [Float] = []
    var terms: [(name: String, values: [Float])] = []
    var lastDrawn = -1.0
  }

  private let execution: Execution
  private let title: String
  private let reference: Double?
  private let id: String
  private let stopsWithCell: Bool
  private let sealed: @Sendable (MIMEBundle) -> MIMEBundle
  private let state: Mutex<State>
  /// Drawing takes about a fiftieth of this.
  private static let interval = 0.5

  /// - Parameters:
  ///   - losses: the losses of the steps before, when a run goes on.
  ///   - terms: their terms, where there are several.
  ///   - stopsWithCell: whether an interrupt of the cell ends the run.
  ///   - sealed: puts the record of where it comes from into the last picture.
  init(
    _ execution: Execution, title: String, reference: Double?, losses: [Float],
    terms: [(name: String, values: [Float])] = [], stopsWithCell: Bool = true,
    sealed: @escaping @Sendable (MIMEBundle) -> MIMEBundle = { $0 }
  ) {
    self.execution = execution
    self.title = title
    self.reference = reference
    self.stopsWithCell = stopsWithCell
    self.sealed = sealed
    id = "orbit-run-\(Identifier.random())"
    state = Mutex(State(losses: losses, terms: terms))
  }

  func observe(_ event: RunEvent) -> RunDirective {
    switch event {
    case .started(let plan):
      let progress = RunProgress(
        plan: plan, step: state.withLock { $0.losses.count }, terms: [], imagesPerSecond: 0,
        seconds: 0)
      if let bundle = bundle(progress, .running) { execution.display(bundle, id: id) }
    case .stepped(let progress):
      let now = MonotonicClock.seconds
      let isDue = state.withLock { state in
        if let loss = progress.terms.first { state.losses.append(loss.value) }
        for (index, term) in progress.terms.dropFirst().enumerated() {
          if index == state.terms.count { state.terms.append((term.name, [])) }
          state.terms[index].values.append(term.value)
        }
        guard now - state.lastDrawn >= Self.interval else { return false }
        state.lastDrawn = now
        return true
      }
      if isDue, let bundle = bundle(progress, .running) { execution.update(bundle, id: id) }
    case .epochEnded: break
    case .finished(let status, let progress):
      if let bundle = bundle(progress, status) { execution.update(sealed(bundle), id: id) }
    }
    return stopsWithCell && execution.isInterrupted ? .stop : .proceed
  }

  /// The panel as a picture; `nil` where it cannot be drawn, since training matters more.
  private func bundle(_ progress: RunProgress, _ status: RunStatus) -> MIMEBundle? {
    let (losses, terms) = state.withLock { ($0.losses, $0.terms) }
    let panel = TrainingPanel(
      title: title, progress: progress, status: status, losses: losses, terms: terms,
      reference: reference)
    var picture = Picture(figure: panel, cell: "")
    if status == .running { picture.compression = .fast }
    return try? picture.bundle()
  }
}

/// Writes a run into the workspace's database: what it has reached at epoch ends and every other second, so that
/// it can be asked while it goes on, and the outcome at the end.
///
/// Writing waits for the disk. So that all of it takes less than a thousandth of the training, the end of an epoch
/// is passed over where the last writing took more than a thousandth of the time since then.
final class JournalObserver: Observer {
  private struct State: Sendable {
    var waiting: [(step: Int, epoch: Int, name: String, value: Float)] = []
    var written = MonotonicClock.seconds
    var cost = 0.0
  }

  private let journal: Journal
  private let record: Int
  private let run: RunObject
  private let state = Mutex(State())
  /// How long what was measured may wait.
  private static let patience = 2.0
  /// The largest share of the time that writing at the ends of epochs may take.
  private static let share = 1e-3

  init(_ journal: Journal, record: Int, run: RunObject) {
    self.journal = journal
    self.run = run
    self.record = record
  }

  func observe(_ event: RunEvent) -> RunDirective {
    switch event {
    case .started: write(run.run.progress)
    case .stepped(let progress):
      journal.note(trainingStep: progress.step)
      let isDue = state.withLock { state in
        for term in progress.terms {
          state.waiting.append((progress.step, progress.epoch, term.name, term.value))
        }
        return MonotonicClock.seconds - state.written >= Self.patience
      }
      if isDue { write(progress) }
    case .epochEnded(let progress):
      let isCheap = state.withLock { state in
        state.cost <= Self.share * (MonotonicClock.seconds - state.written)
      }
      if isCheap { write(progress) }
    case .finished(let status, let progress):
      journal.note(trainingStep: nil)
      write(progress)
      journal.finish(
        record, status: status.word, loss: run.finalLoss, rate: progress.imagesPerSecond)
    }
    return .proceed
  }

  /// Writes what waits; where that fails, it waits for the next time.
  private func write(_ progress: RunProgress) {
    let values = state.withLock { state in
      defer { state.waiting = [] }
      return state.waiting
    }
    let start = MonotonicClock.seconds
    let isWritten = journal.advance(record, by: values, progress: progress, loss: run.finalLoss)
    state.withLock { state in
      state.written = MonotonicClock.seconds
      state.cost = state.written - start
      if !isWritten { state.waiting = values + state.waiting }
    }
  }
}
