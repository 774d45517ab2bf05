public import Tensors

/// The order of an epoch cut into batches: a sequence of ranges of 0..<count.
///
/// ```swift
/// let order = Batches.order(epoch: 3, count: set.count, generator: generator)
/// for range in Batches(count: set.count, size: 128) { set.fill(buffer, at: order[range]) }
/// ```
public struct Batches: Sendable, Sequence {
  /// The number of images in an epoch.
  public let count: Int
  /// The number of images in a batch; the last may have fewer.
  public let size: Int
  /// Whether a last batch with fewer images is given.
  public let keepsLast: Bool

  /// Cuts `count` images into batches of `size`, at least 1.
  public init(count: Int, size: Int, keepsLast: Bool = true) {
    self.count = Swift.max(0, count)
    self.size = Swift.max(1, size)
    self.keepsLast = keepsLast
  }

  /// The number of batches.
  public var batchCount: Int {
    // Without count + size - 1, which could overflow.
    count / size + (keepsLast && count % size > 0 ? 1 : 0)
  }

  /// The range of a batch; a position in the epoch is found again by its number.
  public func range(_ batch: Int) -> Range<Int> {
    precondition(batch >= 0 && batch < batchCount, "the batch is in the epoch")
    return batch * size..<batch * size + Swift.min(size, count - batch * size)
  }

  /// The ranges in order.
  public func makeIterator() -> some IteratorProtocol<Range<Int>> {
    (0..<batchCount).lazy.map(range).makeIterator()
  }

  /// The order of the images in an epoch: a permutation that depends on the generator's key and the epoch alone.
  public static func order(epoch: Int, count: Int, generator: Generator) -> [Int] {
    var stream = generator.split(.shuffle, epoch)
    return stream.permutation(count)
  }
}
