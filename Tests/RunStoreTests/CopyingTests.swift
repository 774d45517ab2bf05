import Foundation
import Testing

@testable import RunStore

/// A store that is read without being opened where it is.
@Suite("A copy of a store")
struct CopyingTests {
  private let name = KeptName(
    name: "a", place: 0, isConstant: true, value: "1", type: "Int", summary: "1")

  private func files(_ folder: String) throws -> [String: Data] {
    var files: [String: Data] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
      files[name] = try Data(contentsOf: URL(filePath: "\(folder)/\(name)"))
    }
    return files
  }

  @Test("it holds what the file and its write-ahead log hold, and leaves them as they are")
  func copies() throws {
    try withFolder { folder in
      let path = "\(folder)/store.sqlite"
      let store = try RunStore(path: path)
      try store.addSession(["cell"])
      try store.commit(line: 1, names: [name], states: [])
      let before = try files(folder)
      #expect(before["store.sqlite-wal"]?.isEmpty == false)
      let copy = try RunStore(copying: path)
      #expect(copy.path == nil)
      #expect(try copy.names() == [name] && copy.tail(5).map(\.source) == ["cell"])
      #expect(try files(folder) == before)
      // What is new in it is its own.
      try copy.addSession(["other"])
      #expect(try files(folder) == before)
      #expect(try store.tail(5).count == 1 && copy.tail(5).count == 2)
    }
  }

  @Test("what is no store of a known version is refused and left as it is")
  func refuses() throws {
    try withFolder { folder in
      let path = "\(folder)/store.sqlite"
      #expect(storeError { () throws(RunStoreError) in _ = try RunStore(copying: path) } != nil)
      do {
        let store = try RunStore(path: path)
        try store.commit(line: 1, names: [name], states: [])
      }
      let whole = try Data(contentsOf: URL(filePath: path))
      var newer = whole
      newer[63] = 99
      for content in [Data("no database".utf8), newer, whole.prefix(4096)] {
        try content.write(to: URL(filePath: path))
        let before = try files(folder)
        #expect(storeError { () throws(RunStoreError) in _ = try RunStore(copying: path) } != nil)
        #expect(try files(folder) == before)
      }
    }
  }
}
