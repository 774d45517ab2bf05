import GRDB
import Glibc

extension RunStore {
  static var configuration: Configuration {
    var configuration = Configuration()
    configuration.label = "run store"
    configuration.busyMode = .timeout(patience)
    return configuration
  }

  /// Has the store write ahead.
  ///
  /// The first change to that mode needs the file alone, and SQLite does not wait for that where others are opening
  /// it: it says at once that it is busy.
  static func writeAhead(_ database: Database) throws {
    for attempt in 0..<200 {
      do {
        return try database.execute(
          sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -512")
      } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY && attempt < 199 {
        usleep(10_000)
      }
    }
  }

  static func newer(_ path: String, _ version: Int) -> RunStoreError {
    .newer(
      path: path, version: version, known: Schema.version,
      fix: "update Orbit, or use another workspace; nothing was changed")
  }

  static func openingError(_ error: any Error, _ path: String) -> RunStoreError {
    let translated = RunStoreError.from(error, "open", path)
    guard case .failed(_, _, let reason, let fix) = translated else { return translated }
    // A table or a column is missing, for example.
    if (error as? DatabaseError)?.resultCode == .SQLITE_ERROR {
      return .damaged(path: path, reason: reason, fix: RunStoreError.leftAlone)
    }
    return .cannotOpen(path: path, reason: reason, fix: fix)
  }

  /// Makes sure that the file can be a store, before SQLite, which would change some, opens it.
  static func prepareFile(_ path: String) throws(RunStoreError) {
    try makeFolders(to: path)
    let slash = path.lastIndex(of: "/")
    let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    if size(of: path) == 0, let left = remains(of: path, in: folder) {
      throw .damaged(
        path: path, reason: "it is gone or empty, while \(left) is not",
        fix: RunStoreError.leftAlone)
    }
    // Readable by its owner alone: a history can hold what others should not see.
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw cannotOpen(path, errno) }
    defer { close(descriptor) }
    // SQLite writes its journal beside the file.
    guard access(folder, W_OK) == 0 else { throw cannotOpen(path, errno) }
    try checkHeader(descriptor, path)
  }

  /// Makes sure that an open file is a store of a version that is known; an empty one becomes one.
  static func checkHeader(_ descriptor: Int32, _ path: String) throws(RunStoreError) {
    var header = [UInt8](repeating: 0, count: 100)
    let count = pread(descriptor, &header, header.count, 0)
    guard count >= 0 else { throw cannotOpen(path, errno) }
    guard count > 0 else { return }
    func damaged(_ reason: String) -> RunStoreError {
      .damaged(path: path, reason: reason, fix: RunStoreError.leftAlone)
    }
    guard count == 100, header.starts(with: Array("SQLite format 3\0".utf8)) else {
      throw damaged("it is not an SQLite file")
    }
    // Offsets of SQLite's file format, section 1.3: 60 is user_version, 68 application_id.
    func number(_ offset: Int) -> UInt32 {
      header[offset..<(offset + 4)].reduce(0) { $0 << 8 | UInt32($1) }
    }
    guard number(68) == UInt32(bitPattern: Schema.applicationID) else {
      throw damaged("it is an SQLite file of another program")
    }
    let version = Int(Int32(bitPattern: number(60)))
    guard version <= Schema.version else { throw newer(path, version) }
    guard version > 0 else { throw damaged("its version is \(version)") }
    // 16 is the size of a page, 24 and 92 tell whether 28, the number of pages, holds. What SQLite has not finished
    // writing stands in the files beside.
    let page = Int(number(16) >> 16) == 1 ? 65_536 : Int(number(16) >> 16)
    guard number(24) == number(92), size(of: path) < page * Int(number(28)),
      size(of: path + "-wal") == 0, size(of: path + "-journal") == 0
    else { return }
    throw damaged("it is cut short")
  }

  /// The bytes of a file; 0 where there is none.
  private static func size(of path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : 0
  }

  /// What is there of a store beside its file, which a new file would make useless: collected or deleted.
  private static func remains(of path: String, in folder: String) -> String? {
    if size(of: path + "-wal") > 0 { return "\"\(path)-wal\"" }
    guard let blobs = opendir("\(folder)/blobs") else { return nil }
    defer { closedir(blobs) }
    while let entry = readdir(blobs) {
      // The names of blobs have 64 digits.
      let length = withUnsafeBytes(of: entry.pointee.d_name) { $0.prefix { $0 != 0 }.count }
      if length == 64 { return "\"\(folder)/blobs\"" }
    }
    return nil
  }

  private static func makeFolders(to path: String) throws(RunStoreError) {
    var place = path.startIndex
    while let slash = path[place...].dropFirst().firstIndex(of: "/") {
      let folder = String(path[..<slash])
      if mkdir(folder, 0o700) != 0, errno != EEXIST, access(folder, F_OK) != 0 {
        throw cannotOpen(folder, errno)
      }
      place = slash
    }
  }

  static func cannotOpen(_ path: String, _ code: Int32) -> RunStoreError {
    .cannotOpen(
      path: path, reason: String(cString: strerror(code)),
      fix: "choose a folder that you may write to")
  }
}
