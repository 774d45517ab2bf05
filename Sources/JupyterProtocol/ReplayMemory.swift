import Glibc

/// Remembers the signatures of accepted messages, so that a recorded message runs only once.
///
/// It holds the last `capacity` signatures and forgets the oldest first. A signature is remembered only
/// after it was verified; forged ones can therefore not push true ones out. Of each it keeps the first 16
/// bytes, which no two messages share by chance. All memory (24 bytes a signature, 1.5 MB in all) is taken
/// at the start and none later, and the system provides pages of it only once they are used.
///
/// `@unchecked Sendable`: it belongs to the one thread that reads the sockets.
public final class ReplayMemory: @unchecked Sendable {
  /// The first 32 hexadecimal digits of a signature.
  private struct Prefix: Equatable {
    var high: UInt64 = 0
    var low: UInt64 = 0

    init(_ signature: [UInt8]) {
      for (index, digit) in signature.prefix(32).enumerated() {
        // 0…9 and a…f without a table: letters have bit 6, and lack 9.
        let value = UInt64(digit & 0x0F) + UInt64(digit >> 6) * 9
        if index < 16 { high = high << 4 | value } else { low = low << 4 | value }
      }
    }
  }

  private let capacity: Int
  /// The prefixes in the order in which they came; once full, the oldest is overwritten.
  private let ring: UnsafeMutablePointer<Prefix>
  /// An open hash table with linear probing, at most half full: 0 where it is empty, else one more than a
  /// place in `ring`.
  private let table: UnsafeMutablePointer<UInt32>
  private let mask: Int
  private var count = 0
  private var next = 0

  /// Makes a memory.
  public init(capacity: Int = 65_536) {
    self.capacity = min(max(1, capacity), 1 << 30)
    var places = 2
    while places < 2 * self.capacity { places *= 2 }
    mask = places - 1
    ring = Self.zeroed(self.capacity)
    table = Self.zeroed(places)
  }

  deinit {
    free(ring)
    free(table)
  }

  private static func zeroed<Element>(_ count: Int) -> UnsafeMutablePointer<Element> {
    guard let memory = calloc(count, MemoryLayout<Element>.stride) else {
      fatalError("no memory for the signatures of messages")
    }
    return memory.bindMemory(to: Element.self, capacity: count)
  }

  /// Remembers a verified signature, and tells whether it is new.
  ///
  /// The empty signature of unsigned connections always passes.
  public func admit(_ signature: [UInt8]) -> Bool {
    guard !signature.isEmpty else { return true }
    let prefix = Prefix(signature)
    guard table[place(of: prefix)] == 0 else { return false }
    if count == capacity { forget(ring[next]) } else { count += 1 }
    ring[next] = prefix
    table[place(of: prefix)] = UInt32(next + 1)
    next = next + 1 == capacity ? 0 : next + 1
    return true
  }

  /// Where a prefix stands in the table, or else the empty place where it would.
  private func place(of prefix: Prefix) -> Int {
    var place = home(of: prefix)
    while table[place] != 0, ring[Int(table[place]) - 1] != prefix { place = (place + 1) & mask }
    return place
  }

  /// Where the search for a prefix begins; its bits are random enough as they are.
  private func home(of prefix: Prefix) -> Int {
    Int(truncatingIfNeeded: prefix.low ^ prefix.high) & mask
  }

  /// Takes a prefix out of the table, and moves those behind it up that would not be found any more.
  private func forget(_ prefix: Prefix) {
    var hole = place(of: prefix)
    var place = hole
    while true {
      place = (place + 1) & mask
      guard table[place] != 0 else { break }
      let home = home(of: ring[Int(table[place]) - 1])
      // Counted around the table, the search for it starts at or before the hole.
      if (place - home) & mask >= (place - hole) & mask {
        table[hole] = table[place]
        hole = place
      }
    }
    table[hole] = 0
  }
}
