import GRDB
import Glibc
import Synchronization

/// The memory of a workspace: what was executed and what was trained, in one SQLite file.
///
/// The file is in WAL mode: what was appended survives the death of the process at any moment. Several
/// kernels may use the same file; each waits for the others for up to `patience` seconds. Every method may
/// be called from any thread.
///
/// The tables are described in `Schema`; any SQLite tool can read them, also while a kernel runs.
public final class RunStore: Sendable {
  /// The file; `nil` when the store is in memory and ends with the process.
  public let path: String?
  private let queue: DatabaseQueue
  private let session = Mutex<Int?>(nil)
  private let locks: SessionLocks?

  /// How long an operation waits for another process that writes, in seconds.
  public static let patience = 5.0

  /// Opens the store, or makes it and the folders that lead to it.
  ///
  /// A file that is not a store, is damaged, or comes from a newer version is not touched.
  ///
  /// - Throws: `RunStoreError`; the caller can go on with `inMemory()`.
  public init(path: String) throws(RunStoreError) {
    self.path = path
    try Self.prepareFile(path)
    do {
      // SQLite gives names such as ":memory:" a meaning of their own, but not with a folder before them.
      queue = try DatabaseQueue(
        path: path.hasPrefix("/") ? path : "./\(path)", configuration: Self.configuration)
      let found = try queue.read { try Schema.version(of: $0) }
      guard found <= Schema.version else { throw Self.newer(path, found) }
      try queue.writeWithoutTransaction { database in
        try Schema.migrate(database)
        // Only now: a foreign file would have been changed by it.
        try Self.writeAhead(database)
        for table in [
          "sessions", "history", "runs", "metrics", "probes", "figures", "commits", "names",
          "objects",
          "states", "checkpoints",
        ] {
          _ = try Row.fetchOne(database, sql: "SELECT * FROM \(table) LIMIT 1")
        }
      }
    } catch {
      throw Self.openingError(error, path)
    }
    locks = SessionLocks(path: "\(path)-sessions")
    // A store opens also where this cannot be written.
    try? noteBrokenRuns()
  }

  init(memory queue: DatabaseQueue) {
    path = nil
    locks = nil
    self.queue = queue
  }

  /// A store that ends with the process, for when no file can be used.
  ///
  /// - Throws: `RunStoreError` when SQLite itself does not work.
  public static func inMemory() throws(RunStoreError) -> RunStore {
    do {
      let queue = try DatabaseQueue(configuration: configuration)
      try queue.writeWithoutTransaction { try Schema.migrate($0) }
      return RunStore(memory: queue)
    } catch {
      throw .from(error, "make the tables", ":memory:")
    }
  }

  // MARK: Sessions

  /// Begins a session, the life of a kernel, and makes it the current one.
  ///
  /// - Returns: its number; numbers grow and are never used again.
  /// - Throws: `RunStoreError` when it cannot be written.
  @discardableResult
  public func beginSession() throws(RunStoreError) -> Int {
    let number = try write("begin a session") { database in
      try database.execute(
        sql: "INSERT INTO sessions (started) VALUES (?)", arguments: [secondsSince1970()])
      return Int(database.lastInsertedRowID)
    }
    locks?.hold(number)
    session.withLock { $0 = number }
    return number
  }

  /// Notes that the current session ended; without one it does nothing.
  ///
  /// - Throws: `RunStoreError` when it cannot be written.
  public func endSession() throws(RunStoreError) {
    guard let number = currentSession else { return }
    try write("end the session") { database in
      try database.execute(
        sql: "UPDATE sessions SET finished = ? WHERE id = ?",
        arguments: [secondsSince1970(), number])
    }
  }

  /// The session that this store began last; `nil` before the first.
  public var currentSession: Int? { session.withLock { $0 } }

  /// Whether the process of a session lives, as far as can be told.
  func isAlive(_ session: Int) -> Bool { locks?.isHeld(session) ?? true }

  // MARK: Access

  func read<Result>(
    _ operation: String, _ body: (Database) throws -> Result
  ) throws(RunStoreError) -> Result {
    try attempt(operation) { try queue.read(body) }
  }

  /// Reads with one statement, which sees one state of the database without a transaction around it; that
  /// would cost more than the statement.
  func readOnce<Result>(
    _ operation: String, _ body: (Database) throws -> Result
  ) throws(RunStoreError) -> Result {
    try attempt(operation) { try queue.unsafeRead(body) }
  }

  /// Runs `body` in one transaction.
  func write<Result>(
    _ operation: String, _ body: (Database) throws -> Result
  ) throws(RunStoreError) -> Result {
    try attempt(operation) { try queue.write(body) }
  }

  private func attempt<Result>(
    _ operation: String, _ body: () throws -> Result
  ) throws(RunStoreError) -> Result {
    do {
      return try body()
    } catch {
      throw .from(error, operation, path ?? ":memory:")
    }
  }
}

/// The time now, in seconds since 1970.
func secondsSince1970() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_REALTIME, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
