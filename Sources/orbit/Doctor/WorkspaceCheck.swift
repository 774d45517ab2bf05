import Glibc
import RunStore

/// Whether a notebook in this folder can keep its workspace.
enum WorkspaceCheck {
  static let subject = "workspace"

  static func findings(in folder: String = ".orbit") -> [Finding] {
    let existing = Files.names(in: folder).filter {
      Files.exists("\(folder)/\($0)/workspace.sqlite")
    }
    return [trial(in: folder)] + existing.compactMap { damage("\(folder)/\($0)/workspace.sqlite") }
  }

  /// Makes a database as a kernel would, writes, reads, and removes it.
  private static func trial(in folder: String) -> Finding {
    let wasThere = Files.exists(folder)
    let place = "\(folder)/doctor-\(getpid())"
    let file = "\(place)/workspace.sqlite"
    defer {
      for ending in ["", "-wal", "-shm", "-journal", "-sessions"] { unlink(file + ending) }
      rmdir(place)
      if !wasThere { rmdir(folder) }
    }
    let path = (try? Files.absolute(folder)) ?? folder
    do {
      let store = try RunStore(path: file)
      let session = try store.beginSession()
      try store.append(HistoryEntry(session: session, line: 1, source: "1 + 1"))
      guard try store.tail(1).first?.source == "1 + 1" else {
        return .problem(
          subject, "SQLite does not give back what was written in \(path)",
          wayOut: "use a folder on a local disk")
      }
    } catch {
      return .problem(
        subject, "\(error)",
        wayOut: "start Jupyter in a folder that you may write to, or orbit install --workspace DIR")
    }
    return .ok(subject, "\(path) can be written to, and SQLite works there")
  }

  /// What is wrong with a notebook's database, if anything.
  private static func damage(_ path: String) -> Finding? {
    do {
      _ = try RunStore(path: path)
      return nil
    } catch {
      return .problem(subject, "\(error)", wayOut: "move \(path) away")
    }
  }
}
