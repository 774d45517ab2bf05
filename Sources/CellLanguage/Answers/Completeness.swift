/// Whether a text may be run as it stands.
public enum Completeness: Sendable, Equatable {
  /// It is a whole program.
  case complete
  /// More lines are needed; the next one begins with the indentation.
  case incomplete(indent: String)
  /// No further line would make it right.
  case invalid
  /// Not known.
  case unknown
}
