import JupyterKernel
import RunStore

/// Writes the history of cells into the database on a thread of its own, so that no cell waits for the disk.
///
/// A cell is written when it begins, so that it is known if it ends the process, and again when it has ended.
/// Of a short cell both come in one, and of many in a row all come in one transaction. Whoever reads the
/// history waits for what is on its way.
final class HistoryWriter: Sendable {
  private struct State: Sendable {
    var waiting: [RunStore::HistoryEntry] = []
    var isWriting = false
    var hasThread = false
    var isClosed = false
  }

  private let store: RunStore
  private let state = Monitor(State())
  /// How many entries may wait: a cell that is faster than the disk then waits for it.
  private static let most = 1_000

  init(_ store: RunStore) { self.store = store }

  /// Writes a cell, in place of what is known of it.
  func write(_ entry: RunStore::HistoryEntry) {
    let needsThread = state.change { state in
      if let last = state.waiting.indices.last, state.waiting[last].line == entry.line {
        state.waiting[last] = entry
      } else {
        state.waiting.append(entry)
      }
      defer { state.hasThread = true }
      return !state.hasThread
    }
    guard needsThread else {
      _ = state.wait { $0.waiting.count <= Self.most ? true : nil }
      return
    }
    let started = KernelThread.start(name: "history") { self.work() }
    if !started {
      // The system has no thread to give: the cell writes it itself.
      state.change { $0.hasThread = false }
      writeWaiting()
    }
  }

  /// Waits until everything is written.
  func drain() {
    _ = state.wait { $0.waiting.isEmpty && !$0.isWriting || !$0.hasThread ? true : nil }
  }

  /// Writes what is waiting, and ends the thread.
  func close() {
    drain()
    state.change { $0.isClosed = true }
  }

  private func work() {
    while true {
      let goesOn = state.wait { state -> Bool? in
        state.waiting.isEmpty ? state.isClosed ? false : nil : true
      }
      guard goesOn == true else { return }
      writeWaiting()
    }
  }

  private func writeWaiting() {
    let entries = state.withLock { state in
      defer { (state.waiting, state.isWriting) = ([], true) }
      return state.waiting
    }
    // History is a convenience: a cell runs also where it cannot be written down.
    try? store.append(entries)
    state.change { $0.isWriting = false }
  }
}
