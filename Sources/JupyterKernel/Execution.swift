public import JupyterProtocol
import Synchronization

/// A running cell, and the way to its front ends.
///
/// It holds the header of the request that started it. A background job keeps the execution and goes on
/// publishing to its own cell, whichever cell runs by then. All methods may be called from any thread.
public final class Execution: Sendable {
  /// The cell's number, shown as `[count]`.
  public let count: Int
  /// Whether the request asked for no trace: no count, no history, no result.
  public let silent: Bool
  /// Whether the input belongs in the history.
  public let storesHistory: Bool
  /// Whether the front end can be asked for input.
  public let allowsInput: Bool
  /// The header of the request, the parent of everything published here.
  public let parent: Header

  private let outlet: any Outlet
  private let watcher = Mutex<(any OutputWatcher)?>(nil)
  private let presses = Atomic<Int>(0)
  private let lastPress = Atomic<Int>(.min)
  /// Presses that follow each other within this many milliseconds are one that came by two ways.
  private static let samePress = 200

  /// Makes an execution whose output goes to an outlet.
  public init(
    count: Int, silent: Bool = false, storesHistory: Bool = true, allowsInput: Bool = false,
    parent: Header, outlet: any Outlet
  ) {
    self.count = count
    self.silent = silent
    self.storesHistory = storesHistory
    self.allowsInput = allowsInput
    self.parent = parent
    self.outlet = outlet
  }

  /// Has someone told of everything that is published from now on.
  public func tell(_ watcher: any OutputWatcher) { self.watcher.withLock { $0 = watcher } }

  private func publish(_ output: Output) {
    watcher.withLock { $0 }?.saw(output)
    outlet.publish(output, from: self)
  }

  /// Whether someone asked this cell to stop.
  public var isInterrupted: Bool { presses.load(ordering: .acquiring) > 0 }

  /// Whether someone asked a second time: what the cell is at need not be finished.
  public var isAbandoned: Bool { presses.load(ordering: .acquiring) > 1 }

  /// Asks this cell to stop; once more, to stop at once.
  public func interrupt() {
    let now = MonotonicClock.milliseconds
    let last = lastPress.load(ordering: .acquiring)
    // One that does not count puts none off: keys that are held down become a second press in time.
    guard last == .min || now - last >= Self.samePress,
      lastPress.compareExchange(
        expected: last, desired: now, ordering: .acquiringAndReleasing
      ).exchanged
    else { return }
    presses.add(1, ordering: .acquiringAndReleasing)
  }

  /// Prints text.
  public func write(_ text: String, to stream: OutputStream = .standardOutput) {
    guard !text.isEmpty else { return }
    publish(.stream(stream, text))
  }

  /// Shows an output; with an identifier it can be changed later by `update`.
  public func display(_ bundle: MIMEBundle, id: String? = nil) {
    publish(.display(bundle, id: id))
  }

  /// Changes every output that was shown under an identifier.
  public func update(_ bundle: MIMEBundle, id: String) {
    publish(.update(bundle, id: id))
  }

  /// Shows the value of the cell; a silent cell has none.
  public func result(_ bundle: MIMEBundle) {
    guard !silent else { return }
    publish(.result(bundle))
  }

  /// Clears the cell's output, at once or with the next output.
  public func clearOutput(wait: Bool = false) {
    publish(.clear(wait: wait))
  }

  /// Asks the person for a line of text and waits for it.
  ///
  /// - Throws: `InputError` when the front end takes no input, or the wait was interrupted.
  public func requestInput(prompt: String, password: Bool = false) throws(InputError) -> String {
    guard allowsInput else { throw .notAllowed }
    return try outlet.requestInput(prompt: prompt, password: password, from: self)
  }
}

/// Where printed text goes.
public enum OutputStream: String, Sendable {
  /// Ordinary output.
  case standardOutput = "stdout"
  /// Warnings and diagnostics.
  case standardError = "stderr"
}

/// Why there is no input.
public enum InputError: Error, Sendable, Equatable {
  /// The request said that its front end takes no input.
  case notAllowed
  /// The cell was interrupted, or the kernel is about to end.
  case interrupted
  /// The cell has ended; nobody is there to ask.
  case ended
}

extension InputError: CustomStringConvertible {
  /// The error in a sentence.
  public var description: String {
    switch self {
    case .notAllowed: "This front end takes no input: the cell was sent with allow_stdin false."
    case .interrupted: "The wait for input was interrupted."
    case .ended: "The cell that asked for input has ended."
    }
  }
}
