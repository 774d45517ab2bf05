import Formats
import Testing

@Suite("Gzip")
struct GzipTests {
  @Test("what is compressed is decompressed again", arguments: [0, 1, 100, 65_536, 3_000_000])
  func roundTrip(count: Int) throws {
    let bytes = mixedBytes(count)
    let packed = Gzip.compress(bytes)
    #expect(Gzip.isCompressed(packed))
    #expect(packed == Gzip.compress(bytes))
    #expect(try Gzip.decompress(packed, path: "f.gz") == bytes)
  }

  @Test("members one after the other are joined, zeros after them are padding")
  func members() throws {
    let (first, second) = (mixedBytes(500), mixedBytes(70_000))
    let packed = Gzip.compress(first) + Gzip.compress(second) + [0, 0, 0]
    #expect(try Gzip.decompress(packed, path: "f.gz") == first + second)
  }

  @Test("a file cut anywhere is an error that names it and the place")
  func truncated() throws {
    let packed = Gzip.compress(mixedBytes(300))
    for length in 0..<packed.count {
      let error = try #require(
        formatError { () throws(FormatError) in
          _ = try Gzip.decompress(Array(packed.prefix(length)), path: "cut.gz")
        })
      guard case .damaged("gzip", "cut.gz", let position?, _, let fix) = error else {
        Issue.record("\(error)")
        continue
      }
      #expect(position <= length)
      #expect(!fix.isEmpty)
    }
    let error = formatError { () throws(FormatError) in
      _ = try Gzip.decompress(Array(packed.dropLast(9)), path: "cut.gz")
    }
    #expect(error?.description.contains("it ends in the middle of the stream") == true)
  }

  @Test("each damaged byte is found, unless the header does not protect it")
  func damaged() throws {
    let bytes = mixedBytes(300)
    let packed = Gzip.compress(bytes)
    // Bytes 4 to 9 are time, level and system, which change nothing and have no checksum; the flags in
    // byte 3 have a bit that says "text" and changes nothing either. The last byte before the eight of
    // the trailer has bits that the stream does not use.
    let free = Set([3] + Array(4..<10) + [packed.count - 9])
    for index in packed.indices {
      for bit in 0..<8 {
        var wrong = packed
        wrong[index] ^= 1 << UInt8(bit)
        do throws(FormatError) {
          let content = try Gzip.decompress(wrong, path: "f.gz")
          #expect(content == bytes)
          #expect(free.contains(index), "byte \(index), bit \(bit)")
        } catch {
          #expect(error.path == "f.gz")
        }
      }
    }
  }

  @Test("bytes after the end, and what is not gzip, are refused")
  func strangers() {
    let packed = Gzip.compress([1, 2, 3])
    for bytes in [packed + [7], packed + [0, 7], packed + [0x1f, 0x8b], [0x1f], [], [1, 2, 3]] {
      #expect(
        formatError { () throws(FormatError) in _ = try Gzip.decompress(bytes, path: "f") } != nil)
    }
  }

  @Test("content up to the limit is given, content beyond it refused, whatever the file claims")
  func limit() throws {
    let zeros = [UInt8](repeating: 0, count: 1_000_000)
    var packed = Gzip.compress(zeros)
    #expect(try Gzip.decompress(packed, path: "f", limit: 1_000_000) == zeros)
    for claim in [[0xff, 0xff, 0xff, 0xff], [1, 0, 0, 0]] as [[UInt8]] {
      packed.replaceSubrange((packed.count - 4)..., with: claim)
      let error = formatError { () throws(FormatError) in
        _ = try Gzip.decompress(packed, path: "f", limit: 999_999)
      }
      guard case .tooLarge("gzip", "f", 999_999, _) = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
    }
  }
}
