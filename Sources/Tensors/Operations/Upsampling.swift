import Compute

extension Tensor {
  /// Images enlarged by a whole factor: every pixel becomes `factor` × `factor` pixels.
  ///
  /// Shapes: `[N, H, W, C]` gives `[N, factor · H, factor · W, C]`.
  ///
  /// - Throws: `TensorError.shape` when the input is not of rank 4 or empty; `TensorError.argument`
  ///   for a factor below 1.
  public func upsampled(by factor: Int) throws(TensorError) -> Tensor {
    let operation = "upsampled"
    try checkImages(operation)
    try TensorError.check(["factor": factor], atLeast: 1, operation: operation)
    guard factor > 1 else { return self }
    let (small, width, channels) = (shape, shape[2], shape[3])
    let (line, lines) = (width * channels, shape[0] * shape[1])
    let grain = Swift.max(1, Elementwise.grain / (line * factor * factor))
    let large = [shape[0], shape[1] * factor, width * factor, channels]
    let output = withExtendedLifetime(self) {
      Tensor.written(large) { target in
        Parallel.ranges(lines, grain: grain) { range in
          for row in range {
            let (source, first) = (pointer + row * line, target + row * line * factor * factor)
            for x in 0..<width {
              for copy in x * factor..<(x + 1) * factor {
                (first + copy * channels).copy(source + x * channels, channels)
              }
            }
            for copy in 1..<factor {
              (first + copy * line * factor).update(from: first, count: line * factor)
            }
          }
        }
      }
    }
    return try Tape.record(operation, [self], output: output) {
      (upstream, _) throws(TensorError) in
      [
        withExtendedLifetime(upstream) {
          Tensor.written(small) { target in
            Parallel.ranges(lines, grain: grain) { range in
              let sum = Buffer(count: line * factor)
              for row in range {
                let (source, sums) = (upstream.pointer + row * line * factor * factor, sum.pointer)
                sums.update(from: source, count: line * factor)
                for copy in 1..<factor {
                  Elementwise.zip(
                    0..<line * factor, sums, source + copy * line * factor, into: sums
                  ) { $0 + $1 }
                }
                for x in 0..<width {
                  let pixel = target + row * line + x * channels
                  pixel.copy(sums + x * factor * channels, channels)
                  for copy in x * factor + 1..<(x + 1) * factor {
                    pixel.add(sums + copy * channels, channels)
                  }
                }
              }
              withExtendedLifetime(sum) {}
            }
          }
        }
      ]
    }
  }
}

extension UnsafeMutablePointer<Float> {
  /// Copies the channels of a pixel; a call would cost more than a few values.
  @inline(__always)
  func copy(_ source: UnsafePointer<Float>, _ channels: Int) {
    if channels < 8 {
      for c in 0..<channels { self[c] = source[c] }
    } else {
      update(from: source, count: channels)
    }
  }

  /// Adds the channels of a pixel.
  @inline(__always)
  func add(_ source: UnsafePointer<Float>, _ channels: Int) {
    if channels < 16 {
      for c in 0..<channels { self[c] += source[c] }
    } else {
      Elementwise.zip(0..<channels, self, source, into: self) { $0 + $1 }
    }
  }
}
