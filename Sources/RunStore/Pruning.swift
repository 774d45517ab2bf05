import GRDB

/// Forgetting what nobody can bring back any more.
extension RunStore {
  /// The names, states and objects that can still be brought back: those of now, and those that an undo of the newest
  /// commits leads to.
  public struct Reachable: Sendable {
    /// The newest commit that cannot be undone any more.
    public var first = 0
    /// The values of names, as JSON.
    public var values: [String] = []
    /// What is known of objects, as JSON, by their numbers; of each the newest state and those of the window.
    public var contents: [Int: [String]] = [:]
    /// How objects are made again, as JSON, by their numbers.
    public var recipes: [Int: String] = [:]
    /// The objects of runs that have not ended, and their models.
    public var checkpointed: Set<Int> = []
  }

  /// The newest commit behind as many newer ones of cells; 0 where there are not so many.
  static func newest(behind commits: Int, in database: Database) throws -> Int {
    try Int.fetchOne(
      database, sql: "SELECT id FROM commits WHERE line <> ? ORDER BY id DESC LIMIT 1 OFFSET ?",
      arguments: [KeptCommit.noCell, max(0, commits)]) ?? 0
  }

  /// Forgets the rows of names and states that newer ones have replaced, unless one of the newest commits did.
  ///
  /// - Returns: what is left, from which the caller finds the objects that nothing leads to.
  /// - Throws: `RunStoreError` when it cannot be written.
  public func forgetReplaced(newest commits: Int) throws(RunStoreError) -> Reachable {
    try write("forget what was replaced") { database in
      let first = try Self.newest(behind: commits, in: database)
      for (table, key) in [("names", "name"), ("states", "object")] {
        try database.execute(
          sql: """
            DELETE FROM \(table) WHERE made_by < (
              SELECT max(newer.made_by) FROM \(table) AS newer
              WHERE newer.\(key) = \(table).\(key) AND newer.made_by <= ?)
            """, arguments: [first])
      }
      try database.execute(
        sql: """
          DELETE FROM commits WHERE id <= ? AND id NOT IN (SELECT made_by FROM names)
            AND id NOT IN (SELECT made_by FROM states)
          """, arguments: [first])
      var left = Reachable()
      left.first = first
      left.values = try String.fetchAll(
        database, sql: "SELECT value FROM names WHERE value IS NOT NULL")
      for row in try Row.fetchAll(database, sql: "SELECT object, content FROM states") {
        let id: Int = try row.decode(forColumn: "object")
        left.contents[id, default: []].append(try row.decode(forColumn: "content"))
      }
      for row in try Row.fetchAll(database, sql: "SELECT id, recipe FROM objects") {
        left.recipes[try row.decode(forColumn: "id")] = try row.decode(forColumn: "recipe")
      }
      for row in try Row.fetchAll(database, sql: "SELECT run, model FROM checkpoints") {
        left.checkpointed.formUnion([
          try row.decode(forColumn: "run"), try row.decode(forColumn: "model"),
        ])
      }
      return left
    }
  }

  /// Forgets objects, and their states with them.
  ///
  /// - Throws: `RunStoreError` when it cannot be written.
  public func forget(objects: Set<Int>) throws(RunStoreError) {
    guard !objects.isEmpty else { return }
    try write("forget objects") { database in
      for id in objects {
        try database.execute(sql: "DELETE FROM objects WHERE id = ?", arguments: [id])
      }
    }
  }
}
