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
