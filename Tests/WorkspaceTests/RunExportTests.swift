import Foundation
import JupyterProtocol
import RunStore
import Testing

@testable import Workspace

/// Recorded runs as files.
@Suite("Exported runs")
struct RunExportTests {
  /// A reader of CSV by the grammar of RFC 4180, section 2, and no more.
  private func records(of text: String) -> [[String]] {
    let bytes = Array(text.utf8)
    var records: [[String]] = []
    var place = 0
    while place < bytes.count {
      var record: [String] = []
      while true {
        var field: [UInt8] = []
        if place < bytes.count, bytes[place] == UInt8(ascii: "\"") {
          place += 1
          while place < bytes.count {
            if bytes[place] == UInt8(ascii: "\"") {
              guard place + 1 < bytes.count, bytes[place + 1] == UInt8(ascii: "\"") else { break }
              place += 1
            }
            field.append(bytes[place])
            place += 1
          }
          place += 1
        } else {
          while place < bytes.count, !Array(",\r\n\"".utf8).contains(bytes[place]) {
            field.append(bytes[place])
            place += 1
          }
        }
        record.append(String(decoding: field, as: UTF8.self))
        guard place < bytes.count, bytes[place] == UInt8(ascii: ",") else { break }
        place += 1
      }
      #expect(bytes.dropFirst(place).starts(with: "\r\n".utf8))
      place += 2
      records.append(record)
    }
    return records
  }

  /// The same numbers on every run (splitmix64).
  private struct Sequence: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
  }

  @Test("any field comes back through a reader of the standard")
  func fields() {
    var generator = Sequence(state: 1)
    let alphabet = ["a", "\"", ",", "\r", "\n", "\r\n", " ", "é", "🪐", "\t", ";", "'", "="]
    for _ in 0..<500 {
      let record = (0..<3).map { _ in
        (0..<Int.random(in: 0...6, using: &generator)).map { _ in
          alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
        }.joined()
      }
      let line = record.map(RunExport.field).joined(separator: ",") + "\r\n"
      let found = records(of: line)
      #expect(found.count == 1)
      #expect(found.first?.map { Array($0.utf8) } == record.map { Array($0.utf8) })
    }
    #expect(RunExport.field("plain") == "plain")
  }

  private func withFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "orbit-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.path)
  }

  @Test("a file has all that the runs tell, and replaces one of its name whole")
  func files() throws {
    try withFolder { folder in
      let notebook = Notebook()
      let made = notebook.run(
        """
        let shapes = Shapes(count: 100, size: 16, seed: 1)
        let model = AET(for: shapes, encoder: NIN(widths: [4, 8]), seed: 1)
        // "quoted", and of several lines
        train(model, on: shapes.train, epochs: 1, batch: 32)
        train(model, on: shapes.train, epochs: 2, batch: 32, seed: 3)
        knn(model, train: shapes.train, test: shapes.test, k: 5, baselines: false)
        """)
      try #require(made.error == nil)
      let path = "\(folder)/runs.csv"
      try Data("what was there before".utf8).write(to: URL(filePath: path))
      #expect(
        notebook.run("export(runs(), to: \"\(path)\")").text.contains("exported 2 runs"))
      let found = records(of: try String(contentsOf: URL(filePath: path), encoding: .utf8))
      let runs = try notebook.interpreter.workspace.journal.runs()
      #expect(found.count == 3 && found.allSatisfy { $0.count == found[0].count })
      #expect(Set(found[0]).count == found[0].count)
      for (run, line) in zip(runs, found.dropFirst()) {
        let row = Dictionary(uniqueKeysWithValues: zip(found[0], line))
        #expect(row["id"] == "\(run.id)" && row["seed"] == "\(run.record.seed)")
        #expect(row["code"] == run.record.code && row["code"]?.contains("\"quoted\"") == true)
        #expect(row["status"] == "completed")
        #expect(row["loss"].flatMap(Double.init) == run.record.finalLoss)
        #expect(row["seconds"].flatMap(Double.init) == run.record.seconds)
        // What was not measured is empty.
        #expect(row["knn"] == run.probe("knn").map { "\($0.value)" } ?? "")
        for option in run.options { #expect(row["options.\(option.name)"] == option.text) }
      }
      #expect(runs.map { $0.probes.count } == [1, 0])
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["runs.csv"])
    }
  }

  @Test("JSON has the metrics and the protocols")
  func json() throws {
    try withFolder { folder in
      let notebook = Notebook()
      notebook.run(
        """
        let shapes = Shapes(count: 100, size: 16, seed: 1)
        let model = VQVAE(for: shapes, codes: 8, dimension: 4)
        let run = train(model, on: shapes.train, epochs: 2, batch: 32)
        reconstruction(model, on: shapes.test)
        """)
      let path = "\(folder)/runs.json"
      #expect(notebook.run("export(run, to: \"\(path)\")").error == nil)
      let runs = try JSONValue(parsing: Array(Data(contentsOf: URL(filePath: path))))
      let run = try #require(runs.elements?.first)
      let recorded = try #require(try notebook.interpreter.workspace.journal.runs().first)
      for (name, values) in try recorded.values() {
        let found = run["metrics"]?[name]?["values"]?.elements ?? []
        #expect(found == values.map { .number($0.value) }, "\(name)")
      }
      #expect(try recorded.values().count > 1)
      let probe = try #require(run["probes"]?.elements?.first)
      #expect(probe["name"]?.text == "reconstruction")
      #expect(probe["protocol"]?.text == recorded.probes[0].protocolText)
      #expect(run["code"]?.text == recorded.record.code)
    }
  }

  @Test("what is not a number has no text in CSV and is null in JSON")
  func notNumbers() throws {
    var record = RunRecord(
      name: "a", method: "AET", data: "", checksum: "", seed: .max, epochs: 1, started: 0)
    record.finalLoss = .nan
    record.imagesPerSecond = .infinity
    let run = RecordedRun(
      record,
      probes: [.init(run: 1, name: "knn", value: .nan, protocolText: "", step: 1, time: 0)],
      names: ["knn"], in: Journal(folder: nil))
    let found = records(of: RunExport.csv([run]))
    let row = Dictionary(uniqueKeysWithValues: zip(found[0], found[1]))
    #expect(row["loss"] == "" && row["knn"] == "" && row["seconds"] == "")
    #expect(row["samplesPerSecond"] == "inf" && row["seed"] == "\(UInt64.max)")
    let object = try RunExport.json([run]).elements?[0]
    #expect(object?["loss"] == .null && object?["samplesPerSecond"] == .null)
    #expect(object?["probes"]?.elements?[0]["value"] == .null)
    #expect(records(of: RunExport.csv([])).count == 1)
  }

  @Test("a commit is known where the build noted it after the program was made")
  func commits() throws {
    try withFolder { folder in
      let program = "\(folder)/orbit"
      func touch(_ path: String, _ text: String, at seconds: Double) throws {
        try Data(text.utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes(
          [.modificationDate: Date(timeIntervalSince1970: seconds)], ofItemAtPath: path)
      }
      try touch(program, "", at: 1000)
      #expect(Build.commit(of: program) == nil)
      try touch("\(program).commit", "3f2a91c04b7e\n", at: 1001)
      #expect(Build.commit(of: program) == "3f2a91c04b7e")
      try touch(program, "newer", at: 1002)
      #expect(Build.commit(of: program) == nil)
    }
  }
}
