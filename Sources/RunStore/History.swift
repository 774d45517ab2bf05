import GRDB

/// How the execution of a cell ended.
public enum CellStatus: String, Sendable, CaseIterable {
  /// It has not ended, or the process ended first.
  case running
  /// It came to its end.
  case ok
  /// It ended with an error.
  case error
  /// It was interrupted.
  case interrupted
  /// The process died while it ran, as a later one found out.
  case died
}

/// An executed cell.
public struct HistoryEntry: Sendable, Equatable {
  /// The session that it was executed in.
  public var session: Int
  /// Its execution count, unique in the session.
  public var line: Int
  /// Its text.
  public var source: String
  /// The plain text of its result; `nil` when it had none.
  public var output: String?
  /// When it began, in seconds since 1970.
  public var started: Double
  /// How it ended.
  public var status: CellStatus

  /// A cell; without `started` it began now.
  public init(
    session: Int, line: Int, source: String, output: String? = nil, started: Double? = nil,
    status: CellStatus = .running
  ) {
    self.session = session
    self.line = line
    self.source = source
    self.output = output
    self.started = started ?? secondsSince1970()
    self.status = status
  }
}

/// The history, with the queries of Jupyter's `history_request`; all answers are oldest first.
extension RunStore {
  /// Adds a cell, or replaces the one of the same session and line.
  ///
  /// The character U+0000, at which SQLite ends a text, is kept as its picture ␀.
  ///
  /// - Throws: `RunStoreError` when there is no such session, or it cannot be written.
  public func append(_ entry: HistoryEntry) throws(RunStoreError) { try append([entry]) }

  /// Adds cells, or replaces those of the same sessions and lines, all in one transaction.
  ///
  /// - Throws: as for one cell.
  public func append(_ entries: [HistoryEntry]) throws(RunStoreError) {
    try write("add a cell to the history") { database in
      let statement = try database.cachedStatement(
        sql: """
          INSERT INTO history (session, line, source, output, started, status)
          VALUES (?, ?, ?, ?, ?, ?)
          ON CONFLICT (session, line) DO UPDATE SET
            source = excluded.source, output = excluded.output, started = excluded.started,
            status = excluded.status
          """)
      for entry in entries {
        try statement.execute(
          arguments: [
            entry.session, entry.line, entry.source.storable, entry.output?.storable,
            entry.started, entry.status.rawValue,
          ])
      }
    }
  }

  /// Notes that the process died while a cell ran, and what is known of it; a cell that had ended stays as it is.
  ///
  /// - Throws: `RunStoreError` when it cannot be written.
  public func died(session: Int, line: Int, output: String) throws(RunStoreError) {
    try write("note the end of a session") { database in
      try database.execute(
        sql: """
          UPDATE history SET status = ?, output = ? WHERE session = ? AND line = ? AND status = ?
          """,
        arguments: [
          CellStatus.died.rawValue, output.storable, session, line, CellStatus.running.rawValue,
        ])
    }
  }

  /// The last `n` cells of all sessions; with `unique` the newest of equal ones alone counts.
  ///
  /// - Throws: `RunStoreError` when it cannot be read.
  public func tail(_ n: Int, unique: Bool = false) throws(RunStoreError) -> [HistoryEntry] {
    try search("*", n: n, unique: unique)
  }

  /// The cells of a session from line `start` up to, but without, `stop`.
  ///
  /// - Parameters:
  ///   - session: its number; 0 is the current one, −1 the number before it.
  ///   - start: the first line; a negative number counts from the end, −1 being the last line.
  ///   - stop: the first line left out, counted as `start`; `nil` or 0 is beyond the last.
  /// - Throws: `RunStoreError` when it cannot be read.
  public func range(
    session: Int = 0, start: Int = 1, stop: Int? = nil
  ) throws(RunStoreError) -> [HistoryEntry] {
    let current = currentSession
    return try read("read the history") { database in
      var number = session
      if session <= 0 {
        let latest = try Int.fetchOne(database, sql: "SELECT max(id) FROM sessions") ?? 0
        // Before a session begins, the current one is the next.
        number = (current ?? latest &+ 1) &+ session
      }
      let last =
        try Int.fetchOne(
          database, sql: "SELECT max(line) FROM history WHERE session = ?", arguments: [number])
        ?? 0
      func place(_ line: Int) -> Int { line < 0 ? last &+ 1 &+ line : line }
      let end = stop.flatMap { $0 == 0 ? nil : place($0) } ?? Int.max
      return try Row.fetchAll(
        database,
        sql: """
          SELECT * FROM history WHERE session = ? AND line >= ? AND line < ?
          ORDER BY line
          """, arguments: [number, place(start), end]
      ).map(Self.entry)
    }
  }

  /// The last `n` cells whose whole text matches a pattern: `*` any text, `?` any character, `[a-z]` a set.
  ///
  /// - Parameters:
  ///   - pattern: as in SQLite's `GLOB`, so case matters.
  ///   - n: how many at most; `nil` is all.
  ///   - unique: whether the newest of equal texts alone counts.
  /// - Throws: `RunStoreError` when it cannot be read, or the pattern is longer than SQLite takes.
  public func search(
    _ pattern: String, n: Int? = nil, unique: Bool = false
  ) throws(RunStoreError) -> [HistoryEntry] {
    let matching = "SELECT * FROM history WHERE source GLOB ?"
    let newest = """
      SELECT *, row_number() OVER (PARTITION BY source ORDER BY session DESC, line DESC) AS place
      FROM history WHERE source GLOB ?
      """
    return try readOnce("search the history") { database in
      // Consoles ask for the tail again and again, and nobody should feel it who trains meanwhile.
      let statement = try database.cachedStatement(
        sql: """
          SELECT * FROM (\(unique ? newest : matching)) \(unique ? "WHERE place = 1" : "")
          ORDER BY session DESC, line DESC LIMIT ?
          """)
      return try Row.fetchAll(
        statement,
        // To SQLite a negative limit is none.
        arguments: [pattern.storable, n.map { max(0, $0) } ?? -1]
      ).reversed().map(Self.entry)
    }
  }

  // `decode` throws where the subscript of a row would end the process: a damaged file can hold anything.
  private static func entry(_ row: Row) throws -> HistoryEntry {
    HistoryEntry(
      session: try row.decode(forColumn: "session"), line: try row.decode(forColumn: "line"),
      source: try row.decode(forColumn: "source"), output: try row.decode(forColumn: "output"),
      started: try row.decode(forColumn: "started"),
      status: CellStatus(rawValue: try row.decode(forColumn: "status")) ?? .running)
  }
}

extension String {
  /// The text without U+0000, at which SQLite would end it.
  var storable: String {
    guard utf8.contains(0) else { return self }
    return String(String.UnicodeScalarView(unicodeScalars.map { $0 == "\0" ? "\u{2400}" : $0 }))
  }
}
