public import JupyterProtocol

/// What a kernel asks of the language that it hosts.
///
/// The kernel owns sockets, message order, counters and status; an interpreter knows none of them.
/// `execute` and `evaluate` are called from one evaluation thread, a cell at a time and in order. The
/// read-only questions (`complete`, `inspect`, `completeness`, `history`) come from other threads, several
/// at once and also while a cell runs; they answer from a snapshot and must not wait for the cell. All
/// offsets count Unicode scalars and have been clamped to the code.
public protocol Interpreter: Sendable {
  /// What the kernel says about itself; it does not change while the kernel runs.
  var information: KernelInformation { get }

  /// Runs a cell on the evaluation thread.
  ///
  /// The value of the last expression is published by the interpreter with `execution.result`. An error
  /// is returned, not published: the kernel sends it to the front ends exactly once. A long cell reads
  /// `execution.isInterrupted` and returns `.interrupted` soon after it turns true.
  func execute(_ code: String, in execution: Execution) -> ExecutionOutcome

  /// Computes one of a request's user expressions, on the evaluation thread after its cell succeeded.
  func evaluate(_ expression: String, in execution: Execution) -> ExpressionOutcome

  /// Proposes what could stand at an offset.
  func complete(_ code: String, at scalarOffset: Int) -> Completion

  /// Describes the name at an offset, or returns `nil` when there is nothing to say.
  ///
  /// - Parameter detail: 0 for the short form, 1 for everything.
  func inspect(_ code: String, at scalarOffset: Int, detail: Int) -> MIMEBundle?

  /// Tells whether a console should run the code or ask for another line.
  func completeness(of code: String) -> Completeness

  /// Finds earlier inputs, oldest first.
  func history(_ query: HistoryQuery) -> [HistoryEntry]

  /// Asks the running cell to stop; called from any thread, only while a cell runs.
  ///
  /// `execution.isInterrupted` is already true by then and belongs to that cell alone, so an interpreter
  /// that polls it has nothing to do here.
  func interrupt()

  /// Says that the process is about to end (or, with `restart`, to be started again).
  ///
  /// Called once, from any thread, after the running cell has ended or has been given up.
  func shutdown(restart: Bool)
}
