/// Remembers the signatures of accepted messages, so that a recorded message runs only once.
///
/// It holds the last `capacity` signatures and forgets the oldest first. A signature is remembered only
/// after it was verified; forged ones can therefore not push true ones out.
public struct ReplayMemory: Sendable {
  private let capacity: Int
  private var known: Set<[UInt8]> = []
  private var order: [[UInt8]] = []
  private var oldest = 0

  /// Makes a memory.
  public init(capacity: Int = 65_536) {
    self.capacity = max(1, capacity)
  }

  /// Remembers a verified signature, and tells whether it is new.
  ///
  /// The empty signature of unsigned connections always passes.
  public mutating func admit(_ signature: [UInt8]) -> Bool {
    guard !signature.isEmpty else { return true }
    guard known.insert(signature).inserted else { return false }
    if order.count < capacity {
      order.append(signature)
    } else {
      known.remove(order[oldest])
      order[oldest] = signature
      oldest = (oldest + 1) % capacity
    }
    return true
  }
}
