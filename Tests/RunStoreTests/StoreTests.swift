import Foundation
import GRDB
import Testing

@testable import RunStore

@Suite("The store's file")
struct StoreTests {
  @Test("what was written is there when the file is opened again, in folders made for it")
  func persists() throws {
    try withFolder { folder in
      let path = "\(folder)/a/b/store.sqlite"
      let store = try RunStore(path: path)
      #expect(store.path == path)
      let session = try store.addSession(["a", "b"])
      let run = try store.begin(sampleRun())
      try store.append([Metric(step: 0, epoch: 0, name: "loss", value: 1)], to: run)
      try store.endSession()
      // The first store is still open: a second kernel may come.
      let again = try RunStore(path: path)
      #expect(try again.tail(5).map(\.source) == ["a", "b"])
      #expect(try again.runs().map(\.id) == [run])
      #expect(try again.metrics(of: run).count == 1)
      #expect(try again.beginSession() > session)
      #expect(try again.range(session: -1).count == 2)
    }
  }

  @Test("the file is in WAL mode, carries Orbit's mark, and others cannot read it")
  func format() throws {
    try withFolder { folder in
      let path = "\(folder)/store.sqlite"
      let store = try RunStore(path: path)
      let modes = try store.read("look") { database in
        try ["journal_mode", "application_id", "user_version"].map {
          try String.fetchOne(database, sql: "PRAGMA \($0)") ?? ""
        }
      }
      #expect(modes == ["wal", "\(0x4F72_6274)", "3"])
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      #expect((attributes[.posixPermissions] as? Int) == 0o600)
    }
  }

  @Test("a file in memory has no path and keeps nothing")
  func memory() throws {
    let store = try RunStore.inMemory()
    #expect(store.path == nil)
    try store.addSession(["a"])
    #expect(try RunStore.inMemory().tail(1).isEmpty)
  }

  @Test("an empty file becomes a store")
  func empty() throws {
    try withFolder { folder in
      let path = "\(folder)/store.sqlite"
      try Data().write(to: URL(filePath: path))
      #expect(try RunStore(path: path).tail(1).isEmpty)
    }
  }

  @Test("a place that cannot be used is named with the system's reason")
  func places() throws {
    try withFolder { folder in
      try Data("x".utf8).write(to: URL(filePath: "\(folder)/file"))
      for (path, reason) in [
        ("\(folder)/file/store.sqlite", "Not a directory"), (folder, "Is a directory"),
        ("/proc/no/store.sqlite", "No such file"), ("", "No such file"),
      ] {
        let error = storeError { () throws(RunStoreError) in _ = try RunStore(path: path) }
        guard case .cannotOpen(_, let found, let fix) = error else {
          Issue.record("\(path): \(String(describing: error))")
          continue
        }
        #expect(found.contains(reason))
        #expect(!fix.isEmpty)
      }
    }
  }

  @Test("what is not a store is refused and left as it is")
  func foreign() throws {
    try withFolder { folder in
      let path = "\(folder)/file"
      let other = try DatabaseQueue(path: "\(folder)/other.sqlite")
      try other.write { try $0.execute(sql: "CREATE TABLE t (a); INSERT INTO t VALUES (1)") }
      try other.close()
      let contents: [Data] = [
        Data("not a database".utf8), Data(repeating: 7, count: 5000),
        Data("SQLite format 3\0".utf8), Data("SQLite format 3\0".utf8) + Data(count: 84),
        try Data(contentsOf: URL(filePath: "\(folder)/other.sqlite")),
      ]
      for content in contents {
        try content.write(to: URL(filePath: path))
        let error = storeError { () throws(RunStoreError) in _ = try RunStore(path: path) }
        guard case .damaged(path, _, _) = error else {
          Issue.record("\(String(describing: error))")
          continue
        }
        #expect(try Data(contentsOf: URL(filePath: path)) == content)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 2)
      }
    }
  }

  @Test("a store of a newer version is refused and left as it is")
  func newer() throws {
    try withFolder { folder in
      let path = "\(folder)/store.sqlite"
      do {
        let store = try RunStore(path: path)
        try store.addSession(["a"])
        try store.write("pretend") { try $0.execute(sql: "PRAGMA user_version = 7") }
      }
      let error = storeError { () throws(RunStoreError) in _ = try RunStore(path: path) }
      guard case .newer(path, 7, Schema.version, _) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(error?.description.contains("update Orbit") == true)
      let queue = try DatabaseQueue(path: path)
      #expect(try queue.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM history") } == 1)
    }
  }

  @Test("a store that lacks a table or is cut short is refused")
  func incomplete() throws {
    try withFolder { folder in
      let path = "\(folder)/store.sqlite"
      do {
        let store = try RunStore(path: path)
        try store.write("damage") { try $0.execute(sql: "DROP TABLE metrics") }
      }
      let lacking = storeError { () throws(RunStoreError) in _ = try RunStore(path: path) }
      #expect(lacking?.description.contains("no such table: metrics") == true)
      let whole = try Data(contentsOf: URL(filePath: path))
      for length in stride(from: 1, to: whole.count, by: 997) {
        try whole.prefix(length).write(to: URL(filePath: path))
        let error = storeError { () throws(RunStoreError) in _ = try RunStore(path: path) }
        guard case .damaged = error else {
          Issue.record("\(length): \(String(describing: error))")
          continue
        }
      }
    }
  }

  @Test("whatever is damaged, the store answers or throws", arguments: 0..<8)
  func damaged(part: Int) throws {
    try withFolder { folder in
      let path = "\(folder)/store.sqlite"
      do {
        let store = try RunStore(path: path)
        try store.addSession(["a", "b", String(repeating: "long ", count: 2000)])
        let run = try store.begin(sampleRun())
        try store.append(
          (0..<50).map { Metric(step: $0, epoch: 0, name: "loss", value: 1) }, to: run)
      }
      let whole = try Data(contentsOf: URL(filePath: path))
      #expect(whole.count > 8192)
      var refused = 0
      // Every byte of the header and of the first records of each page; each part takes its turn.
      let places = whole.indices.filter { $0 % 4096 < 110 || $0 % 4096 > 4040 || $0 % 251 == 0 }
      for place in places where place % 8 == part {
        var wrong = whole
        wrong[place] ^= 0xff
        for name in ["", "-wal", "-shm"] {
          try? FileManager.default.removeItem(atPath: path + name)
        }
        try wrong.write(to: URL(filePath: path))
        let error = storeError { () throws(RunStoreError) in
          let store = try RunStore(path: path)
          _ = try store.tail(10, unique: true)
          _ = try store.runs()
          _ = try store.metrics(of: 1)
          _ = try store.range(session: -1)
          try store.append(
            HistoryEntry(session: try store.beginSession(), line: 1, source: "new"))
        }
        if error != nil { refused += 1 }
      }
      #expect(refused > 0)
    }
  }

  @Test("several kernels that start at once make one store")
  func race() throws {
    try withFolder { folder in
      for round in 0..<20 {
        let path = "\(folder)/\(round).sqlite"
        DispatchQueue.concurrentPerform(iterations: 6) { worker in
          do {
            try RunStore(path: path).addSession(["\(worker)"])
          } catch {
            Issue.record("\(error)")
          }
        }
        let found = try RunStore(path: path).tail(10)
        #expect(found.count == 6)
      }
    }
  }

  @Test("many threads append and read at once, and nothing is lost")
  func threads() throws {
    try withFolder { folder in
      let path = "\(folder)/store.sqlite"
      let store = try RunStore(path: path)
      let other = try RunStore(path: path)
      let session = try store.beginSession()
      let otherSession = try other.beginSession()
      let run = try store.begin(sampleRun())
      DispatchQueue.concurrentPerform(iterations: 8) { worker in
        for line in 1...25 {
          let (mine, number) = worker % 2 == 0 ? (store, session) : (other, otherSession)
          do {
            try mine.append(
              HistoryEntry(session: number, line: worker * 100 + line, source: "\(worker)"))
            try mine.append(
              [Metric(step: line, epoch: 0, name: "worker \(worker)", value: 1)], to: run)
            _ = try mine.tail(5, unique: true)
          } catch {
            Issue.record("\(error)")
          }
        }
      }
      #expect(try store.tail(1000).count == 200)
      #expect(try other.metrics(of: run).count == 200)
      #expect(try store.search("3").count == 25)
    }
  }
}
