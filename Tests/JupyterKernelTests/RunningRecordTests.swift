import Glibc
import Testing

@testable import JupyterKernel

/// What a process writes down for the one after it.
@Suite struct RunningRecordTests {
  /// A folder that is removed with all that is in it.
  private final class Folder {
    let path: String

    init() {
      var template = Array("/tmp/orbit-record-XXXXXX".utf8CString)
      path = mkdtemp(&template).map { String(cString: $0) } ?? ""
    }

    deinit {
      for name in names { unlink("\(path)/\(name)") }
      rmdir(path)
    }

    var names: [String] {
      guard let directory = opendir(path) else { return [] }
      defer { closedir(directory) }
      var names: [String] = []
      while let entry = readdir(directory) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) {
          String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
        if !name.hasPrefix(".") { names.append(name) }
      }
      return names
    }

    func text(_ name: String) -> String {
      let descriptor = open("\(path)/\(name)", O_RDONLY)
      defer { close(descriptor) }
      var bytes = [UInt8](repeating: 0, count: 1_024)
      return String(decoding: bytes[..<max(0, read(descriptor, &bytes, 1_024))], as: UTF8.self)
    }

    func write(_ text: String, to name: String) {
      let descriptor = open("\(path)/\(name)", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
      defer { close(descriptor) }
      _ = Glibc.write(descriptor, text, text.utf8.count)
    }
  }

  @Test func aLivingProcessIsNotFoundAndADeadOneIs() throws {
    let folder = Folder()
    let record = try #require(RunningRecord(folder: folder.path, version: "9.8.7", session: 4))
    #expect(folder.names.map(folder.text) == [""])
    record.note(cell: 3)
    record.note(step: 0)
    let text = try #require(folder.names.map(folder.text).first)
    #expect(SuddenEnd.found(in: folder.path).isEmpty)
    // What the same words mean once nobody holds the file.
    folder.write(text, to: "running-dead")
    let end = try #require(SuddenEnd.found(in: folder.path).first)
    #expect(end.signal == nil && end.cell == 3 && end.step == 0 && end.session == 4)
    #expect(end.version == "9.8.7")
    #expect(end.memory > 1 << 20 && abs(end.time - Glibc.time(nil)) < 60)
    #expect(end.forget())
    #expect(!end.forget())
    record.note(cell: nil)
    #expect(folder.names.map(folder.text) != [""])
    record.note(step: nil)
    #expect(folder.names.map(folder.text) == [""])
    record.close()
    #expect(folder.names.isEmpty)
    // A training that goes on behind the end writes nowhere.
    record.note(step: 5)
    #expect(folder.names.isEmpty)
  }

  @Test func stepsReachTheFileTenTimesASecond() throws {
    let folder = Folder()
    let record = try #require(RunningRecord(folder: folder.path, version: "1", session: 1))
    defer { record.close() }
    record.note(cell: 1)
    for step in 0..<1_000 { record.note(step: step) }
    usleep(110_000)
    record.note(step: 1_000)
    #expect(folder.names.map(folder.text).first?.contains("step 1000\n") == true)
  }

  @Test func aFolderThatIsNotThereGivesNoRecord() {
    #expect(RunningRecord(folder: "/nowhere/at all", version: "1", session: 1) == nil)
    #expect(SuddenEnd.found(in: "/nowhere/at all").isEmpty)
  }

  @Test func theSentenceSaysWhatIsKnown() throws {
    func sentence(_ fields: String) -> String? {
      SuddenEnd(parsing: "session 1\n\(fields)\nversion 0.1.0\n\n\n")?.sentence
    }
    #expect(
      sentence("cell 3\nstep 120\nmemory 104857600\ntime 1700000000\nsignal 11")
        == "An earlier kernel of this workspace crashed with SIGSEGV, a touch of memory that is not its "
        + "own while cell 3 ran, after training step 120 (100 MB in memory, Orbit 0.1.0, "
        + "2023-11-14 22:13:20 UTC).")
    #expect(
      sentence("cell 2\nstep -1\nmemory 0\ntime 1700000000\nsignal 0")
        == "An earlier kernel of this workspace ended without saying goodbye while cell 2 ran: it was "
        + "killed, as happens when memory runs out (Orbit 0.1.0, 2023-11-14 22:13:20 UTC).")
    #expect(sentence("cell 0\nstep 7\nmemory 0\ntime 0\nsignal 6")?.contains("SIGABRT") == true)
    #expect(
      sentence("cell 0\nstep 7\nmemory 0\ntime 0\nsignal 6")?.contains(" after training step 7 ")
        == true)
    #expect(sentence("cell 0\nstep -1\nmemory 0\ntime 0\nsignal 0") == nil)
    for text in ["", "cell", "cell x\nstep y", "\0\0\0", "cell 99999999999999999999\nstep 1"] {
      #expect(SuddenEnd(parsing: text) == nil)
    }
    // Numbers that no kernel writes end nothing.
    #expect(
      sentence("cell 1\nstep 1\nmemory -5\ntime 9223372036854775807\nsignal 9223372036854775807")
        != nil)
  }
}
