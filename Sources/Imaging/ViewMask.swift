import Compute
import Tensors

/// The part of both views that a model gets to see.
///
/// What is hidden has one value in both views, so that the frame's outline cannot betray the
/// transformation there.
public enum ViewMask: String, Sendable, Hashable, CaseIterable {
  /// Everything.
  case whole
  /// The circle inscribed in the frame: a turn about the centre brings nothing into it from beyond the
  /// frame.
  case circle

  /// What a description adds for it.
  var note: String { self == .whole ? "" : ", \(rawValue) mask" }

  /// The columns that each row of an image shows; a pixel is shown when its centre lies inside.
  func columns(size: ImageSize) -> [Range<Int>] {
    guard self == .circle else {
      return [Range<Int>](repeating: 0..<size.width, count: size.height)
    }
    // In half pixels: all numbers are whole, and nothing is rounded.
    let diameter = size.shorterSide
    return (0..<size.height).map { row in
      let y = 2 * row + 1 - size.height
      let inside = (0..<size.width).filter { column in
        let x = 2 * column + 1 - size.width
        return x * x + y * y <= diameter * diameter
      }
      guard let first = inside.first, let last = inside.last else { return 0..<0 }
      return first..<last + 1
    }
  }

  /// Gives the hidden pixels of images `[N, H, W, C]` one value.
  func hide(
    _ images: UnsafeMutableBufferPointer<Float>, count: Int, size: ImageSize, channels: Int,
    value: Float
  ) {
    guard self != .whole, let start = images.baseAddress else { return }
    let shown = columns(size: size)
    let row = size.width * channels
    Parallel.ranges(count, grain: 16) { range in
      for n in range {
        for (y, columns) in shown.enumerated() {
          let line = start + (n * size.height + y) * row
          line.update(repeating: value, count: columns.lowerBound * channels)
          (line + columns.upperBound * channels).update(
            repeating: value, count: row - columns.upperBound * channels)
        }
      }
    }
  }
}

extension Tensor {
  /// The images `[N, H, W, C]` with one value wherever a mask hides them.
  func hidden(by mask: ViewMask, value: Float) throws(TensorError) -> Tensor {
    guard mask != .whole else { return self }
    let size = try ImageSize(of: self)
    return Tensor(shape: shape) { target in
      withUnsafeScalars { source in
        guard let from = source.baseAddress, let to = target.baseAddress else { return }
        to.update(from: from, count: source.count)
      }
      mask.hide(target, count: shape[0], size: size, channels: shape[3], value: value)
    }
  }
}

extension Fill {
  /// What a mask hides with: the value of a constant fill, else the released code's grey.
  var hidingValue: Float {
    if case .constant(let value) = self { return value }
    return 128.0 / 255
  }
}
