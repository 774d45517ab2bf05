import Tensors

extension Tensor {
  /// Images padded with black, cropped back to their size at random, and mirrored left to right with
  /// probability 1/2: the augmentation of the published probes.
  ///
  /// Shapes: `[N, H, W, C]` gives the same. Off the tape.
  ///
  /// - Throws: `TensorError.shape` when the input is not of rank 4.
  func croppedAndTurned(
    padding: Int, using generator: inout Generator
  ) throws(TensorError) -> Tensor {
    guard rank == 4 else {
      throw .shape(operation: "crop", shapes: [shape], fix: "give images [N, H, W, C]")
    }
    let (count, height, width, channels) = (shape[0], shape[1], shape[2], shape[3])
    let draws = (0..<count).map { _ in
      (
        down: generator.integer(in: -padding...padding),
        right: generator.integer(in: -padding...padding), turns: generator.integer(in: 0...1) == 1
      )
    }
    return Tensor(shape: shape) { target in
      target.update(repeating: 0)
      withUnsafeScalars { source in
        for (image, draw) in draws.enumerated() {
          for row in 0..<height where (0..<height).contains(row + draw.down) {
            let from = ((image * height) + row + draw.down) * width
            let to = (image * height + row) * width
            for column in 0..<width {
              let place = (draw.turns ? width - 1 - column : column) + draw.right
              guard (0..<width).contains(place) else { continue }
              for channel in 0..<channels {
                target[(to + column) * channels + channel] =
                  source[(from + place) * channels + channel]
              }
            }
          }
        }
      }
    }
  }
}
