import CellLanguage
import Datasets
import Tensors

extension ImageSet {
  /// Works through the images in parts, so that a large set is never expanded whole and an interrupt is heard.
  ///
  /// - Parameters:
  ///   - work: What is being done, for the message of one who interrupts it.
  ///   - body: Takes the places of a part in the set, and its images `[n, H, W, C]`.
  /// - Throws: `CellError` of an interrupt, and whatever the body throws.
  func eachPart(
    in context: any Context, _ work: String, _ body: (Range<Int>, Tensor) throws -> Void
  ) throws {
    for start in stride(from: 0, to: count, by: 250) {
      if context.isInterrupted {
        throw CellError(
          .interrupted,
          "\(work) stopped after \(Written.count(start)) of \(Written.count(count)) images")
      }
      let part = start..<min(start + 250, count)
      try body(part, tensor(at: Array(part)))
    }
  }
}
