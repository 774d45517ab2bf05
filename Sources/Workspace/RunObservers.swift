import Glibc
import JupyterKernel
import JupyterProtocol
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
  /// Drawing takes about a hundredth of this.
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
      let now = Self.seconds()
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
    return try? Picture(figure: panel, cell: "").bundle()
  }

  private static func seconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

/// Writes a run into the workspace's database: metrics at epoch ends, the outcome at the end.
final class JournalObserver: Observer {
  private let journal: Journal
  private let record: Int
  private let run: RunObject
  private let waiting = Mutex<[(step: Int, epoch: Int, name: String, value: Float)]>([])

  init(_ journal: Journal, record: Int, run: RunObject) {
    self.journal = journal
    self.run = run
    self.record = record
  }

  func observe(_ event: RunEvent) -> RunDirective {
    switch event {
    case .started: break
    case .stepped(let progress):
      journal.note(trainingStep: progress.step)
      waiting.withLock { waiting in
        for term in progress.terms {
          waiting.append((progress.step, progress.epoch, term.name, term.value))
        }
      }
    case .epochEnded: flush()
    case .finished(let status, let progress):
      journal.note(trainingStep: nil)
      flush()
      journal.finish(
        record, status: status.word, loss: run.finalLoss, rate: progress.imagesPerSecond)
    }
    return .proceed
  }

  private func flush() {
    let values = waiting.withLock { waiting in
      defer { waiting = [] }
      return waiting
    }
    journal.append(values, to: record)
  }
}
