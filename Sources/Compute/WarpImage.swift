/// A copy of an image with a border: one pixel before, two after, on both axes.
///
/// Pixel (x, y) of the image is pixel (x + 1, y + 1) of the copy.
struct WarpImage {
  let height: Int
  let width: Int
  let channels: Int
  /// Values a row of the copy.
  let stride: Int
  let pixels: UnsafeMutablePointer<Float>

  /// Values that the copy needs; some at the end let the last pixel be read four at a time.
  static func capacity(_ layout: Warp.Layout) -> Int {
    (layout.height + 3) * (layout.width + 3) * layout.channels + 4
  }

  init(_ layout: Warp.Layout, _ pixels: UnsafeMutablePointer<Float>) {
    height = layout.height
    width = layout.width
    channels = layout.channels
    stride = (layout.width + 3) * layout.channels
    self.pixels = pixels
    (pixels + stride * (layout.height + 3)).update(repeating: 0, count: 4)
  }

  /// Copies an image and sets its border.
  func copy(_ source: UnsafePointer<Float>, border: Warp.Border) {
    let values = width * channels
    for y in 0..<height {
      (pixels + (y + 1) * stride + channels).update(from: source + y * values, count: values)
    }
    switch border {
    case .constant(let value): surround(with: value)
    case .background: surround(with: 0)
    case .hard, .reflect, .clamp: extendEdges()
    }
  }

  private func surround(with value: Float) {
    for y in 0..<height {
      let row = pixels + (y + 1) * stride
      row.update(repeating: value, count: channels)
      (row + (width + 1) * channels).update(repeating: value, count: 2 * channels)
    }
    pixels.update(repeating: value, count: stride)
    (pixels + (height + 1) * stride).update(repeating: value, count: 2 * stride)
  }

  private func extendEdges() {
    for y in 0..<height {
      let row = pixels + (y + 1) * stride
      row.update(from: row + channels, count: channels)
      let last = row + width * channels
      (last + channels).update(from: last, count: channels)
      (last + 2 * channels).update(from: last, count: channels)
    }
    pixels.update(from: pixels + stride, count: stride)
    let last = pixels + height * stride
    (last + stride).update(from: last, count: stride)
    (last + 2 * stride).update(from: last, count: stride)
  }
}
