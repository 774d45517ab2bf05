import JupyterKernel
import JupyterProtocol
import RunStore
import Synchronization

/// Writes what cells show into the database, so that it can be shown again.
///
/// Cells do not wait for it: a thread writes what is new within half a second, what only changed within ten, and
/// all when the kernel ends.
final class OutputJournal: Sendable {
  /// After how many milliseconds an output is written at the latest, and one that replaces another.
  private static let patience = 300, updatePatience = 10_000
  /// How long the thread waits for more to do before it ends.
  private static let idle = 5_000
  /// The most bytes of a transaction, so that no cell waits long for the database.
  private static let batchBytes = 500_000

  private struct State {
    var waiting: [ObjectIdentifier: OutputRecorder] = [:]
    /// When the thread is to write, in milliseconds of `MonotonicClock`.
    var due: Int?
    var hasThread = false
    var isClosed = false
    /// The lines whose outputs are not kept.
    var forgotten: Set<Int> = []
    var newestLine = -1
  }

  private let journal: Journal
  private let state = Monitor(State())
  /// Held while something is written, so that who asks for all to be written waits for it.
  private let writing = Mutex<Void>(())

  init(_ journal: Journal) { self.journal = journal }

  /// Who keeps what the cell of a line shows.
  func recorder(line: Int) -> OutputRecorder {
    state.withLock { $0.forgotten = $0.forgotten.filter { $0 != line } }
    return OutputRecorder(line: line, journal: self)
  }

  /// Says that a cell shows again what others have shown: that is not kept.
  func forget(line: Int) { state.withLock { _ = $0.forgotten.insert(line) } }

  /// Says that a recorder has something to write.
  func note(_ recorder: OutputRecorder, isNew: Bool) {
    let key = ObjectIdentifier(recorder)
    let due = MonotonicClock.milliseconds + (isNew ? Self.patience : Self.updatePatience)
    // The thread is woken only where it would sleep too long.
    let isSooner = state.withLock { state -> Bool in
      guard !state.isClosed else { return false }
      if state.waiting[key] == nil { state.waiting[key] = recorder }
      guard due < state.due ?? .max else { return false }
      state.due = due
      return true
    }
    guard isSooner else { return }
    let needsThread = state.change { state in
      defer { state.hasThread = true }
      return !state.hasThread
    }
    guard needsThread else { return }
    let isStarted = KernelThread.start(name: "orbit-outputs", stackSize: 1 << 20) { self.run() }
    if !isStarted { state.withLock { $0.hasThread = false } }
  }

  /// The life of the thread: it ends when there was nothing to do for a while.
  private func run() {
    while true {
      let end = MonotonicClock.milliseconds + Self.idle
      while true {
        let due = state.withLock { $0.due }
        let now = MonotonicClock.milliseconds
        if let due, due <= now { break }
        let deadline = due ?? end
        if due == nil, now >= end { break }
        // A change of the date wakes it.
        _ = state.wait(until: deadline) { state -> Bool? in
          state.due != due || state.isClosed ? true : nil
        }
        if state.withLock({ $0.isClosed }) { break }
      }
      let isOver = state.withLock { state in
        guard state.due == nil || state.isClosed else { return false }
        state.hasThread = false
        return true
      }
      if isOver { return }
      flush()
    }
  }

  /// Writes all that waits, now.
  func flush() {
    writing.withLock { _ in
      let (recorders, forgotten, newest) = state.withLock { state in
        defer { (state.waiting, state.due) = ([:], nil) }
        return (
          state.waiting.values.sorted { $0.line < $1.line }, state.forgotten, state.newestLine
        )
      }
      guard let store = journal.opened() else { return }
      let session = journal.session
      for recorder in recorders {
        let changes = recorder.takeChanges()
        if forgotten.contains(recorder.line) {
          // What came before the cell said so.
          try? store.saveOutputs([], session: session, line: recorder.line, removed: 0..<Int.max)
        } else if !changes.isEmpty {
          write(changes, of: recorder.line, session: session, to: store)
        }
      }
      guard let last = recorders.last?.line, last > newest else { return }
      state.withLock { $0.newestLine = last }
      try? store.pruneOutputs()
    }
  }

  /// History is a convenience: where outputs cannot be written, cells run all the same.
  private func write(
    _ changes: OutputRecorder.Changes, of line: Int, session: Int, to store: RunStore
  ) {
    var batch: [StoredOutput] = []
    var (bytes, removed) = (0, changes.removed)
    func send() {
      try? store.saveOutputs(batch, session: session, line: line, removed: removed)
      (batch, bytes, removed) = ([], 0, 0..<0)
    }
    for (place, entry) in changes.entries {
      let (kind, bundle) = entry.content.stored
      batch.append(
        StoredOutput(
          session: session, line: line, place: place, kind: kind, shown: entry.shown,
          bundle: bundle.jsonText))
      bytes += entry.bytes
      if bytes > Self.batchBytes { send() }
    }
    if !batch.isEmpty || !removed.isEmpty { send() }
  }

  /// Writes all that waits; what comes later is not kept.
  func close() {
    flush()
    state.change { $0.isClosed = true }
  }
}

extension OutputRecorder.Entry.Content {
  /// The kind and the content as the database has them.
  fileprivate var stored: (kind: String, bundle: JSONValue) {
    switch self {
    case .text(let stream, let text): (stream.rawValue, ["text": .string(text)])
    case .bundle(let bundle, let isResult):
      (
        isResult ? "result" : "display",
        ["data": .object(bundle.data), "metadata": .object(bundle.metadata)]
      )
    case .error(let error):
      (
        "error",
        [
          "ename": .string(error.name), "evalue": .string(error.value),
          "traceback": .array(error.traceback.map { .string($0) }),
        ]
      )
    }
  }
}
