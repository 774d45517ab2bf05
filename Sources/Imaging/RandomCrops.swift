import Compute
public import Tensors

extension Tensor {
  /// The images `[N, H, W, C]`, each padded with black and cut out again at a random place: moved by up to
  /// `padding` pixels along both axes, and mirrored left to right or not, as images of supervised training usually are
  /// (He et al., 2016, section 4.2).
  ///
  /// - Throws: `TensorError.shape` when the images are not of rank 4; `TensorError.argument` for a negative padding;
  ///   `TensorError.derivative` when a tape tracks the images.
  public func randomlyCropped(
    padding: Int, mirrors: Bool, using generator: inout Generator
  ) throws(TensorError) -> Tensor {
    guard !isTracked else {
      throw .derivative(
        operation: "random crops", fix: "they have no derivative; crop `images.detached`")
    }
    guard padding >= 0 else {
      throw .argument(
        operation: "random crops", name: "padding", value: "\(padding)",
        fix: "give 0 pixels or more")
    }
    let size = try ImageSize(of: self)
    var crops: [(down: Int, right: Int, isMirrored: Bool)] = []
    for _ in 0..<shape[0] {
      let (down, right) = (
        generator.integer(in: -padding...padding), generator.integer(in: -padding...padding)
      )
      crops.append((down, right, mirrors && generator.integer(in: 0...1) == 1))
    }
    let (height, width, channels) = (size.height, size.width, shape[3])
    let length = height * width * channels
    return Tensor(shape: shape) { target in
      withUnsafeScalars { source in
        guard let target = target.baseAddress, let source = source.baseAddress else { return }
        Parallel.ranges(crops.count) { range in
          for row in range {
            let (from, to, crop) = (source + row * length, target + row * length, crops[row])
            for y in 0..<height {
              for x in 0..<width {
                let (u, v) = (y + crop.down, (crop.isMirrored ? width - 1 - x : x) + crop.right)
                let isInside = (0..<height).contains(u) && (0..<width).contains(v)
                let (pixel, place) = ((u * width + v) * channels, (y * width + x) * channels)
                for c in 0..<channels { to[place + c] = isInside ? from[pixel + c] : 0 }
              }
            }
          }
        }
      }
    }
  }
}
