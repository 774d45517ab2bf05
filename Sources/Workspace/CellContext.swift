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
  private let running = Mutex<RunningCall?>(nil)

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
    execution.display(sealed(try object.bundle(), of: object))
    markShown(object)
    return .object(object)
  }

  func willRun(_ command: Command, with arguments: [Argument]) {
    running.withLock { $0 = RunningCall(command: command, arguments: arguments) }
  }

  /// Shows a figure now, and gives it back so that it can be saved.
  func show(
    _ figure: any Figure, values: [(name: String, help: String, value: Value)] = []
  ) throws -> Value {
    try show(object(of: figure, values: values))
  }

  /// A figure with the record of where it comes from.
  ///
  /// - Parameter objects: what it shows; `nil` for what the running command was given.
  func object(
    of figure: any Figure, showing objects: [any HostObject]? = nil,
    values: [(name: String, help: String, value: Value)] = []
  ) -> FigureObject {
    let call = running.withLock { $0 }
    let draft = Origin.record(
      kind: "figure", title: figure.title, of: objects ?? call?.objects ?? [], in: self, call: call)
    return FigureObject(
      figure, cell: code, values: values, seal: Seal(workspace.ledger, draft: draft))
  }

  /// The picture of an object with the record of where it comes from; figures of cells have theirs already.
  func sealed(_ bundle: MIMEBundle, of object: any HostObject) -> MIMEBundle {
    guard !(object is FigureObject), case .bytes(let png)? = bundle["image/png"] else {
      return bundle
    }
    let draft = Origin.record(
      kind: "figure", title: object.summary, of: [object], in: self, call: nil)
    var bundle = bundle
    bundle["image/png"] = .bytes(Seal(workspace.ledger, draft: draft).png(png))
    return bundle
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
