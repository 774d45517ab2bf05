import Synchronization

/// Scores that cannot change, kept while the workspace lives: those of raw pixels and of untrained encoders.
final class BaselineScores: Sendable {
  private let rows = Mutex<[String: ScoreRow]>([:])

  /// The row that was kept under a key: subject, protocol and data.
  func row(_ key: String) -> ScoreRow? { rows.withLock { $0[key] } }

  /// Keeps a row.
  func keep(_ row: ScoreRow, as key: String) { rows.withLock { $0[key] = row } }

  /// The number of rows.
  var count: Int { rows.withLock { $0.count } }
}
