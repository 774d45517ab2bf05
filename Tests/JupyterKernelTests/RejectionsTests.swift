import Logging
import Synchronization
import Testing

@testable import JupyterKernel

@Suite struct RejectionsTests {
  /// Keeps the lines that are logged.
  private final class Lines: Sendable {
    let all = Mutex<[String]>([])
  }

  private struct Handler: LogHandler {
    let lines: Lines
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      lines.all.withLock { $0.append("\(event.message)") }
    }
  }

  @Test func aFloodMakesOneLineASecondAndOnlyDroppedMessagesCount() {
    let lines = Lines()
    let rejections = Rejections(log: Logger(label: "test") { _ in Handler(lines: lines) })
    for _ in 0..<1_000 {
      rejections.note("forged")
      rejections.remark("a message of the unknown type 'x'")
    }
    #expect(rejections.total == 1_000)
    #expect(lines.all.withLock { $0 } == ["dropped a message: forged"])
    Pause.milliseconds(1_050)
    rejections.remark("a message of the unknown type 'y'")
    #expect(
      lines.all.withLock { $0 }.last
        == "a message of the unknown type 'y' (and 1999 more such since the last line)")
    #expect(rejections.total == 1_000)
  }
}
