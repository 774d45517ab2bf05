import Formats
import Foundation
import Synchronization
import Testing

@testable import Datasets

/// The server of `serve.py` on a port of its own.
private final class Server {
  let port: Int
  private let process = Process()
  private let output = Pipe()

  init() throws {
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", try fixture("serve.py")]
    process.standardOutput = output
    try process.run()
    var line = Data()
    while line.last != 0x0a {
      guard let byte = try output.fileHandleForReading.read(upToCount: 1), !byte.isEmpty else {
        break
      }
      line += byte
    }
    let text = String(decoding: line.dropLast(), as: UTF8.self)
    port = try #require(Int(text), "the server did not start")
  }

  /// What was asked for so far: paths with the first byte.
  func stop() -> [String] {
    // It may have been given a mask that blocks the milder signals.
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    let rest = (try? output.fileHandleForReading.readToEnd()) ?? Data()
    return String(decoding: rest, as: UTF8.self).split(separator: "\n").map(String.init)
  }
}

@Suite("Downloads", .serialized)
struct DownloadTests {
  private let content = (0..<100_000).map { UInt8($0 % 251) }

  private func file(_ path: String, _ server: Server, checksum: String? = nil) -> PublishedFile {
    PublishedFile(
      path, from: "http://127.0.0.1:\(server.port)/\(path)",
      checksum: checksum ?? SHA256.hex(of: content))
  }

  @Test("a file is fetched into a new folder, and not again")
  func fetches() throws {
    let server = try Server()
    try withFolder { folder in
      let place = "\(folder)/a/b"
      for _ in 0..<2 {
        try Download().fetch([file("file", server)], of: "Tiny", into: place)
      }
      #expect(try File.read("\(place)/file") == content)
      #expect(try FileManager.default.contentsOfDirectory(atPath: place) == ["file"])
    }
    #expect(server.stop() == ["/file 0"])
  }

  @Test("a broken line is taken up where it broke")
  func carriesOn() throws {
    let server = try Server()
    try withFolder { folder in
      // curl's own attempts carry on, or else the next call does.
      let wanted = [file("breaks", server)]
      do {
        try Download().fetch(wanted, of: "Tiny", into: folder)
      } catch {
        #expect("\(error)".contains("carries on"))
        try Download().fetch(wanted, of: "Tiny", into: folder)
      }
      #expect(try File.read("\(folder)/breaks") == content)
    }
    let asked = server.stop()
    #expect(asked.first == "/breaks 0" && asked.last == "/breaks 40000", "\(asked)")
  }

  @Test("what is not the published file is not kept")
  func checksum() throws {
    let server = try Server()
    try withFolder { folder in
      let wrong = [file("file", server, checksum: String(repeating: "0", count: 64))]
      let error = datasetError { () throws(DatasetError) in
        try Download().fetch(wrong, of: "Tiny", into: folder)
      }
      guard case .checksum = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      let kept = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(kept.isEmpty)
    }
    _ = server.stop()
  }

  @Test("a missing file, a dead server and a stop are told with the way out")
  func failures() throws {
    let server = try Server()
    try withFolder { folder in
      let missing = datasetError { () throws(DatasetError) in
        try Download().fetch([file("other", server)], of: "Tiny", into: folder)
      }
      #expect(missing?.description.contains("404") == true, "\(String(describing: missing))")
      let stopped = datasetError { () throws(DatasetError) in
        try Download(isStopped: { true }).fetch([file("file", server)], of: "Tiny", into: folder)
      }
      #expect(stopped?.description.contains("stopped after") == true)
      let nowhere = datasetError { () throws(DatasetError) in
        try Download().fetch([file("file", server)], of: "Tiny", into: "/proc/nowhere")
      }
      #expect(nowhere?.description.contains("the folder cannot be made") == true)
    }
    _ = server.stop()
  }
}
