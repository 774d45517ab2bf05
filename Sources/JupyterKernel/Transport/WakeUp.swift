import Glibc

/// Wakes a thread that waits in `poll`, from any other.
struct WakeUp: Sendable {
  /// What becomes readable when somebody calls.
  let descriptor: Int32
  private let writer: Int32

  init() throws(TransportError) {
    guard let pipe = Pipe.make() else {
      throw TransportError("make a pipe", reason: String(cString: strerror(errno)))
    }
    (descriptor, writer) = pipe
  }

  /// Wakes the thread.
  func call() {
    var byte: UInt8 = 1
    _ = write(writer, &byte, 1)
  }

  /// Takes all calls until now; to be done by the thread itself.
  func answer() {
    withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { room in
      while read(descriptor, room.baseAddress, room.count) == room.count {}
    }
  }

  /// Gives both ends back; nobody may call any more.
  func close() {
    _ = Glibc.close(descriptor)
    _ = Glibc.close(writer)
  }
}
