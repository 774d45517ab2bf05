import Formats
import Foundation
import Testing

@testable import Workspace

/// The folder of blobs, and the lock of a workspace's folder.
@Suite struct KeepingBlobTests {
  private func contents(_ folder: String) throws -> Set<String> {
    Set(try FileManager.default.contentsOfDirectory(atPath: folder))
  }

  @Test func theSameBytesAreKeptOnce() throws {
    try withFolder { folder in
      let blobs = BlobFolder(path: "\(folder)/blobs")
      let hash = try blobs.write(Array("orbit".utf8))
      #expect(hash == SHA256.hex(of: Array("orbit".utf8)))
      let first = File.stamp(of: "\(folder)/blobs/\(hash)")
      #expect(try blobs.write(Array("orbit".utf8)) == hash)
      #expect(File.stamp(of: "\(folder)/blobs/\(hash)") == first, "it was written a second time")
      let empty = try blobs.write([])
      #expect(try contents("\(folder)/blobs") == [hash, empty])
      #expect(try blobs.read(hash) == Array("orbit".utf8) && blobs.read(empty).isEmpty)
      #expect(blobs.all.map(\.bytes).sorted() == [0, 5])
    }
  }

  @Test func whatIsDamagedIsRefusedAndMendedByItsBytes() throws {
    try withFolder { folder in
      let blobs = BlobFolder(path: folder)
      let bytes = (0..<1000).map { UInt8($0 % 251) }
      let hash = try blobs.write(bytes)
      let path = "\(folder)/\(hash)"
      var flipped = bytes
      flipped[500] ^= 1
      for damaged in [flipped, Array(bytes.prefix(999)), bytes + [0], []] {
        try Data(damaged).write(to: URL(filePath: path))
        #expect(throws: FormatError.self) { try blobs.read(hash) }
        #expect(try Data(contentsOf: URL(filePath: path)) == Data(damaged), "reading changed it")
        #expect(try blobs.write(bytes) == hash)
        #expect(try blobs.read(hash) == bytes)
      }
      blobs.remove(hash)
      #expect(throws: FormatError.self) { try blobs.read(hash) }
    }
  }

  @Test func collectionKeepsWhatIsNeeded() throws {
    try withFolder { folder in
      let blobs = BlobFolder(path: folder)
      let hashes = try (0..<20).map { try blobs.write(Array(repeating: 7, count: $0 + 1)) }
      let partial = "\(folder)/.\(hashes[0]).1.0.partial"
      try Data(count: 100).write(to: URL(filePath: partial))
      try Data("mine".utf8).write(to: URL(filePath: "\(folder)/notes.txt"))
      let needed = Set(hashes.indices.filter { $0 % 3 == 0 }.map { hashes[$0] })
      let freed = hashes.indices.filter { $0 % 3 != 0 }.reduce(100) { $0 + $1 + 1 }
      #expect(blobs.collect(except: needed.union(["0"])) == freed)
      #expect(try contents(folder) == needed.union(["notes.txt"]))
      #expect(blobs.collect(except: needed) == 0)
    }
  }

  @Test func aBlobThatCannotBeWrittenLeavesNothing() throws {
    try withFolder { folder in
      try Data().write(to: URL(filePath: "\(folder)/file"))
      #expect(throws: FormatError.self) { try BlobFolder(path: "\(folder)/file").write([1]) }
      #expect(try contents(folder) == ["file"])
      #expect(BlobFolder(path: "\(folder)/none").all.isEmpty)
    }
  }

  // MARK: The lock

  @Test func oneHolderAtATime() throws {
    try withFolder { folder in
      let first = try #require(try FolderLock(folder: folder))
      #expect(try FolderLock(folder: folder) == nil)
      #expect(try exit(of: "flock --nonblock '\(folder)/lock' true") == 1)
      first.release()
      let second = try #require(try FolderLock(folder: folder))
      second.release()
      #expect(try exit(of: "flock --nonblock '\(folder)/lock' true") == 0)
      #expect(throws: FormatError.self) { _ = try FolderLock(folder: "\(folder)/none") }
    }
  }

  @Test func aHolderThatIsKilledGivesTheLockBack() throws {
    try withFolder { folder in
      // It says when it has the lock, and keeps it until its input ends.
      let holder = shell("exec 9>'\(folder)/lock'; flock 9; echo held; read line")
      let (input, output) = (Pipe(), Pipe())
      (holder.standardInput, holder.standardOutput) = (input, output)
      try holder.run()
      #expect(
        String(decoding: output.fileHandleForReading.availableData, as: UTF8.self) == "held\n")
      #expect(try FolderLock(folder: folder) == nil)
      kill(holder.processIdentifier, SIGKILL)
      holder.waitUntilExit()
      let lock = try #require(try FolderLock(folder: folder))
      lock.release()
    }
  }

  private func shell(_ command: String) -> Process {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", command]
    return process
  }

  private func exit(of command: String) throws -> Int32 {
    let process = shell(command)
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }
}
