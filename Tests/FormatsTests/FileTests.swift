import Formats
import Foundation
import Testing

@Suite("Files")
struct FileTests {
  @Test("what is written is read again", arguments: [0, 1, 4096, 1_000_003])
  func roundTrip(count: Int) throws {
    try withFolder { folder in
      let bytes = mixedBytes(count)
      try File.write(bytes, to: "\(folder)/file")
      #expect(try File.read("\(folder)/file") == bytes)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["file"])
    }
  }

  @Test("writing replaces the whole old content, also behind a link")
  func replaces() throws {
    try withFolder { folder in
      try File.write(mixedBytes(1000), to: "\(folder)/file")
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/link", withDestinationPath: "\(folder)/file")
      try File.write([1, 2], to: "\(folder)/link")
      #expect(try File.read("\(folder)/file") == [1, 2])
      #expect(
        try FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/link")
          == "\(folder)/file")
    }
  }

  @Test("a missing file is named with the system's reason and a way out")
  func missing() throws {
    let error = try #require(formatError { () throws(FormatError) in _ = try File.read("/no/x") })
    #expect(error.path == "/no/x")
    #expect(error.description.contains("No such file or directory"))
    #expect(error.description.contains("check the spelling"))
  }

  @Test("a folder is not a file")
  func folder() throws {
    try withFolder { folder in
      let read = formatError { () throws(FormatError) in _ = try File.read(folder) }
      #expect(read?.description.contains("it is a folder") == true)
      let write = formatError { () throws(FormatError) in try File.write([], to: folder) }
      #expect(write?.description.contains("it is a folder") == true)
      let empty = formatError { () throws(FormatError) in try File.write([], to: "") }
      #expect(empty?.description.contains("names no file") == true)
    }
  }

  @Test("a failed write says why and leaves nothing behind")
  func failedWrite() throws {
    try withFolder { folder in
      try File.write([1], to: "\(folder)/file")
      let inFile = formatError { () throws(FormatError) in
        try File.write([2], to: "\(folder)/file/inside")
      }
      #expect(inFile?.description.contains("Not a directory") == true)
      let absent = formatError { () throws(FormatError) in
        try File.write([2], to: "\(folder)/absent/file")
      }
      #expect(absent?.description.contains("make the folder first") == true)
      let long = String(repeating: "x", count: 300)
      let tooLong = formatError { () throws(FormatError) in
        try File.write([2], to: "\(folder)/\(long)")
      }
      #expect(tooLong?.description.contains("shorten the name") == true)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["file"])
      #expect(try File.read("\(folder)/file") == [1])
    }
  }

  @Test("the limit on the size holds")
  func limit() throws {
    try withFolder { folder in
      try File.write(mixedBytes(100), to: "\(folder)/file")
      #expect(try File.read("\(folder)/file", limit: 100).count == 100)
      let error = formatError { () throws(FormatError) in
        _ = try File.read("\(folder)/file", limit: 99)
      }
      guard case .tooLarge(_, _, limit: 99, _) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
    }
  }

  @Test("a stamp changes with the content and not with the path")
  func stamp() throws {
    try withFolder { folder in
      let path = "\(folder)/file"
      #expect(File.stamp(of: path) == nil)
      #expect(File.stamp(of: folder) == nil)
      try File.write([1], to: path)
      let first = try #require(File.stamp(of: path))
      #expect(File.stamp(of: "\(folder)/./file") == first)
      try File.write([1, 2], to: path)
      #expect(File.stamp(of: path) != first)
    }
  }
}

@Suite("SHA-256")
struct SHA256Tests {
  // The examples of FIPS 180-4's validation set: empty, "abc", 56 letters.
  @Test(
    "published digests",
    arguments: [
      ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
    ])
  func published(text: String, digest: String) { #expect(SHA256.hex(of: text) == digest) }

  @Test("pieces give the digest of the whole", arguments: [1, 63, 64, 65, 1000])
  func pieces(size: Int) {
    let bytes = mixedBytes(3000)
    var hash = SHA256()
    for start in stride(from: 0, to: bytes.count, by: size) {
      bytes[start..<min(start + size, bytes.count)].withUnsafeBytes { hash.update($0) }
      _ = hash.hex()
    }
    #expect(hash.hex() == SHA256.hex(of: bytes))
  }
}
