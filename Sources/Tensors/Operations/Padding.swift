import Compute

/// What stands in the pixels that padding adds to an image.
public enum PaddingMode: Sendable, Hashable {
  /// One value.
  case constant(Float)
  /// The image mirrored in the centres of its outermost pixels, which are not repeated (PyTorch's
  /// `reflect`).
  ///
  /// A warp with the fill of that name mirrors at the pixels' outer edges instead.
  case reflect
  /// The nearest pixel (PyTorch's `replicate`).
  case edge
}

extension Tensor {
  /// Images with pixels added on each side.
  ///
  /// Shapes: `[N, H, W, C]` gives `[N, top + H + bottom, left + W + right, C]`.
  ///
  /// - Throws: `TensorError.shape` when the input is not of rank 4 or empty; `TensorError.argument`
  ///   for a side below 0, or one that mirroring cannot fill.
  public func padded(
    top: Int = 0, left: Int = 0, bottom: Int = 0, right: Int = 0,
    mode: PaddingMode = .constant(0)
  ) throws(TensorError) -> Tensor {
    let operation = "padded"
    try checkImages(operation)
    let (height, width) = (shape[1], shape[2])
    for (name, side, length) in [
      ("top", top, height), ("left", left, width), ("bottom", bottom, height),
      ("right", right, width),
    ] {
      guard side >= 0 else {
        throw .argument(
          operation: operation, name: name, value: "\(side)",
          fix: "it must be at least 0; cropped(rows:columns:) takes pixels away")
      }
      guard mode != .reflect || side < length else {
        throw .argument(
          operation: operation, name: name, value: "\(side)",
          fix: "mirroring fills at most \(length - 1) pixels of images with \(length)")
      }
    }
    let frame = Frame(
      top: top, left: left, height: top + height + bottom, width: left + width + right)
    if case .constant(let value) = mode {
      return try framed(frame, value: value, operation: operation)
    }
    let (rows, columns) = (
      mode.sources(frame.height, from: top, length: height),
      mode.sources(frame.width, from: left, length: width)
    )
    let (small, channels) = (shape, shape[3])
    let output = withExtendedLifetime(self) {
      spread(rows: rows, columns: columns, left: left)
    }
    return try Tape.record(operation, [self], output: output) {
      (upstream, _) throws(TensorError) in
      [
        upstream.gathered(
          into: small, channels: channels, rows: rows, columns: columns, left: left)
      ]
    }
  }

  /// Pixel (y, x) of the result is pixel (rows[y], columns[x]); from `left` on the columns are the
  /// image's own.
  private func spread(rows: [Int], columns: [Int], left: Int) -> Tensor {
    let (height, width, channels) = (shape[1], shape[2], shape[3])
    let (line, lines) = (columns.count * channels, shape[0] * rows.count)
    return .written([shape[0], rows.count, columns.count, channels]) { target in
      Parallel.ranges(lines, grain: Swift.max(1, Elementwise.grain / line)) { range in
        for item in range {
          let (n, y) = (item / rows.count, item % rows.count)
          let (source, place) = (
            pointer + (n * height + rows[y]) * width * channels,
            target + item * line
          )
          (place + left * channels).update(from: source, count: width * channels)
          for x in 0..<left {
            (place + x * channels).copy(source + columns[x] * channels, channels)
          }
          for x in left + width..<columns.count {
            (place + x * channels).copy(source + columns[x] * channels, channels)
          }
        }
      }
    }
  }

  /// The adjoint of `spread`: adds every pixel to the one that it was read from, row by row.
  private func gathered(
    into shape: [Int], channels: Int, rows: [Int], columns: [Int], left: Int
  ) -> Tensor {
    let (height, width) = (shape[1], shape[2])
    let line = columns.count * channels
    return withExtendedLifetime(self) {
      .written(shape) { target in
        let image = height * width * channels
        Parallel.ranges(shape[0], grain: Swift.max(1, Elementwise.grain / image)) { range in
          for n in range {
            (target + n * image).update(repeating: 0, count: image)
            for y in rows.indices {
              let source = pointer + (n * rows.count + y) * line
              let place = target + n * image + rows[y] * width * channels
              place.add(source + left * channels, width * channels)
              for x in 0..<left {
                (place + columns[x] * channels).add(source + x * channels, channels)
              }
              for x in left + width..<columns.count {
                (place + columns[x] * channels).add(source + x * channels, channels)
              }
            }
          }
        }
      }
    }
  }
}

extension PaddingMode {
  /// For each of `count` places of a padded side the place that it shows; the image starts at `start`.
  fileprivate func sources(_ count: Int, from start: Int, length: Int) -> [Int] {
    (0..<count).map { place in
      let index = place - start
      guard self == .reflect else { return min(max(0, index), length - 1) }
      return length - 1 - abs(length - 1 - abs(index))
    }
  }
}
