/// Where printed text goes.
public enum OutputStream: String, Sendable, CaseIterable {
  case standardOutput
  case standardError
}

/// What a running command may ask of its host.
///
/// The host supplies one object for each cell it runs; a command may downcast it to reach more.
public protocol Context: AnyObject, Sendable {
  /// Writes text to a stream of the notebook.
  func write(_ text: String, to stream: OutputStream)
  /// Whether the cell was interrupted; long commands ask at every step.
  var isInterrupted: Bool { get }
  /// Says that a command is about to run, and with which arguments; a host may note what a result comes from.
  func willRun(_ command: Command, with arguments: [Argument])
}

extension Context {
  /// Nothing, unless the host wants to know.
  public func willRun(_ command: Command, with arguments: [Argument]) {}

  /// Calls a function that a cell passed as an argument.
  public func call(_ function: Function, _ arguments: [Value]) throws -> Value {
    try function(
      arguments.map { value in
        var argument = Argument(value: value)
        argument.isPositional = true
        return argument
      }, context: self)
  }
}
