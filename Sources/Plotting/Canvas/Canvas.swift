/// How a line is drawn.
public struct Stroke: Sendable, Hashable {
  /// The shape of a line's ends.
  public enum Cap: Sendable, Hashable {
    /// The line stops exactly at its end.
    case butt
    /// The line ends in a half circle.
    case round
  }

  /// The colour of the line.
  public var color: Color
  /// The width in points.
  public var width: Double
  /// Lengths of dashes and gaps in points, in turn; empty for a solid line.
  public var dash: [Double]
  /// The shape of the ends; joints of round lines are round too.
  public var cap: Cap

  /// A line of the given colour, solid unless a dash is given.
  public init(_ color: Color, width: Double = 1, dash: [Double] = [], cap: Cap = .butt) {
    self.color = color
    self.width = width
    self.dash = dash
    self.cap = cap
  }
}

/// Which point of a text stands at the position it is drawn at.
public struct Alignment: Sendable, Hashable {
  /// The horizontal part.
  public enum Horizontal: Sendable, Hashable {
    /// The text begins at the position.
    case left
    /// The text is centred on the position.
    case center
    /// The text ends at the position.
    case right
  }

  /// The vertical part, from the font's own ascent and descent, so that neighbours share a line.
  public enum Vertical: Sendable, Hashable {
    /// The position is the top of the line.
    case top
    /// The position is the middle of the line's lower-case letters and figures.
    case middle
    /// The position is the base line.
    case baseline
    /// The position is the bottom of the line.
    case bottom
  }

  /// The horizontal part.
  public var horizontal: Horizontal
  /// The vertical part.
  public var vertical: Vertical

  /// An alignment of both directions.
  public init(_ horizontal: Horizontal = .left, _ vertical: Vertical = .baseline) {
    self.horizontal = horizontal
    self.vertical = vertical
  }
}

/// A surface that figures draw on, in points, y downwards.
///
/// `CairoCanvas` draws to pixels, SVG and PDF; tests record the calls. Text is measured by
/// `TextStyle.extent(of:)` for every canvas alike, so that a figure has one layout in all formats.
public protocol Canvas: AnyObject {
  /// Fills the inside of a path.
  func fill(_ path: Path, with color: Color)

  /// Draws a line along a path.
  func stroke(_ path: Path, with stroke: Stroke)

  /// Writes one line of text.
  ///
  /// The rotation is in radians, clockwise, about `position`; alignment refers to the rotated text.
  func text(
    _ text: String, at position: Point, style: TextStyle, alignment: Alignment, rotation: Double)

  /// Draws an image into a rectangle: enlarged pixels stay sharp squares, reduced ones are
  /// averaged.
  func image(_ bitmap: Bitmap, in rectangle: Rectangle)

  /// Draws what `body` draws, but only inside a path.
  func clipped(to path: Path, _ body: () -> Void)

  /// Draws what `body` draws as one layer with an opacity from 0 to 1.
  func faded(to opacity: Double, _ body: () -> Void)

  /// Draws what `body` draws, moved by (x, y) points.
  func moved(by x: Double, _ y: Double, _ body: () -> Void)
}

extension Canvas {
  /// Writes one upright line of text.
  public func text(
    _ text: String, at position: Point, style: TextStyle, alignment: Alignment = Alignment()
  ) {
    self.text(text, at: position, style: style, alignment: alignment, rotation: 0)
  }
}
