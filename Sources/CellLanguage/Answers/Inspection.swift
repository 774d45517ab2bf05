/// Help about the word at a place of a cell.
public struct Inspection: Sendable, Equatable {
  /// The help as plain text.
  public let text: String
  /// The help as Markdown.
  public let markdown: String
}
