import Compute

extension Tensor {
  /// The part of every image that lies in a range of rows and a range of columns.
  ///
  /// Shapes: `[N, H, W, C]` gives `[N, rows.count, columns.count, C]`.
  ///
  /// - Throws: `TensorError.shape` when the input is not of rank 4 or empty; `TensorError.argument`
  ///   for a range that is empty or reaches beyond the image.
  public func cropped(rows: Range<Int>, columns: Range<Int>) throws(TensorError) -> Tensor {
    let operation = "cropped"
    try checkImages(operation)
    for (name, range, size) in [("rows", rows, shape[1]), ("columns", columns, shape[2])] {
      guard !range.isEmpty, range.lowerBound >= 0, range.upperBound <= size else {
        throw .argument(
          operation: operation, name: name, value: "\(range)",
          fix: "the images have \(size) of them, counted from 0; keep at least one")
      }
    }
    return try framed(
      Frame(
        top: -rows.lowerBound, left: -columns.lowerBound, height: rows.count,
        width: columns.count),
      value: 0, operation: operation)
  }

  /// Every image moved by whole pixels within its frame; `value` comes in, and what leaves the frame
  /// is lost.
  ///
  /// A shift down by one row before a convolution that looks only upwards hides a pixel from
  /// itself: that makes the convolutions of autoregressive models causal.
  ///
  /// Shapes: `[N, H, W, C]` gives the same. Negative numbers move up and to the left.
  ///
  /// - Throws: `TensorError.shape` when the input is not of rank 4 or empty.
  public func shifted(
    down: Int = 0, right: Int = 0, value: Float = 0
  ) throws(TensorError) -> Tensor {
    try checkImages("shifted")
    return try framed(
      Frame(top: down, left: right, height: shape[1], width: shape[2]), value: value,
      operation: "shifted")
  }

  /// The images in another frame; `value` stands where the frame is beyond the image.
  func framed(_ frame: Frame, value: Float, operation: String) throws(TensorError) -> Tensor {
    let (height, width) = (shape[1], shape[2])
    let output = inFrame(frame, value: value)
    let back = Frame(top: -frame.top, left: -frame.left, height: height, width: width)
    return try Tape.record(operation, [self], output: output) {
      (upstream, _) throws(TensorError) in [upstream.inFrame(back, value: 0)]
    }
  }

  private func inFrame(_ frame: Frame, value: Float) -> Tensor {
    let (height, width, channels) = (shape[1], shape[2], shape[3])
    let line = frame.width * channels
    // The columns and rows of the frame that show the image.
    let columns = frame.columns(of: width)
    let rows = frame.rows(of: height)
    let lines = shape[0] * frame.height
    return withExtendedLifetime(self) {
      .written([shape[0], frame.height, frame.width, channels]) { target in
        Parallel.ranges(lines, grain: Swift.max(1, Elementwise.grain / line)) { range in
          for item in range {
            let (n, y) = (item / frame.height, item % frame.height)
            let place = target + item * line
            guard rows.contains(y), !columns.isEmpty else {
              place.update(repeating: value, count: line)
              continue
            }
            let first = ((n * height + y - frame.top) * width + columns.lowerBound - frame.left)
            place.update(repeating: value, count: columns.lowerBound * channels)
            (place + columns.lowerBound * channels).update(
              from: pointer + first * channels, count: columns.count * channels)
            (place + columns.upperBound * channels).update(
              repeating: value, count: line - columns.upperBound * channels)
          }
        }
      }
    }
  }
}

/// A frame of pixels over images: the image's first pixel is at row `top` and column `left` of it.
struct Frame: Sendable {
  let top: Int
  let left: Int
  let height: Int
  let width: Int

  /// The rows that show an image of a height.
  func rows(of imageHeight: Int) -> Range<Int> {
    Self.overlap(top, imageHeight, height)
  }

  /// The columns that show an image of a width.
  func columns(of imageWidth: Int) -> Range<Int> {
    Self.overlap(left, imageWidth, width)
  }

  private static func overlap(_ start: Int, _ length: Int, _ size: Int) -> Range<Int> {
    let lower = min(max(0, start), size)
    return lower..<max(lower, min(size, start + length))
  }
}
