/// A picture that knows its size, draws itself on any canvas, and can be told in words.
public protocol Figure: Sendable {
  /// The size in points: one CSS pixel on screen, 1/72 inch on paper.
  var size: Size { get }

  /// The bold line at the top; empty for none.
  var title: String { get }

  /// What the picture shows, in sentences with the numbers, for those who do not see it.
  var alternativeText: String { get }

  /// Draws everything except the background, from (0, 0) to `size`.
  func draw(on canvas: any Canvas)
}
