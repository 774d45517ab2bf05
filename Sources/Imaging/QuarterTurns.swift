import Compute
public import Tensors

extension Tensor {
  /// Copies of the images `[N, H, W, C]`, turned clockwise by quarter turns, pixel by pixel, without any
  /// interpolation: all of them by the first number of turns, then all by the second, and so on.
  ///
  /// The result is `[turns.count · N, H, W, C]`; row r shows image r mod N.
  ///
  /// - Throws: `TensorError.shape` when the images are not of rank 4, or not square and turned by an odd number of
  ///   quarters; `TensorError.argument` for no turns; `TensorError.derivative` when a tape tracks the images.
  public func quarterTurned(by turns: [Int]) throws(TensorError) -> Tensor {
    guard !isTracked else {
      throw .derivative(
        operation: "quarter turns", fix: "they have no derivative; turn `images.detached`")
    }
    guard !turns.isEmpty else {
      throw .argument(
        operation: "quarter turns", name: "turns", value: "[]", fix: "give at least one, such as 0")
    }
    let size = try ImageSize(of: self)
    let quarters = turns.map { (($0 % 4) + 4) % 4 }
    guard size.height == size.width || quarters.allSatisfy({ $0 % 2 == 0 }) else {
      throw .shape(
        operation: "quarter turns", shapes: [shape],
        fix: "only square images keep their shape at a quarter turn; take half turns")
    }
    let (count, height, width, channels) = (shape[0], size.height, size.width, shape[3])
    let length = height * width * channels
    return Tensor(shape: [quarters.count * count, height, width, channels]) { target in
      withUnsafeScalars { source in
        guard let target = target.baseAddress, let source = source.baseAddress else { return }
        Parallel.ranges(quarters.count * count) { range in
          for row in range {
            let (from, to) = (source + row % count * length, target + row * length)
            for y in 0..<height {
              for x in 0..<width {
                let (u, v) =
                  switch quarters[row / count] {
                  case 0: (y, x)
                  case 1: (height - 1 - x, y)
                  case 2: (height - 1 - y, width - 1 - x)
                  default: (x, width - 1 - y)
                  }
                let (pixel, place) = ((u * width + v) * channels, (y * width + x) * channels)
                for c in 0..<channels { to[place + c] = from[pixel + c] }
              }
            }
          }
        }
      }
    }
  }
}
