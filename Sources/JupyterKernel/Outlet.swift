public import JupyterProtocol

/// One thing that a running cell publishes.
public enum Output: Sendable, Equatable {
  /// Printed text.
  case stream(OutputStream, String)
  /// An output, changeable later when it has an identifier.
  case display(MIMEBundle, id: String?)
  /// A new version of the outputs shown under an identifier.
  case update(MIMEBundle, id: String)
  /// The value of the cell.
  case result(MIMEBundle)
  /// Clearing of the cell's output.
  case clear(wait: Bool)
}

/// Where an execution's output goes: the kernel's sockets, or an array in a test.
public protocol Outlet: Sendable {
  /// Takes an output; never blocks for long.
  func publish(_ output: Output, from execution: Execution)

  /// Asks the person for a line of text.
  ///
  /// - Throws: `InputError` when there is nobody to ask or the wait was interrupted.
  func requestInput(
    prompt: String, password: Bool, from execution: Execution
  ) throws(InputError) -> String
}

/// Who is told what a cell publishes, beside the front ends: a journal.
public protocol OutputWatcher: Sendable {
  /// Sees an output before it leaves; called from any thread that publishes, and returns at once.
  func saw(_ output: Output)
}
