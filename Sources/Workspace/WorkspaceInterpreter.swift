import CellLanguage
public import JupyterKernel
public import JupyterProtocol

/// The interpreter behind the kernel: cells in, values, pictures and errors out.
public final class WorkspaceInterpreter: Interpreter {
  /// The version of the program.
  public static let version = "0.1.0"

  let workspace: Workspace

  /// Opens a workspace.
  ///
  /// - Parameter folder: where it is kept; beside the notebook that the kernel was started for, when `nil`.
  public convenience init(folder: String? = nil) {
    let journal =
      folder.map { Journal(folder: $0) } ?? .beside(notebook: NotebookName.ofProcess())
    // The kernel's evaluation thread has 512 MB; what is left is for the commands that a cell calls.
    self.init(Workspace(journal: journal, stackBytes: 400 << 20))
  }

  /// Opens a workspace that leaves no file behind.
  public static func inMemory() -> WorkspaceInterpreter {
    WorkspaceInterpreter(Workspace(journal: Journal(folder: nil)))
  }

  init(_ workspace: Workspace) {
    self.workspace = workspace
    let banner = [
      "Orbit: learn, teach and research self-supervised and equivariant representations.",
      "help() lists the words; help(train) explains one.",
    ]
    information = KernelInformation(
      implementation: "orbit", version: WorkspaceInterpreter.version,
      banner: (banner + workspace.journal.suddenEnds.map(\.sentence)).joined(separator: "\n"))
  }

  /// What the kernel says about itself, and how those before it ended that did not say goodbye.
  public let information: KernelInformation

  /// Runs a cell and publishes what it shows.
  public func execute(_ code: String, in execution: Execution) -> ExecutionOutcome {
    // Nobody reads what a silent cell says.
    if !execution.silent, let warning = workspace.journal.takeWarning() {
      execution.write(warning + "\n", to: .standardError)
    }
    // Where nobody could answer, nobody is invited: a notebook that a program runs twice shows the
    // same twice. Who begins with `restore()` has been told.
    if !execution.silent, execution.allowsInput,
      let invitation = workspace.journal.takeInvitation(),
      !code.hasPrefix("restore(")
    {
      execution.write(invitation + "\n", to: .standardOutput)
    }
    workspace.journal.note(runningCell: execution.count)
    defer { workspace.journal.note(runningCell: nil) }
    let isRecorded = execution.storesHistory && !execution.silent
    let recorder = isRecorded ? workspace.outputs.recorder(line: execution.count) : nil
    if let recorder {
      workspace.journal.begin(line: execution.count, source: code)
      execution.tell(recorder)
    }
    if let note = workspace.keeper?.catchUp(
      workspace.evaluator.names, before: execution.count, isTold: !execution.silent)
    {
      execution.write(note + "\n", to: .standardError)
    }
    var output: String?
    let outcome = run(code, in: execution, output: &output)
    keep(after: execution)
    recorder?.ended(outcome)
    if isRecorded {
      workspace.journal.finish(line: execution.count, outcome: outcome, output: output)
    }
    return outcome
  }

  /// Commits what the cell changed; what cannot be kept is told below it.
  private func keep(after execution: Execution) {
    guard let keeper = workspace.keeper else { return }
    let (changed, names) = workspace.evaluator.takeChanges()
    let isTold = !execution.silent
    keeper.adopt(
      changed, in: CellContext(execution: execution, workspace: workspace, code: ""))
    if let note = keeper.commit(changed, of: names, line: execution.count, isTold: isTold) {
      execution.write(note + "\n", to: .standardError)
    }
  }

  private func run(
    _ code: String, in execution: Execution, output: inout String?
  ) -> ExecutionOutcome {
    let context = CellContext(execution: execution, workspace: workspace, code: code)
    do {
      let names = workspace.evaluator.names
      let cell =
        try NotebookWords.leaving(code, names: names)
        ?? PapermillParameters.translated(code, names: names) ?? code
      let outcome = try workspace.evaluator.run(
        cell, cell: "In [\(execution.count)]", context: context)
      if outcome.isExpression, let bundle = try display(outcome.value, in: context) {
        output = bundle.plainText
        execution.result(bundle)
      }
      return .success(payload: context.payload)
    } catch {
      if (error as? CellLanguage::CellError)?.kind == .interrupted {
        return .interrupted(Self.shown(error))
      }
      return .failure(Self.shown(error))
    }
  }

  /// What a front end shows of a value; nothing for `nil` and for what was shown already.
  private func display(_ value: Value, in context: CellContext?) throws -> MIMEBundle? {
    switch value {
    case .none: return nil
    case .object(let object):
      if context?.wasShown(object) == true { return nil }
      if let displayable = object as? any Displayable {
        let bundle = try displayable.bundle()
        return context?.sealed(bundle, of: object) ?? bundle
      }
      return MIMEBundle(text: object.summary)
    case .function(let function):
      return Help.bundle(for: function.name, in: workspace) ?? MIMEBundle(text: function.signature)
    default: return MIMEBundle(text: value.cellText)
    }
  }

  /// Computes a user expression.
  ///
  /// An expression and nothing else, as ipykernel has it: what a declaration or an assignment leaves in the
  /// workspace would stand in no cell and in no history, and nobody could repeat it. Calls are allowed, since
  /// without them there is little to ask; what they do is the asker's affair.
  public func evaluate(_ expression: String, in execution: Execution) -> ExpressionOutcome {
    let context = CellContext(execution: execution, workspace: workspace, code: expression)
    do {
      let value = try workspace.evaluator.value(of: expression, context: context)
      return .value(try display(value, in: nil) ?? MIMEBundle(text: "nil"))
    } catch {
      return .failure(Self.shown(error))
    }
  }

  /// An error as front ends show it.
  private static func shown(_ error: any Error) -> JupyterKernel::CellError {
    guard let error = error as? CellLanguage::CellError else {
      let text = String(describing: error)
      return JupyterKernel::CellError(
        name: String(describing: type(of: error)), value: text, traceback: [text])
    }
    return JupyterKernel::CellError(
      name: error.name, value: error.message, traceback: error.rendered(ansi: true))
  }

  /// Proposes what could stand at an offset.
  public func complete(_ code: String, at scalarOffset: Int) -> Completion {
    let found = CellLanguage::complete(
      code, at: scalarOffset, vocabulary: workspace.evaluator.vocabulary,
      names: workspace.evaluator.names)
    return Completion(
      candidates: found.items.map {
        .init(text: $0.text, type: $0.kind.rawValue, signature: $0.detail)
      }, start: found.start, end: found.end)
  }

  /// Describes the word at an offset.
  public func inspect(_ code: String, at scalarOffset: Int, detail: Int) -> MIMEBundle? {
    CellLanguage::inspect(
      code, at: scalarOffset, vocabulary: workspace.evaluator.vocabulary,
      names: workspace.evaluator.names, detail: detail
    ).map { found in
      MIMEBundle([
        .init(type: "text/markdown", content: .text(found.markdown)),
        .init(type: "text/plain", content: .text(found.text)),
      ])
    }
  }

  /// Tells whether a console should run the code.
  public func completeness(of code: String) -> JupyterKernel::Completeness {
    switch CellLanguage::completeness(of: code) {
    case .complete: .complete
    case .incomplete(let indent): .incomplete(indentation: indent)
    case .invalid: .invalid
    case .unknown: .unknown
    }
  }

  /// Finds earlier cells.
  public func history(_ query: HistoryQuery) -> [HistoryEntry] { workspace.journal.history(query) }

  /// Nothing: cells and training read the execution's own flag.
  public func interrupt() {}

  /// Ends what trains in the background, and closes the database.
  public func shutdown(restart: Bool) {
    workspace.background.stop()
    workspace.outputs.close()
    workspace.journal.close()
  }
}
