import Formats

extension PNGImage {
  /// The largest square in the middle, brought to `side` × `side` pixels: each is the average of the area that
  /// it covers.
  func resized(to side: Int) -> PNGImage {
    let (height, width, channels) = (shape[0], shape[1], shape[2])
    let square = min(height, width)
    let (top, left) = ((height - square) / 2, (width - square) / 2)
    let ratio = Double(square) / Double(side)
    /// The places along a side that pixel `index` covers, with their weights.
    func cover(_ index: Int) -> [(place: Int, weight: Double)] {
      let (from, to) = (Double(index) * ratio, Double(index + 1) * ratio)
      return (Int(from)..<max(Int(from) + 1, Int(to.rounded(.up)))).filter { $0 < square }.map {
        ($0, min(to, Double($0 + 1)) - max(from, Double($0)))
      }
    }
    let covers = (0..<side).map(cover)
    var result = [UInt8](repeating: 0, count: side * side * channels)
    for row in 0..<side {
      for column in 0..<side {
        for channel in 0..<channels {
          var sum = 0.0
          for (y, vertical) in covers[row] {
            for (x, horizontal) in covers[column] {
              let place = ((top + y) * width + left + x) * channels + channel
              sum += vertical * horizontal * Double(pixels[place])
            }
          }
          result[(row * side + column) * channels + channel] = UInt8(
            min(255, max(0, (sum / (ratio * ratio)).rounded())))
        }
      }
    }
    return PNGImage(shape: [side, side, channels], pixels: result)
  }

  /// A grey image as a coloured one.
  var coloured: PNGImage {
    guard shape[2] == 1 else { return self }
    return PNGImage(shape: [shape[0], shape[1], 3], pixels: pixels.flatMap { [$0, $0, $0] })
  }
}
