import GRDB

/// The checkpoints of runs that have not ended: one a run, the newest.
extension RunStore {
  /// Keeps a checkpoint in place of the one before it.
  ///
  /// - Returns: the blob that is not needed any more, unless it is the same.
  /// - Throws: `RunStoreError` when it cannot be written.
  @discardableResult
  public func keep(_ checkpoint: KeptCheckpoint) throws(RunStoreError) -> String? {
    try write("keep a checkpoint") { database in
      let before = try String.fetchOne(
        database, sql: "SELECT blob FROM checkpoints WHERE run = ?", arguments: [checkpoint.run])
      try database.execute(
        sql: """
          INSERT INTO checkpoints (run, model, name, step, content, blob, made)
          VALUES (?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT (run) DO UPDATE SET
            step = excluded.step, content = excluded.content, blob = excluded.blob,
            made = excluded.made
          """,
        arguments: [
          checkpoint.run, checkpoint.model, checkpoint.name.storable, checkpoint.step,
          checkpoint.content.storable, checkpoint.blob, checkpoint.made,
        ])
      return before == checkpoint.blob ? nil : before
    }
  }

  /// Forgets the checkpoints of runs that have ended.
  ///
  /// - Throws: `RunStoreError` when they cannot be written.
  public func endCheckpoints(of runs: Set<Int>) throws(RunStoreError) {
    guard !runs.isEmpty else { return }
    try write("end checkpoints") { database in
      for run in runs {
        try database.execute(sql: "DELETE FROM checkpoints WHERE run = ?", arguments: [run])
      }
    }
  }

  /// The checkpoints of all runs that have not ended, the oldest first.
  ///
  /// - Throws: `RunStoreError` when they cannot be read.
  public func checkpoints() throws(RunStoreError) -> [KeptCheckpoint] {
    try read("read the checkpoints") { database in
      try Row.fetchAll(database, sql: "SELECT * FROM checkpoints ORDER BY made").map { row in
        var checkpoint = KeptCheckpoint(
          run: try row.decode(forColumn: "run"), model: try row.decode(forColumn: "model"),
          name: try row.decode(forColumn: "name"), step: try row.decode(forColumn: "step"),
          content: try row.decode(forColumn: "content"), blob: try row.decode(forColumn: "blob"))
        checkpoint.made = try row.decode(forColumn: "made")
        return checkpoint
      }
    }
  }

  /// The blobs that are needed: those of the newest state of every object, those of the newest `commits` commits
  /// and of the states that these replaced, and those of the checkpoints.
  ///
  /// - Throws: `RunStoreError` when they cannot be read.
  public func neededBlobs(newest commits: Int) throws(RunStoreError) -> Set<String> {
    try read("read the blobs") { database in
      let first = try Self.newest(behind: commits, in: database)
      let rows = try String.fetchAll(
        database,
        sql: """
          SELECT blob FROM states WHERE made_by > :first AND blob IS NOT NULL
          UNION SELECT blob FROM (
            SELECT blob, max(made_by) FROM states WHERE made_by <= :first GROUP BY object)
            WHERE blob IS NOT NULL
          UNION SELECT blob FROM checkpoints
          UNION SELECT blob FROM objects WHERE blob IS NOT NULL
          """, arguments: ["first": first])
      return Set(rows)
    }
  }
}
