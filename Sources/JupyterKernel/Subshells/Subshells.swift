import JupyterProtocol
import Synchronization

/// The subshells of a kernel: lines for shell requests that do not wait for the main one (JEP 91).
///
/// Each has a queue and a thread of its own, on which completions, inspections, history and comm messages
/// are answered in their order. Its cells, however, run on the kernel's one evaluation thread, in the order
/// in which the cells of all shells came: a cell changes models, data and the random numbers of the
/// workspace, and two at once would make results depend on timing, which nothing here may. What a person
/// wants beside a running cell (to look, to complete, to move a slider, to stop) needs no second
/// evaluation; a training that should leave the shell free runs in the background. So there is also one
/// execution count and one history. An error drops only the waiting cells of its own subshell.
final class Subshells: Sendable {
  /// How many there may be, since each has a thread.
  static let limit = 64

  private let interpreter: any Interpreter
  private let publisher: Publisher
  private let prepareThread: @Sendable () -> Void
  private let shells = Mutex<[(id: String, requests: SideRequests)]>([])

  /// - Parameter prepareThread: what each thread does first.
  init(
    interpreter: any Interpreter, publisher: Publisher,
    prepareThread: @escaping @Sendable () -> Void
  ) {
    self.interpreter = interpreter
    self.publisher = publisher
    self.prepareThread = prepareThread
  }

  /// The identifiers, oldest first.
  var identifiers: [String] { shells.withLock { $0.map(\.id) } }

  /// The line of a subshell, or `nil` when there is none of that name.
  subscript(id: String) -> SideRequests? {
    shells.withLock { shells in shells.first { $0.id == id }?.requests }
  }

  /// Makes a subshell; `nil` when there are too many.
  func create() -> String? {
    guard shells.withLock({ $0.count }) < Self.limit else { return nil }
    let requests = SideRequests(interpreter: interpreter, publisher: publisher)
    guard requests.start(name: "subshell", prepareThread) else { return nil }
    let id = Identifier.random()
    shells.withLock { $0.append((id, requests)) }
    return id
  }

  /// Ends a subshell; what it was asked before is still answered, and its waiting cells still run.
  ///
  /// - Returns: whether there was one of that name.
  func delete(_ id: String) -> Bool {
    let requests = shells.withLock { shells -> SideRequests? in
      guard let index = shells.firstIndex(where: { $0.id == id }) else { return nil }
      return shells.remove(at: index).requests
    }
    requests?.close(finishing: true)
    return requests != nil
  }

  /// Ends all.
  func close() {
    for (_, requests) in shells.withLock({ $0 }) { requests.close() }
  }
}
