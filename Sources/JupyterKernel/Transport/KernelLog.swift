import Glibc
import Logging
import Synchronization

/// Writes log lines to a file descriptor, one `write` a line.
///
/// The descriptor is the real standard error, kept aside before the stream was redirected into cells; a
/// log line must never turn up in a notebook.
struct DescriptorLogHandler: LogHandler {
  let descriptor: Int32
  var metadata: Logger.Metadata = [:]
  var logLevel: Logger.Level = .notice

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    var line = Array("[orbit \(event.level)] \(event.message)\n".utf8)
    // Bytes that a stranger sent must not steer the terminal that shows the log.
    for index in line.indices.dropLast() where line[index] < 0x20 || line[index] == 0x7F {
      line[index] = UInt8(ascii: " ")
    }
    _ = write(descriptor, line, line.count)
  }
}

/// Counts the messages that were dropped, and logs at most one line a second about what clients sent.
final class Rejections: Sendable {
  private struct State {
    var total = 0
    var unreported = 0
    var lastLine = Int.min / 2
  }

  private let state = Mutex(State())
  private let log: Logger

  init(log: Logger) {
    self.log = log
  }

  /// How many messages were dropped so far.
  var total: Int { state.withLock { $0.total } }

  /// Counts a dropped message.
  func note(_ reason: @autoclosure () -> String) {
    report(isDropped: true) { "dropped a message: \(reason())" }
  }

  /// Logs something odd about a message that was taken; whoever sends a thousand of them a second must not
  /// fill the log either.
  func remark(_ remark: @autoclosure () -> String) {
    report(isDropped: false, remark)
  }

  private func report(isDropped: Bool, _ text: () -> String) {
    let now = MonotonicClock.milliseconds
    let unreported: Int? = state.withLock { state in
      if isDropped { state.total += 1 }
      state.unreported += 1
      guard now - state.lastLine >= 1_000 else { return nil }
      state.lastLine = now
      defer { state.unreported = 0 }
      return state.unreported
    }
    guard let unreported else { return }
    let others = unreported > 1 ? " (and \(unreported - 1) more such since the last line)" : ""
    log.warning("\(text())\(others)")
  }
}
