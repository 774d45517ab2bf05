import GRDB
import Glibc

extension RunStore {
  /// A store in memory with what a file holds that cannot be opened where it is: in a folder that may not be
  /// written to, on a disk that is full.
  ///
  /// The file and what SQLite keeps beside it are copied to a temporary folder and read there, so that nothing
  /// beside the file is touched.
  ///
  /// - Throws: `RunStoreError` where the file is not a store of a known version, where names cannot be read from
  ///   it, or no place for a copy is found.
  public convenience init(copying path: String) throws(RunStoreError) {
    do {
      let descriptor = open(path, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw Self.cannotOpen(path, errno) }
      defer { close(descriptor) }
      try Self.checkHeader(descriptor, path)
      let queue = try Self.inTemporaryFolder { folder in
        for suffix in ["", "-wal", "-journal"] {
          try Self.copy(
            path + suffix, to: "\(folder)/copy.sqlite\(suffix)", isNeeded: suffix.isEmpty)
        }
        let copy = try DatabaseQueue(
          path: "\(folder)/copy.sqlite", configuration: Self.configuration)
        let memory = try DatabaseQueue(configuration: Self.configuration)
        try copy.backup(to: memory)
        try copy.close()
        try memory.writeWithoutTransaction { try Schema.migrate($0) }
        return memory
      }
      self.init(memory: queue)
    } catch {
      throw .from(error, "copy", path)
    }
    _ = try names()
  }

  /// Runs `body` with a new folder, in memory where the system has such a place, and removes it afterwards.
  private static func inTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result
  {
    let places = ["/dev/shm", getenv("TMPDIR").map { String(cString: $0) }, "/tmp"].compactMap {
      $0
    }
    for place in places {
      var template = Array("\(place)/orbit-XXXXXX".utf8CString)
      guard mkdtemp(&template) != nil else { continue }
      let folder = String(
        decoding: template.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      defer {
        for suffix in ["", "-wal", "-shm", "-journal"] { unlink("\(folder)/copy.sqlite\(suffix)") }
        rmdir(folder)
      }
      do {
        return try body(folder)
      } catch  where place != places.last {
        continue
      }
    }
    throw cannotOpen(places.last ?? "/tmp", errno)
  }

  private static func copy(_ path: String, to target: String, isNeeded: Bool) throws(RunStoreError)
  {
    let source = open(path, O_RDONLY | O_CLOEXEC)
    guard source >= 0 else {
      if !isNeeded { return }
      throw cannotOpen(path, errno)
    }
    defer { close(source) }
    let copy = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard copy >= 0 else { throw cannotOpen(target, errno) }
    defer { close(copy) }
    while true {
      let moved = sendfile(copy, source, nil, 1 << 30)
      if moved == 0 { return }
      if moved < 0, errno != EINTR { throw cannotOpen(target, errno) }
    }
  }
}
