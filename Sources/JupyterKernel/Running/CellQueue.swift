import JupyterProtocol

/// The cells that wait to be run, in the order in which they came.
final class CellQueue: Sendable {
  /// A cell and where it came from.
  struct Cell: Sendable {
    let request: ExecuteRequest
    let origin: Origin
  }

  private struct State {
    var cells: [Cell] = []
    var isClosed = false
  }

  private let state = Monitor(State())

  /// Appends a cell.
  func append(_ cell: Cell) {
    state.change { $0.cells.append(cell) }
  }

  /// Waits for the next cell; `nil` once the queue is closed.
  func next() -> Cell? {
    // The outer optional says whether to go on waiting, the inner one whether there is a cell.
    let next = state.wait { state -> Optional<Cell?> in
      if state.isClosed { return .some(nil) }
      if state.cells.isEmpty { return .none }
      return .some(state.cells.removeFirst())
    }
    return next ?? nil
  }

  /// Takes every cell that waits now.
  func takeAll() -> [Cell] {
    state.withLock { state in
      defer { state.cells = [] }
      return state.cells
    }
  }

  /// Takes every cell of a subshell, or with `nil` of the main shell, that waits now.
  func takeAll(of subshell: String?) -> [Cell] {
    state.withLock { state in
      defer { state.cells.removeAll { $0.origin.subshell == subshell } }
      return state.cells.filter { $0.origin.subshell == subshell }
    }
  }

  /// Ends the waits; cells that wait now are left for `takeAll`.
  func close() {
    state.change { $0.isClosed = true }
  }
}
