/// Figures side by side or one below the other, under a common title.
public struct FigureGroup: Figure {
  /// The direction in which the figures follow each other.
  public enum Direction: Sendable, Hashable {
    /// Side by side, tops aligned.
    case row
    /// One below the other, left edges aligned.
    case column
  }

  /// The bold line at the top; empty for none.
  public var title: String
  /// The quieter line below the title; empty for none.
  public var subtitle: String
  /// The direction in which the figures follow each other.
  public var direction: Direction
  /// The figures in order.
  public var figures: [any Figure]

  /// Figures in a direction.
  public init(
    title: String = "", subtitle: String = "", _ direction: Direction, _ figures: [any Figure]
  ) {
    self.title = title
    self.subtitle = subtitle
    self.direction = direction
    self.figures = figures
  }
}

extension FigureGroup {
  /// The heading and the place of each figure.
  func layout() -> (header: Header?, frames: [Rectangle], size: Size) {
    let sizes = figures.map(\.size)
    let width =
      direction == .row
      ? sizes.reduce(0) { $0 + $1.width } : sizes.map(\.width).max() ?? 0
    let total = max(width, 2 * Theme.padding + 40)
    let header =
      title.isEmpty && subtitle.isEmpty
      ? nil : Header(title: title, subtitle: subtitle, width: total, style: Theme.groupTitle)
    var (x, y) = (0.0, header.map { $0.height - 8 } ?? 0)
    var frames: [Rectangle] = []
    for size in sizes {
      frames.append(Rectangle(x: x, y: y, width: size.width, height: size.height))
      if direction == .row { x += size.width } else { y += size.height }
    }
    let bottom = frames.map(\.bottom).max() ?? y + Theme.padding
    return (header, frames, Size(total, bottom))
  }

  /// The size that the figures and the heading need, in points.
  public var size: Size { layout().size }

  /// Draws the heading and the figures from (0, 0) to `size`.
  public func draw(on canvas: any Canvas) {
    let (header, frames, _) = layout()
    header?.draw(on: canvas)
    for (figure, frame) in zip(figures, frames) {
      canvas.moved(by: frame.x, frame.y) { figure.draw(on: canvas) }
    }
  }

  /// The heading, and the words of every figure.
  public var alternativeText: String {
    var sentences = ["\(Words.count(figures.count, "picture")) \(Words.quoted(title))."]
    if !subtitle.isEmpty { sentences.append(Words.sentence(subtitle)) }
    return (sentences + figures.map(\.alternativeText)).joined(separator: " ")
  }
}
