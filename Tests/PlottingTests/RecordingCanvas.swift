@testable import Plotting

/// A canvas that remembers what was drawn, in the coordinates of the whole figure.
final class RecordingCanvas: Canvas {
  struct Text {
    var words: String
    var style: TextStyle
    /// The box from the font's ascent to its descent, drawn upright or turned by a quarter.
    var frame: Rectangle
  }

  struct Image {
    var bitmap: Bitmap
    var frame: Rectangle
  }

  private(set) var texts: [Text] = []
  private(set) var images: [Image] = []
  private(set) var fills: [(path: Path, color: Color)] = []
  private(set) var strokes: [(path: Path, stroke: Stroke)] = []
  private(set) var clips = 0
  private var origin = Point(0, 0)

  init(_ figure: any Figure) { figure.draw(on: self) }

  func fill(_ path: Path, with color: Color) { fills.append((moved(path), color)) }

  func stroke(_ path: Path, with stroke: Stroke) { strokes.append((moved(path), stroke)) }

  func text(
    _ text: String, at position: Point, style: TextStyle, alignment: Alignment, rotation: Double
  ) {
    let extent = style.extent(of: text)
    let offset = style.offset(of: text, alignment: alignment)
    let upright = Rectangle(
      x: offset.x, y: offset.y - extent.ascent, width: extent.width, height: extent.height)
    // A quarter turn to the left takes (x, y) to (y, -x).
    let frame =
      rotation == 0
      ? upright
      : Rectangle(
        x: upright.y, y: -upright.right, width: upright.height, height: upright.width)
    texts.append(
      Text(
        words: text, style: style,
        frame: frame.moved(origin.x + position.x, origin.y + position.y)))
  }

  func image(_ bitmap: Bitmap, in rectangle: Rectangle) {
    images.append(Image(bitmap: bitmap, frame: rectangle.moved(origin.x, origin.y)))
  }

  func clipped(to path: Path, _ body: () -> Void) {
    clips += 1
    body()
  }

  func faded(to opacity: Double, _ body: () -> Void) { body() }

  func moved(by x: Double, _ y: Double, _ body: () -> Void) {
    let before = origin
    origin = origin.moved(x, y)
    body()
    origin = before
  }

  /// The first text with these words.
  func text(_ words: String) -> Text? { texts.first { $0.words == words } }

  private func moved(_ path: Path) -> Path {
    var result = Path()
    for segment in path.segments {
      switch segment {
      case .move(let p): result.move(to: p.moved(origin.x, origin.y))
      case .line(let p): result.line(to: p.moved(origin.x, origin.y))
      case .curve(let a, let b, let p):
        result.curve(
          a.moved(origin.x, origin.y), b.moved(origin.x, origin.y), to: p.moved(origin.x, origin.y))
      case .close: result.close()
      }
    }
    return result
  }
}

extension Path {
  /// The end points of all segments.
  var points: [Point] {
    segments.compactMap { segment in
      switch segment {
      case .move(let p), .line(let p), .curve(_, _, let p): p
      case .close: nil
      }
    }
  }
}
