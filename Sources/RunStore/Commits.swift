import GRDB

/// The values of the workspace, cell by cell.
///
/// A commit holds what a cell changed and nothing else. What a name stood for after commit `c` is the newest
/// row of `names` that is not younger than `c`, and so with the states of objects.
extension RunStore {
  /// Keeps an object, with the blob that holds the rest of it, if any.
  ///
  /// - Returns: its number; numbers grow and are never used again.
  /// - Throws: `RunStoreError` when it cannot be written.
  public func keep(kind: String, recipe: String, blob: String? = nil) throws(RunStoreError) -> Int {
    try write("keep a \(kind)") { database in
      try database.execute(
        sql: "INSERT INTO objects (kind, recipe, blob) VALUES (?, ?, ?)",
        arguments: [kind, recipe.storable, blob])
      return Int(database.lastInsertedRowID)
    }
  }

  /// The object of this number; `nil` when there is none.
  ///
  /// - Throws: `RunStoreError` when it cannot be read.
  public func object(_ id: Int) throws(RunStoreError) -> KeptObject? {
    try read("read object \(id)") { database in
      try Row.fetchOne(database, sql: "SELECT * FROM objects WHERE id = ?", arguments: [id]).map {
        KeptObject(
          id: try $0.decode(forColumn: "id"), kind: try $0.decode(forColumn: "kind"),
          recipe: try $0.decode(forColumn: "recipe"), blob: try $0.decode(forColumn: "blob"))
      }
    }
  }

  /// Commits what a cell changed, all or nothing; the checkpoints of runs and models whose state is among it are over.
  ///
  /// - Returns: the number of the commit.
  /// - Throws: `RunStoreError` when it cannot be written.
  @discardableResult
  public func commit(
    line: Int, names: [KeptName], states: [KeptState], ended: Set<Int> = [], undoes: Int? = nil
  ) throws(RunStoreError) -> Int {
    let session = currentSession ?? 0
    return try write("commit a cell") { database in
      try database.execute(
        sql: "INSERT INTO commits (session, line, made, undoes) VALUES (?, ?, ?, ?)",
        arguments: [session, line, secondsSince1970(), undoes])
      let commit = database.lastInsertedRowID
      for name in names {
        try database.execute(
          sql: """
            INSERT INTO names (made_by, name, place, constant, value, type, summary)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
          arguments: [
            commit, name.name, name.place, name.isConstant, name.value?.storable,
            name.type.storable, name.summary.storable,
          ])
      }
      for state in states {
        try database.execute(
          sql: "INSERT INTO states (made_by, object, content, blob) VALUES (?, ?, ?, ?)",
          arguments: [commit, state.object, state.content.storable, state.blob])
        guard state.endsCheckpoints else { continue }
        try database.execute(
          sql: "DELETE FROM checkpoints WHERE run = ? OR model = ?",
          arguments: [state.object, state.object])
      }
      for run in ended {
        try database.execute(sql: "DELETE FROM checkpoints WHERE run = ?", arguments: [run])
      }
      return Int(commit)
    }
  }

  /// The names as they are, or were after a commit, in the order of their declaration; forgotten ones are left out.
  ///
  /// - Throws: `RunStoreError` when they cannot be read.
  public func names(after commit: Int? = nil) throws(RunStoreError) -> [KeptName] {
    try read("read the names of the workspace") { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT names.* FROM names JOIN (
            SELECT name, min(made_by) AS first, max(made_by) AS newest FROM names
            WHERE made_by <= ? GROUP BY name) AS life
          ON names.name = life.name AND names.made_by = life.newest
          WHERE value IS NOT NULL ORDER BY place, first
          """, arguments: [commit ?? Int.max]
      ).map(Self.name)
    }
  }

  /// What a commit changed of the names.
  ///
  /// - Throws: `RunStoreError` when it cannot be read.
  public func names(changedBy commit: Int) throws(RunStoreError) -> [KeptName] {
    try read("read commit \(commit)") { database in
      try Row.fetchAll(
        database, sql: "SELECT * FROM names WHERE made_by = ? ORDER BY place", arguments: [commit]
      ).map(Self.name)
    }
  }

  /// What a name stood for after a commit; `nil` before it was first declared.
  ///
  /// - Throws: `RunStoreError` when it cannot be read.
  public func name(_ name: String, after commit: Int) throws(RunStoreError) -> KeptName? {
    try read("read the name \(name)") { database in
      try Row.fetchOne(
        database,
        sql: "SELECT * FROM names WHERE name = ? AND made_by <= ? ORDER BY made_by DESC LIMIT 1",
        arguments: [name, commit]
      ).map(Self.name)
    }
  }

  /// What a commit changed of the objects.
  ///
  /// - Throws: `RunStoreError` when it cannot be read.
  public func states(changedBy commit: Int) throws(RunStoreError) -> [KeptState] {
    try read("read commit \(commit)") { database in
      try Row.fetchAll(
        database, sql: "SELECT * FROM states WHERE made_by = ? ORDER BY object",
        arguments: [commit]
      ).map(Self.state)
    }
  }

  /// The state of an object as it is, or was after a commit; `nil` before its first.
  ///
  /// - Throws: `RunStoreError` when it cannot be read.
  public func state(
    of object: Int, after commit: Int? = nil
  ) throws(RunStoreError) -> KeptState? {
    try read("read object \(object)") { database in
      try Row.fetchOne(
        database,
        sql: "SELECT * FROM states WHERE object = ? AND made_by <= ? ORDER BY made_by DESC LIMIT 1",
        arguments: [object, commit ?? Int.max]
      ).map(Self.state)
    }
  }

  /// The commits of a session, the newest first.
  ///
  /// - Throws: `RunStoreError` when they cannot be read.
  public func commits(of session: Int) throws(RunStoreError) -> [KeptCommit] {
    try read("read the commits") { database in
      try Row.fetchAll(
        database, sql: "SELECT * FROM commits WHERE session = ? ORDER BY id DESC",
        arguments: [session]
      ).map {
        KeptCommit(
          id: try $0.decode(forColumn: "id"), session: try $0.decode(forColumn: "session"),
          line: try $0.decode(forColumn: "line"), made: try $0.decode(forColumn: "made"),
          undoes: try $0.decode(forColumn: "undoes"))
      }
    }
  }

  // `decode` throws where the subscript of a row would end the process: a damaged file can hold anything.
  // Of a name only that itself must be readable, so that one damaged row leaves the others usable.
  private static func name(_ row: Row) throws -> KeptName {
    let value: String?? = try? row.decode(forColumn: "value")
    return KeptName(
      name: try row.decode(forColumn: "name"), place: (try? row.decode(forColumn: "place")) ?? 0,
      isConstant: (try? row.decode(forColumn: "constant")) ?? true, value: value ?? "",
      type: (try? row.decode(forColumn: "type")) ?? "",
      summary: (try? row.decode(forColumn: "summary")) ?? "")
  }

  private static func state(_ row: Row) throws -> KeptState {
    var state = KeptState(
      object: try row.decode(forColumn: "object"), content: try row.decode(forColumn: "content"),
      blob: try row.decode(forColumn: "blob"))
    state.commit = try row.decode(forColumn: "made_by")
    return state
  }
}
