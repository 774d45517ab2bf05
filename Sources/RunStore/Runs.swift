import GRDB

extension RunStore {
  /// Records a run that begins.
  ///
  /// - Returns: its number in the store.
  /// - Throws: `RunStoreError` when its session does not exist, or it cannot be written.
  public func begin(_ run: RunRecord) throws(RunStoreError) -> Int {
    try write("begin a run") { database in
      try database.execute(
        sql: """
          INSERT INTO runs (session, cell, name, method, options, data, checksum, seed, status,
            started, finished, epochs, loss, rate, code, build, host, batch, steps, planned,
            seconds, trainer)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          run.session, run.cell, run.name.storable, run.method.storable, run.options.storable,
          run.data.storable, run.checksum.storable, Int64(bitPattern: run.seed),
          run.status.rawValue, run.started, run.finished, run.epochs, run.finalLoss,
          run.imagesPerSecond, run.code?.storable, run.build?.storable, run.host?.storable,
          run.batch, run.steps, run.planned, run.seconds, run.session,
        ])
      return Int(database.lastInsertedRowID)
    }
  }

  /// Adds values of a run, all in one transaction; a value of the same name and step is replaced.
  ///
  /// - Throws: `RunStoreError` when there is no such run, or they cannot be written; then none is.
  public func append(_ metrics: [Metric], to run: Int) throws(RunStoreError) {
    guard !metrics.isEmpty else { return }
    try write("add metrics of run \(run)") { try Self.insert(metrics, of: run, into: $0) }
  }

  /// Records that a run goes on, and how far it is, with its new values, all in one transaction.
  ///
  /// From now on the current session is the one that trains it.
  ///
  /// - Throws: `RunStoreError` when there is no such run, or it cannot be written; then nothing is.
  public func advance(
    _ run: Int, adding metrics: [Metric], steps: Int, seconds: Double, loss: Double?,
    imagesPerSecond: Double?
  ) throws(RunStoreError) {
    let trainer = currentSession
    try write("advance run \(run)") { database in
      try database.execute(
        sql: """
          UPDATE runs SET status = ?, finished = NULL, steps = ?, seconds = ?, loss = ?, rate = ?,
            trainer = coalesce(?, trainer)
          WHERE id = ?
          """,
        arguments: [
          RunStatus.running.rawValue, steps, seconds, loss, imagesPerSecond, trainer, run,
        ])
      guard database.changesCount == 1 else { throw noSuchRun(run, "advance") }
      try Self.insert(metrics, of: run, into: database)
    }
  }

  private static func insert(_ metrics: [Metric], of run: Int, into database: Database) throws {
    let statement = try database.cachedStatement(
      sql: """
        INSERT INTO metrics (run, name, step, epoch, value) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (run, name, step) DO UPDATE SET
          epoch = excluded.epoch, value = excluded.value
        """)
    for metric in metrics {
      // SQLite keeps a NaN as NULL; saying so does not rely on it.
      let value = metric.value.isNaN ? nil : metric.value
      // The five are all there; checking that they are takes half the time.
      statement.setUncheckedArguments([
        run, metric.name.storable, metric.step, metric.epoch, value,
      ])
      try statement.execute()
    }
  }

  private func noSuchRun(_ run: Int, _ operation: String) -> RunStoreError {
    .failed(
      operation: "\(operation) run \(run)", path: path ?? ":memory:",
      reason: "there is no such run", fix: "begin it first")
  }

  /// Calls the runs broken that go on in no process any more.
  ///
  /// A run goes on in the session that trains it; the system tells whether that still lives.
  ///
  /// - Throws: `RunStoreError` when the store cannot be read or written.
  public func noteBrokenRuns() throws(RunStoreError) {
    let trainers = try read("look for broken runs") { database in
      try Int.fetchAll(
        database,
        sql: "SELECT DISTINCT trainer FROM runs WHERE status = ? AND trainer IS NOT NULL",
        arguments: [RunStatus.running.rawValue])
    }
    let dead = trainers.filter { !isAlive($0) }
    guard !dead.isEmpty else { return }
    try write("note broken runs") { database in
      for trainer in dead {
        try database.execute(
          sql: "UPDATE runs SET status = ? WHERE status = ? AND trainer = ?",
          arguments: [RunStatus.broken.rawValue, RunStatus.running.rawValue, trainer])
      }
    }
  }

  /// Records how a run ended; without `finished` it ended now.
  ///
  /// - Throws: `RunStoreError.failed` when there is no such run, or it cannot be written.
  public func finish(
    _ run: Int, status: RunStatus, finalLoss: Double?, imagesPerSecond: Double?,
    finished: Double? = nil
  ) throws(RunStoreError) {
    try write("finish run \(run)") { database in
      try database.execute(
        sql: "UPDATE runs SET status = ?, finished = ?, loss = ?, rate = ? WHERE id = ?",
        arguments: [
          status.rawValue, finished ?? secondsSince1970(), finalLoss, imagesPerSecond, run,
        ])
      guard database.changesCount == 1 else { throw noSuchRun(run, "finish") }
    }
  }

  /// The runs that agree with a filter.
  ///
  /// - Parameter limit: how many at most; `nil` is all.
  /// - Throws: `RunStoreError` when they cannot be read.
  public func runs(
    _ filter: RunFilter = RunFilter(), order: RunOrder = .newest, limit: Int? = nil
  ) throws(RunStoreError) -> [RunRecord] {
    let ordering =
      switch order {
      case .newest: "started DESC, id DESC"
      case .oldest: "started, id"
      case .lowestLoss: "loss IS NULL, loss, id"
      case .fastest: "rate IS NULL, rate DESC, id"
      }
    return try read("list the runs") { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT * FROM runs
          WHERE (:method IS NULL OR method = :method) AND (:name IS NULL OR name = :name)
            AND (:status IS NULL OR status = :status)
            AND (:session IS NULL OR session = :session)
          ORDER BY \(ordering) LIMIT :limit
          """,
        arguments: [
          "method": filter.method, "name": filter.name, "status": filter.status?.rawValue,
          "session": filter.session, "limit": limit.map { max(0, $0) } ?? -1,
        ]
      ).map(Self.run)
    }
  }

  /// The run of this number; `nil` when there is none.
  ///
  /// - Throws: `RunStoreError` when it cannot be read.
  public func run(_ id: Int) throws(RunStoreError) -> RunRecord? {
    try read("read run \(id)") { database in
      try Row.fetchOne(database, sql: "SELECT * FROM runs WHERE id = ?", arguments: [id])
        .map(Self.run)
    }
  }

  /// The values of a run in the order of their steps; those of one name, or all.
  ///
  /// - Throws: `RunStoreError` when they cannot be read.
  public func metrics(of run: Int, name: String? = nil) throws(RunStoreError) -> [Metric] {
    try read("read the metrics of run \(run)") { database in
      try Row.fetchAll(
        database,
        sql: """
          SELECT * FROM metrics WHERE run = :run AND (:name IS NULL OR name = :name)
          ORDER BY step, name
          """, arguments: ["run": run, "name": name]
      ).map { row in
        Metric(
          step: try row.decode(forColumn: "step"), epoch: try row.decode(forColumn: "epoch"),
          name: try row.decode(forColumn: "name"),
          value: try row.decode(Double?.self, forColumn: "value") ?? .nan)
      }
    }
  }

  // `decode` throws where the subscript of a row would end the process: a damaged file can hold anything.
  private static func run(_ row: Row) throws -> RunRecord {
    var run = RunRecord(
      name: try row.decode(forColumn: "name"), method: try row.decode(forColumn: "method"),
      options: try row.decode(forColumn: "options"), data: try row.decode(forColumn: "data"),
      checksum: try row.decode(forColumn: "checksum"),
      seed: UInt64(bitPattern: try row.decode(Int64.self, forColumn: "seed")),
      epochs: try row.decode(forColumn: "epochs"), session: try row.decode(forColumn: "session"),
      cell: try row.decode(forColumn: "cell"), started: try row.decode(forColumn: "started"))
    run.id = try row.decode(forColumn: "id")
    run.status = RunStatus(rawValue: try row.decode(forColumn: "status")) ?? .running
    run.finished = try row.decode(forColumn: "finished")
    run.finalLoss = try row.decode(forColumn: "loss")
    run.imagesPerSecond = try row.decode(forColumn: "rate")
    run.code = try row.decode(forColumn: "code")
    run.build = try row.decode(forColumn: "build")
    run.host = try row.decode(forColumn: "host")
    run.batch = try row.decode(forColumn: "batch")
    run.steps = try row.decode(forColumn: "steps")
    run.planned = try row.decode(forColumn: "planned")
    run.seconds = try row.decode(forColumn: "seconds")
    return run
  }
}
