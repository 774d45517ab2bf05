import Glibc

/// Pipes within the process.
enum Pipe {
  /// Makes a pipe that child processes do not inherit.
  ///
  /// Its reader never waits, since every reader here empties the pipe and then waits in `poll`.
  static func make() -> (reader: Int32, writer: Int32)? {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
    return (ends[0], ends[1])
  }
}
