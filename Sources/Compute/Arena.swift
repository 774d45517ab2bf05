import Glibc

/// One reserved range of addresses that large blocks are cut from, side by side, and join again when they
/// come back.
///
/// Blocks of a training step differ in size, and lists of free blocks by size would hold each size's own
/// peak: twice what a step ever uses at once. Pages are real once they have been touched, and large where
/// the system grants it, so that walking through them costs few look-ups.
struct Arena: ~Copyable {
  /// Free addresses side by side, in bytes from the start.
  private struct Gap {
    var start: Int
    var size: Int
    /// Whether the pages were given back to the system.
    var isReturned: Bool
    var end: Int { start + size }
  }

  private let base: UInt
  private let reserved: Int
  /// In order, none touching the next one of its kind.
  private var gaps: [Gap] = []
  /// Where the addresses begin that were never used.
  private var top = 0

  private static let page = 4096
  /// Linux's MADV_POPULATE_WRITE.
  private static let populate: Int32 = 23

  /// Reserves as many addresses as the machine has memory; `nil` when the system grants none.
  init?() {
    var size = max(1 << 30, sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)))
    while size >= 1 << 28 {
      let base = mmap(
        nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
      if let base, base != MAP_FAILED {
        madvise(base, size, MADV_HUGEPAGE)
        (self.base, reserved) = (UInt(bitPattern: base), size)
        gaps.reserveCapacity(1 << 10)
        return
      }
      size /= 2
    }
    return nil
  }

  /// The bytes that a block of so many takes.
  static func rounded(_ bytes: Int) -> Int { (bytes + page - 1) / page * page }

  /// A block of `rounded(bytes)`, and how many of them the system has to give now; `nil` when there is no
  /// more room.
  mutating func take(_ bytes: Int) -> (block: UInt, new: Int)? {
    let size = Self.rounded(bytes)
    // The smallest gap that fits leaves the large ones whole.
    var best: Int?
    for (place, gap) in gaps.enumerated() where gap.size >= size {
      if best.map({ gaps[$0].size > gap.size }) ?? true { best = place }
    }
    if let best {
      let gap = gaps[best]
      if gap.size == size {
        gaps.remove(at: best)
      } else {
        gaps[best] = Gap(
          start: gap.start + size, size: gap.size - size, isReturned: gap.isReturned)
      }
      return (base + UInt(gap.start), gap.isReturned ? size : 0)
    }
    // A gap at the end grows into what follows.
    var (start, new) = (top, size)
    if let last = gaps.last, last.end == top, !last.isReturned {
      start = last.start
      new = size - last.size
    }
    guard start + size <= reserved else { return nil }
    if start < top { gaps.removeLast() }
    top = start + size
    // Pages come now and not when a thread that had nothing to do so far first writes to them; where the
    // system does not know this advice, they come then.
    madvise(UnsafeMutableRawPointer(bitPattern: base + UInt(top - new)), new, Self.populate)
    return (base + UInt(start), new)
  }

  /// Whether a block was cut from here.
  func owns(_ block: UInt) -> Bool { block >= base && block < base + UInt(reserved) }

  /// Takes a block back.
  mutating func give(_ block: UInt, _ bytes: Int) {
    var gap = Gap(start: Int(block - base), size: Self.rounded(bytes), isReturned: false)
    var (low, high) = (0, gaps.count)
    while low < high {
      let middle = (low + high) / 2
      if gaps[middle].start < gap.start { low = middle + 1 } else { high = middle }
    }
    if low < gaps.count, gaps[low].start == gap.end, !gaps[low].isReturned {
      gap.size += gaps.remove(at: low).size
    }
    if low > 0, gaps[low - 1].end == gap.start, !gaps[low - 1].isReturned {
      gaps[low - 1].size += gap.size
    } else {
      gaps.insert(gap, at: low)
    }
  }

  /// Gives the pages of all gaps back to the system and tells how many bytes they were.
  mutating func trim() -> Int {
    var bytes = 0
    for place in gaps.indices where !gaps[place].isReturned {
      madvise(
        UnsafeMutableRawPointer(bitPattern: base + UInt(gaps[place].start)), gaps[place].size,
        MADV_DONTNEED)
      gaps[place].isReturned = true
      bytes += gaps[place].size
    }
    return bytes
  }
}
