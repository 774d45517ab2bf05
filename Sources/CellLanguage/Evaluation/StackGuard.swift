import Glibc
import Synchronization

/// Knows how far the stacks of the threads that run cells may grow, so that deep recursion ends in
/// an error.
///
/// The stack grows down: a thread may go as far below the address where its cell began as the
/// limits allow.
final class StackGuard: Sendable {
  private let floors = Mutex<[UInt: UInt]>([:])

  /// Begins a cell on the running thread.
  func begin(bytes: Int) {
    let floor = Self.here() &- UInt(bytes)
    floors.withLock { $0[UInt(pthread_self())] = floor }
  }

  /// The lowest address that the running thread may reach; a thread that runs no cell begins here.
  func floor(bytes: Int) -> UInt {
    let here = Self.here()
    return floors.withLock { floors in
      let thread = UInt(pthread_self())
      // An address above the cell's beginning means that another thread had this name before.
      if let floor = floors[thread], here &- floor <= UInt(bytes) || here < floor { return floor }
      floors[thread] = here &- UInt(bytes)
      return here &- UInt(bytes)
    }
  }

  /// An address inside the running function's frame.
  @inline(never)
  static func here() -> UInt {
    var mark: UInt8 = 0
    return withUnsafeMutablePointer(to: &mark) { UInt(bitPattern: $0) }
  }
}
