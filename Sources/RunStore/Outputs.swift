import GRDB

/// Something that a cell showed.
public struct StoredOutput: Sendable, Equatable {
  /// The session and the line of the cell.
  public var session: Int, line: Int
  /// Its number among the outputs of the cell, from 0.
  public var place: Int
  /// `stdout`, `stderr`, `display`, `result` or `error`.
  public var kind: String
  /// When it came, or was last changed, in seconds since 1970.
  public var shown: Double
  /// Its content as JSON, as in a notebook's file: `{"text": …}`, `{"data": …, "metadata": …}` or `{"ename": …}`.
  public var bundle: String

  /// An output.
  public init(
    session: Int, line: Int, place: Int, kind: String, shown: Double, bundle: String
  ) {
    (self.session, self.line, self.place) = (session, line, place)
    (self.kind, self.shown, self.bundle) = (kind, shown, bundle)
  }
}

/// The outputs of cells, so that they can be shown again.
extension RunStore {
  /// The newest cells whose outputs are kept, and the bytes that these may have in all.
  public static let keptCells = 200, keptBytes = 200_000_000

  /// Adds outputs of a cell, or replaces those of the same places, all in one transaction.
  ///
  /// - Parameter removed: the places whose outputs are taken away before.
  /// - Throws: `RunStoreError` when they cannot be written; then nothing changes.
  public func saveOutputs(
    _ outputs: [StoredOutput], session: Int, line: Int, removed: Range<Int> = 0..<0
  ) throws(RunStoreError) {
    try write("keep the outputs of a cell") { database in
      if !removed.isEmpty {
        try database.execute(
          sql: """
            DELETE FROM outputs WHERE session = ? AND line = ? AND place >= ? AND place < ?
            """, arguments: [session, line, removed.lowerBound, removed.upperBound])
      }
      let statement = try database.cachedStatement(
        sql: """
          INSERT INTO outputs (session, line, place, kind, shown, bundle) VALUES (?, ?, ?, ?, ?, ?)
          ON CONFLICT (session, line, place) DO UPDATE SET
            kind = excluded.kind, shown = excluded.shown, bundle = excluded.bundle
          """)
      for output in outputs {
        try statement.execute(
          arguments: [
            output.session, output.line, output.place, output.kind, output.shown,
            output.bundle.storable,
          ])
      }
    }
  }

  /// Takes away the outputs of all but the newest cells.
  ///
  /// - Throws: `RunStoreError` when they cannot be written.
  public func pruneOutputs(
    cells: Int = keptCells, bytes: Int = keptBytes
  ) throws(RunStoreError) {
    try write("take away old outputs") { database in
      let rows = try Row.fetchAll(
        database,
        sql: """
          SELECT session, line, sum(length(bundle)) AS bytes FROM outputs
          GROUP BY session, line ORDER BY session DESC, line DESC
          """)
      var sum = 0
      for (index, row) in rows.enumerated() {
        sum += try row.decode(Int.self, forColumn: "bytes")
        // The newest stays, whatever its size: a cell has a limit of its own.
        guard index > 0, index >= cells || sum > bytes else { continue }
        let (session, line) = (
          try row.decode(Int.self, forColumn: "session"),
          try row.decode(Int.self, forColumn: "line")
        )
        try database.execute(
          sql: "DELETE FROM outputs WHERE session < ? OR (session = ? AND line <= ?)",
          arguments: [session, session, line])
        return
      }
    }
  }

  /// The outputs of the cells of a session, in the order in which they were shown first.
  ///
  /// - Throws: `RunStoreError` when they cannot be read.
  public func outputs(
    session: Int, lines: ClosedRange<Int> = 0...Int.max
  ) throws(RunStoreError) -> [StoredOutput] {
    try read("read the outputs of cells") { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT * FROM outputs WHERE session = ? AND line BETWEEN ? AND ? ORDER BY line, place
          """, arguments: [session, lines.lowerBound, lines.upperBound]
      ).map { row in
        StoredOutput(
          session: try row.decode(forColumn: "session"), line: try row.decode(forColumn: "line"),
          place: try row.decode(forColumn: "place"), kind: try row.decode(forColumn: "kind"),
          shown: try row.decode(forColumn: "shown"), bundle: try row.decode(forColumn: "bundle"))
      }
    }
  }

  /// The cell that showed something last; `nil` when none did.
  ///
  /// - Parameters:
  ///   - session: the session to look in.
  ///   - line: a line that does not count, such as the one that asks.
  /// - Throws: `RunStoreError` when it cannot be read.
  public func lastShown(
    session: Int, except line: Int? = nil
  ) throws(RunStoreError) -> Int? {
    try read("read the outputs of cells") { database in
      try Int.fetchOne(
        database,
        sql: """
          SELECT line FROM outputs WHERE session = ? AND line <> ?
          ORDER BY shown DESC, line DESC, place DESC LIMIT 1
          """, arguments: [session, line ?? -1])
    }
  }

  /// The sessions before a number whose outputs are kept, the newest first.
  ///
  /// - Throws: `RunStoreError` when they cannot be read.
  public func sessionsWithOutputs(before session: Int) throws(RunStoreError) -> [Int] {
    try read("read the outputs of cells") { database in
      try Int.fetchAll(
        database,
        sql: "SELECT DISTINCT session FROM outputs WHERE session < ? ORDER BY session DESC",
        arguments: [session])
    }
  }
}
