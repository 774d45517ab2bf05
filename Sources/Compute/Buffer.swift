import Glibc
import Synchronization

/// Aligned memory for `Float` values, taken from and returned to a pool.
///
/// A training step asks for the same sizes again and again; once each size has been seen, no step
/// asks the system for memory, so it takes no page faults either.
///
/// `@unchecked Sendable`: whoever creates a buffer fills it before publishing it and nobody writes to
/// it afterwards, except through `isKnownUniquelyReferenced`.
public final class Buffer: @unchecked Sendable {
  /// The first value, aligned to 64 bytes.
  public let pointer: UnsafeMutablePointer<Float>
  /// The number of values asked for.
  public let count: Int
  private let capacity: Int

  /// Takes an uninitialised buffer of `count` values from the pool.
  public init(count: Int) {
    self.count = count
    (pointer, capacity) = BufferPool.shared.take(count)
    #if SANITIZE_ADDRESS
      forbid(pointer, capacity * 4)
      allow(pointer, count * 4)
    #endif
  }

  deinit {
    #if SANITIZE_ADDRESS
      forbid(pointer, capacity * 4)
    #endif
    BufferPool.shared.give(pointer, capacity)
  }
}

#if SANITIZE_ADDRESS
  // Blocks never go back to the system, so the sanitizer has to be told which of them are in use.
  @_silgen_name("__asan_poison_memory_region")
  private func forbid(_: UnsafeMutableRawPointer, _: Int)
  @_silgen_name("__asan_unpoison_memory_region")
  private func allow(_: UnsafeMutableRawPointer, _: Int)
#endif

/// Free lists of aligned blocks by size class.
public final class BufferPool: Sendable {
  /// The pool that every `Buffer` uses.
  public static let shared = BufferPool()

  /// What the pool has asked of the system since the process started.
  public struct Statistics: Sendable, Equatable {
    /// Blocks asked of the system.
    public var systemAllocations = 0
    /// Bytes asked of the system and still held, in use or free.
    public var bytesHeld = 0
    /// Bytes in use now.
    public var bytesInUse = 0
  }

  private struct State: ~Copyable {
    var free: [Int: [UInt]] = [:]
    var arena = Arena()
    var statistics = Statistics()
  }
  private let state = Mutex(State())

  /// The least number of values of a block that is cut from the arena: two thousand times less than the
  /// arena could hold, so that its gaps are soon looked through.
  private static let large = 1 << 16

  private init() {}

  /// The counters at this moment.
  public var statistics: Statistics { state.withLock { $0.statistics } }

  /// Returns all free blocks to the system.
  public func trim() {
    state.withLock { state in
      for (capacity, blocks) in state.free {
        for block in blocks { Glibc.free(UnsafeMutableRawPointer(bitPattern: block)) }
        state.statistics.bytesHeld -= blocks.count * capacity * 4
      }
      state.free = [:]
      state.statistics.bytesHeld -= state.arena?.trim() ?? 0
    }
  }

  /// The size class of a request: eight classes per power of two waste at most an eighth.
  static func capacity(for count: Int) -> Int {
    let least = max(count, 16)
    let shift = max(0, Int.bitWidth - 4 - least.leadingZeroBitCount)
    let step = 1 << shift
    return max(16, (least + step - 1) / step * step)
  }

  /// A block for so many values: a large one from the arena; else one of its size class, or of at most
  /// twice the size, that nobody uses: which sizes are in use at the same time depends on the timing of
  /// threads, and a step must not depend on it.
  func take(_ count: Int) -> (UnsafeMutablePointer<Float>, capacity: Int) {
    let least = Self.capacity(for: count)
    let (block, capacity): (UInt?, Int) = state.withLock { state in
      if count >= Self.large, let (block, new) = state.arena?.take(count * 4) {
        let bytes = Arena.rounded(count * 4)
        state.statistics.bytesInUse += bytes
        state.statistics.bytesHeld += new
        if new > 0 { state.statistics.systemAllocations += 1 }
        return (block, bytes / 4)
      }
      var capacity = least
      while capacity <= 2 * least {
        if let block = state.free[capacity]?.popLast() {
          state.statistics.bytesInUse += capacity * 4
          return (block, capacity)
        }
        capacity = Self.capacity(for: capacity + 1)
      }
      state.statistics.bytesInUse += least * 4
      state.statistics.systemAllocations += 1
      state.statistics.bytesHeld += least * 4
      return (nil, least)
    }
    if let block, let raw = UnsafeMutableRawPointer(bitPattern: block) {
      return (raw.assumingMemoryBound(to: Float.self), capacity)
    }
    var raw: UnsafeMutableRawPointer?
    if posix_memalign(&raw, 64, least * 4) != 0 {
      trim()
      _ = posix_memalign(&raw, 64, least * 4)
    }
    guard let raw else {
      // Nothing above can go on without the memory it was promised.
      preconditionFailure("out of memory: \(least * 4) bytes")
    }
    let floats = raw.bindMemory(to: Float.self, capacity: least)
    // A page comes when it is first written to: now, and not in the middle of a later step.
    for place in stride(from: 0, to: least, by: 1024) { floats[place] = 0 }
    return (floats, least)
  }

  func give(_ pointer: UnsafeMutablePointer<Float>, _ capacity: Int) {
    let block = UInt(bitPattern: pointer)
    state.withLock { state in
      state.statistics.bytesInUse -= capacity * 4
      if state.arena?.owns(block) == true {
        state.arena?.give(block, capacity * 4)
      } else {
        state.free[capacity, default: []].append(block)
      }
    }
  }
}
