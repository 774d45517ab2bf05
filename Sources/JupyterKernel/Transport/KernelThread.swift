import CZeroMQ
import Glibc

/// Threads with a name and a stack of a chosen size.
public enum KernelThread {
  private final class Start {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
      self.name = name
      self.body = body
    }
  }

  /// Starts a detached thread; whoever needs its end waits on a `Monitor` that its body changes.
  ///
  /// - Parameters:
  ///   - name: at most 15 bytes, as Linux shows them.
  ///   - stackSize: in bytes; only the pages that are touched cost memory.
  /// - Returns: whether the system had a thread to give.
  @discardableResult
  public static func start(
    name: String, stackSize: Int = 1 << 20, _ body: @escaping @Sendable () -> Void
  ) -> Bool {
    let attributes = UnsafeMutablePointer<pthread_attr_t>.allocate(capacity: 1)
    pthread_attr_init(attributes)
    defer {
      pthread_attr_destroy(attributes)
      attributes.deallocate()
    }
    pthread_attr_setstacksize(attributes, stackSize)
    pthread_attr_setdetachstate(attributes, Int32(PTHREAD_CREATE_DETACHED))
    let start = Unmanaged.passRetained(Start(name: name, body: body))
    var thread: pthread_t = 0
    let status = pthread_create(
      &thread, attributes,
      { argument in
        guard let argument else { return nil }
        let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
        _ = orbit_name_thread(start.name)
        start.body()
        return nil
      }, start.toOpaque())
    if status != 0 { start.release() }
    return status == 0
  }
}
