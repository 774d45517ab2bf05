import CellLanguage
import JupyterKernel
import JupyterProtocol
import Plotting
import Synchronization

/// What a running command reaches: the cell's outputs, the workspace, the interrupt.
final class CellContext: Context {
  let execution: Execution
  let workspace: Workspace
  /// The text of the cell.
  let code: String
  private let shown = Mutex<Set<ObjectIdentifier>>([])
  private let requests = Mutex<[Payload]>([])

  init(execution: Execution, workspace: Workspace, code: String) {
    self.execution = execution
    self.workspace = workspace
    self.code = code
  }

  /// The workspace's own context behind the one that a command is given.
  static func of(_ context: any Context) throws -> CellContext {
    guard let own = context as? CellContext else {
      throw CellError(.commandFailed, "this command runs in a workspace only")
    }
    return own
  }

  func write(_ text: String, to stream: CellLanguage.OutputStream) {
    execution.write(text, to: stream == .standardError ? .standardError : .standardOutput)
  }

  var isInterrupted: Bool { execution.isInterrupted }

  /// Shows a value now; the cell's result is then not shown a second time.
  func show(_ object: some HostObject & Displayable) throws -> Value {
    execution.display(try object.bundle())
    markShown(object)
    return .object(object)
  }

  /// Shows a figure now, and gives it back so that it can be saved.
  func show(
    _ figure: any Figure, values: [(name: String, help: String, value: Value)] = []
  ) throws -> Value {
    try show(FigureObject(figure, cell: code, values: values))
  }

  func markShown(_ object: any HostObject) {
    shown.withLock { _ = $0.insert(ObjectIdentifier(object)) }
  }

  func wasShown(_ object: any HostObject) -> Bool {
    shown.withLock { $0.contains(ObjectIdentifier(object)) }
  }

  /// Leaves a page for the front end's pager.
  func page(_ bundle: MIMEBundle) { requests.withLock { $0.append(.page(bundle)) } }

  /// Asks the front end to leave when the cell has ended.
  func askExit(keepKernel: Bool) {
    requests.withLock { $0.append(.askExit(keepKernel: keepKernel)) }
  }

  /// What the front end is asked for so far.
  var payload: [Payload] { requests.withLock { $0 } }
}
