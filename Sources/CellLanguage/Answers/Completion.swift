/// What may stand at a place of a cell.
public struct CompletionResult: Sendable, Equatable {
  /// Where the text that an item replaces begins, in unicode scalars.
  public let start: Int
  /// Where it ends.
  public let end: Int
  /// The items, sorted.
  public let items: [CompletionItem]
}

/// One completion.
public struct CompletionItem: Sendable, Equatable {
  /// What an item names; the raw values are the words that notebook front ends know.
  public enum Kind: String, Sendable {
    case function
    case keyword
    case instance
    case property
    case parameter = "param"
    case choice = "enum"
  }

  /// The text to insert.
  public let text: String
  /// What it names.
  public let kind: Kind
  /// Signature, default or help, in one line.
  public let detail: String
}
