import GRDB
import Testing

@testable import RunStore

@Suite("Older files")
struct MigrationTests {
  /// A file of version 1 with all kinds of rows, as the program of that time made it.
  private func makeFirstVersion(at path: String) throws {
    let queue = try DatabaseQueue(path: path)
    try queue.write { database in
      try database.execute(sql: Schema.steps[0])
      try database.execute(
        sql: """
          PRAGMA application_id = \(Schema.applicationID);
          PRAGMA user_version = 1;
          INSERT INTO sessions VALUES (1, 10, 20), (2, 30, NULL);
          INSERT INTO history VALUES
            (1, 1, 'let a = 1', '1', 11, 'ok'), (1, 2, 'train(aet, on: small)', NULL, 12, 'ok'),
            (2, 1, 'train(vq, on: small)', NULL, 31, 'died');
          INSERT INTO runs VALUES
            (1, 1, 2, 'aet', 'AET', '{"batch":"64"}', 'FashionMNIST().train', 'abc', -1,
             'finished', 12, 19, 3, 0.25, 1000),
            (2, 2, 1, 'vq', 'VQVAE', 'no JSON', 'Shapes()', 'def', 7, 'running', 31, NULL, 5,
             NULL, NULL),
            (3, NULL, NULL, 'x', 'AET', '{}', '', '', 1, 'failed', 40, 41, 1, NULL, NULL);
          INSERT INTO metrics VALUES
            (1, 'loss', 1, 0, 0.5), (1, 'loss', 2, 0, NULL), (1, 'reconstruction', 2, 0, 0.1),
            (2, 'loss', 1, 0, 1);
          """)
    }
    try queue.close()
  }

  /// All rows of a table by its first version's columns.
  private func rows(of table: String, columns: [String], in path: String) throws -> [Row] {
    let queue = try DatabaseQueue(path: path)
    defer { try? queue.close() }
    return try queue.read {
      try Row.fetchAll($0, sql: "SELECT \(columns.joined(separator: ", ")) FROM \(table)")
    }
  }

  @Test("keep all rows, and what the other tables tell of a run is filled in")
  func firstVersion() throws {
    try withFolder { folder in
      let path = "\(folder)/store.sqlite"
      try makeFirstVersion(at: path)
      let queue = try DatabaseQueue(path: path)
      let columns = try queue.read { database in
        try ["sessions", "history", "runs", "metrics"].map { table in
          (table, try database.columns(in: table).map(\.name))
        }
      }
      try queue.close()
      let before = try columns.map { try rows(of: $0.0, columns: $0.1, in: path) }
      #expect(before.map(\.count) == [2, 3, 3, 4])
      let store = try RunStore(path: path)
      let after = try columns.map { try rows(of: $0.0, columns: $0.1, in: path) }
      for (table, (old, new)) in zip(before, after).enumerated() where table != 2 {
        #expect(old == new)
      }
      // Nobody holds the lock of session 2: that run is broken, and all else of the runs is as it was.
      #expect(try store.runs(order: .oldest).map(\.status) == [.finished, .broken, .failed])
      for (old, new) in zip(before[2], after[2]) {
        for name in columns[2].1 where name != "status" {
          let (was, stays): (DatabaseValue, DatabaseValue) = (old[name], new[name])
          #expect(was == stays, "\(name)")
        }
      }
      let runs = try store.runs(order: .oldest)
      #expect(runs.map(\.code) == ["train(aet, on: small)", "train(vq, on: small)", nil])
      #expect(runs.map(\.batch) == [64, nil, nil])
      #expect(runs.map(\.steps) == [2, 1, 0])
      #expect(runs.allSatisfy { $0.build == nil && $0.host == nil && $0.planned == nil })
      #expect(runs[0].seed == .max)
      #expect(try store.probes().isEmpty)
    }
  }

  @Test("end where a new file begins")
  func sameSchema() throws {
    try withFolder { folder in
      try makeFirstVersion(at: "\(folder)/old.sqlite")
      let schemas = try ["old", "new"].map { name in
        try RunStore(path: "\(folder)/\(name).sqlite").read("look") { database in
          try String.fetchAll(
            database, sql: "SELECT sql FROM sqlite_master WHERE sql NOT NULL ORDER BY name")
            + [try String.fetchOne(database, sql: "PRAGMA user_version") ?? ""]
        }
      }
      #expect(schemas[0] == schemas[1])
    }
  }
}
