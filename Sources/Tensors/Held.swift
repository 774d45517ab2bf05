import Synchronization

/// Something that is handed over once, so that nobody holds it longer than it is used.
///
/// What a derivative has kept of the forward pass goes back to the pool while it runs, although the tape
/// still has the derivative.
package final class Held<Value: Sendable>: Sendable {
  private let value: Mutex<Value?>

  /// Keeps a value until it is taken.
  package init(_ value: Value) { self.value = Mutex(value) }

  /// The value for the first who asks, `nil` for all others.
  package func take() -> Value? {
    value.withLock { value in
      defer { value = nil }
      return value
    }
  }
}
