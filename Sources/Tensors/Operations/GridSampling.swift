import Compute

/// What a position beyond an image reads, in `gridSampled(_:fill:)`.
public enum GridFill: Sendable, Hashable {
  /// One value; at the image's edge it is interpolated with the pixels.
  case constant(Float)
  /// The nearest pixel.
  case clamp
  /// The image mirrored at the edges of its frame, half a pixel beyond the outermost centres.
  case reflect
}

extension Tensor {
  /// The images at the positions of a grid, interpolated bilinearly (Jaderberg et al., 2015).
  ///
  /// Shapes: `[N, H, W, C]` with `grid` `[N, H', W', 2]` gives `[N, H', W', C]`. The grid holds
  /// (x, y), x to the right and y downwards, in normalised coordinates: the frame is
  /// [-1, 1] × [-1, 1] and pixel i of W has its centre at (2i + 1)/W − 1 (PyTorch's
  /// `align_corners=False`).
  ///
  /// Both inputs have gradients. Between pixels the grid's is the slope of the interpolation, at the
  /// edge that to the fill; where a position is held at the outermost pixels it is zero.
  ///
  /// - Throws: `TensorError.shape` when the shapes do not fit or something is empty.
  public func gridSampled(
    _ grid: Tensor, fill: GridFill = .constant(0)
  ) throws(TensorError) -> Tensor {
    let operation = "gridSampled"
    try checkImages(operation)
    guard grid.rank == 4, grid.shape[3] == 2, grid.shape[0] == shape[0] else {
      throw .shape(
        operation: operation, shapes: [shape, grid.shape],
        fix: "the grid must be [\(shape[0]), height, width, 2]")
    }
    guard grid.count > 0 else {
      throw .shape(
        operation: operation, shapes: [shape, grid.shape], fix: "the grid has no positions")
    }
    guard
      let plan = GridSampling(
        images: shape[0], height: shape[1], width: shape[2], channels: shape[3],
        positions: grid.shape[1] * grid.shape[2], border: fill.border)
    else {
      throw .shape(
        operation: operation, shapes: [shape, grid.shape],
        fix: "an image has at most \(GridSampling.largestSide) pixels a side")
    }
    let output = withExtendedLifetime((self, grid)) {
      Tensor.written(grid.shape.dropLast() + [shape[3]]) {
        plan.forward(image: pointer, grid: grid.pointer, into: $0)
      }
    }
    let (image, positions) = (detached, grid.detached)
    return try Tape.record(operation, [self, grid], output: output) {
      (upstream, needed) throws(TensorError) in
      withExtendedLifetime((upstream, image, positions)) {
        [
          needed[0]
            ? .written(image.shape) {
              plan.backwardImage(
                grid: positions.pointer, gradient: upstream.pointer, into: $0)
            } : nil,
          needed[1]
            ? .written(positions.shape) {
              plan.backwardGrid(
                image: image.pointer, grid: positions.pointer, gradient: upstream.pointer,
                into: $0)
            } : nil,
        ]
      }
    }
  }

  /// Where homographies read for every pixel of an output: the grid for `gridSampled`.
  ///
  /// `(x, y) ↦ (u, v) / w` with `(u, v, w) = H (x, y, 1)` at every pixel centre, in normalised
  /// coordinates (see `gridSampled`): matrices map from output to input, and an affine one has
  /// (0, 0, 1) in its last row.
  ///
  /// Shapes: `[N, 3, 3]` gives `[N, height, width, 2]`.
  ///
  /// - Throws: `TensorError.shape` when the matrices have another shape or there are none;
  ///   `TensorError.argument` for a size below 1.
  public func homographyGrid(height: Int, width: Int) throws(TensorError) -> Tensor {
    let operation = "homographyGrid"
    guard rank == 3, shape[1] == 3, shape[2] == 3 else {
      throw .shape(operation: operation, shapes: [shape], fix: "matrices are [N, 3, 3]")
    }
    guard count > 0 else {
      throw .shape(
        operation: operation, shapes: [shape], fix: "the batch is empty; give at least one matrix")
    }
    for (name, size) in [("height", height), ("width", width)] where size < 1 {
      throw .argument(
        operation: operation, name: name, value: "\(size)", fix: "it must be at least 1")
    }
    guard let plan = HomographyGrid(count: shape[0], height: height, width: width) else {
      throw .shape(operation: operation, shapes: [shape], fix: "matrices are [N, 3, 3]")
    }
    let output = withExtendedLifetime(self) {
      Tensor.written([shape[0], height, width, 2]) {
        plan.forward(matrices: pointer, into: $0)
      }
    }
    let matrices = detached
    return try Tape.record(operation, [self], output: output) {
      (upstream, _) throws(TensorError) in
      [
        withExtendedLifetime((upstream, matrices, output)) {
          .written(matrices.shape) {
            plan.backward(
              matrices: matrices.pointer, grid: output.pointer, gradient: upstream.pointer,
              into: $0)
          }
        }
      ]
    }
  }
}

extension GridFill {
  fileprivate var border: GridSampling.Border {
    switch self {
    case .constant(let value): .constant(value)
    case .clamp: .clamp
    case .reflect: .reflect
    }
  }
}
