import Glibc
import Synchronization

/// Catches what native libraries write to standard output and standard error, and prints it in the cell
/// that runs.
///
/// Both descriptors are replaced by pipes. What comes out of them also goes to the real standard error,
/// which is kept aside; nothing goes to the real standard output, where a launcher may be listening for
/// something else.
final class NativeOutput: Sendable {
  private struct Source {
    let reader: Int32
    let stream: OutputStream
    var unfinished: [UInt8] = []
  }

  private struct State {
    var sources: [Source]
    var execution: Execution?
  }

  /// The standard error that the process was started with.
  let realStandardError: Int32

  private let state: Mutex<State>

  /// Replaces both descriptors; `nil` when the system has no descriptors left.
  init?() {
    let realStandardError = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)
    guard realStandardError >= 0,
      let output = Self.redirect(STDOUT_FILENO), let error = Self.redirect(STDERR_FILENO)
    else { return nil }
    self.realStandardError = realStandardError
    state = Mutex(
      State(sources: [
        Source(reader: output, stream: .standardOutput),
        Source(reader: error, stream: .standardError),
      ]))
    CrashWords.install(
      readers: (output, error), realStandardError: realStandardError)
  }

  private static func redirect(_ descriptor: Int32) -> Int32? {
    guard let ends = Pipe.make(), dup2(ends.writer, descriptor) >= 0 else { return nil }
    close(ends.writer)
    return ends.reader
  }

  /// Sends what is caught from now on to a cell.
  func begin(_ execution: Execution) {
    drain()
    state.withLock { $0.execution = execution }
  }

  /// Sends everything that was written so far to the cell, and then nothing more.
  func end() {
    fflush(nil)
    drain()
    state.withLock { $0.execution = nil }
  }

  /// The life of the thread that reads while a cell runs.
  func run() {
    var polled = state.withLock { state in
      state.sources.map { pollfd(fd: $0.reader, events: Int16(POLLIN), revents: 0) }
    }
    while true {
      if poll(&polled, nfds_t(polled.count), -1) < 0, errno != EINTR { return }
      drain()
    }
  }

  /// Empties both pipes.
  private func drain() {
    state.withLock { state in
      for index in state.sources.indices {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        while true {
          let count = read(state.sources[index].reader, &bytes, bytes.count)
          guard count > 0 else { break }
          _ = write(realStandardError, bytes, count)
          let text = Self.wholeText(&state.sources[index].unfinished, bytes[..<count])
          state.execution?.write(text, to: state.sources[index].stream)
        }
      }
    }
  }

  /// Joins bytes to those left over, and leaves over a character whose end has not come yet.
  static func wholeText(_ unfinished: inout [UInt8], _ bytes: ArraySlice<UInt8>) -> String {
    let all = unfinished + bytes
    var end = all.count
    // A character has at most four bytes; look back for its first.
    for distance in 1...4 where distance <= all.count {
      let byte = all[all.count - distance]
      if byte & 0xC0 == 0x80 { continue }
      let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1
      if length > distance { end = all.count - distance }
      break
    }
    unfinished = Array(all[end...])
    return String(decoding: all[..<end], as: UTF8.self)
  }
}
