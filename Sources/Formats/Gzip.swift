private import CZlib

/// Gzip files (RFC 1952), through zlib.
public enum Gzip {
  /// Whether the bytes start as a gzip file does.
  public static func isCompressed(_ bytes: [UInt8]) -> Bool {
    bytes.count >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b
  }

  /// The content of a gzip file; several members one after the other are joined, as `gunzip` does.
  ///
  /// - Parameters:
  ///   - path: the file's path, for messages.
  ///   - limit: the largest content accepted, in bytes: a small file can claim to hold very much.
  /// - Throws: `FormatError.damaged` with the byte at which the stream broke, `FormatError.tooLarge`.
  public static func decompress(
    _ bytes: [UInt8], path: String, limit: Int = 1 << 32
  ) throws(FormatError) -> [UInt8] {
    guard isCompressed(bytes) else {
      throw damaged(path, 0, bytes.isEmpty ? "it is empty" : "it does not begin with 1f 8b")
    }
    var stream = z_stream()
    // 16 asks for the gzip wrapper alone, 15 is the largest window.
    guard inflateInit2_(&stream, 16 + 15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { throw damaged(path, nil, "zlib could not start (\(String(cString: zlibVersion())))") }
    defer { inflateEnd(&stream) }

    var progress = Progress(
      output: [UInt8](repeating: 0, count: min(expectedSize(bytes), limit)), limit: limit)
    while true {
      switch progress.step(&stream, bytes) {
      case .more: continue
      case .done:
        progress.output.removeLast(progress.output.count - progress.written)
        return progress.output
      case .overflow:
        throw .tooLarge(
          format: "gzip", path: path, limit: limit, fix: "check that it is the right file")
      case .broken(let reason): throw damaged(path, progress.read, reason)
      }
    }
  }

  /// A gzip file that holds `bytes`; the same bytes give the same file.
  public static func compress(_ bytes: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    let started = deflateInit2_(
      &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 16 + 15, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    precondition(started == Z_OK && bytes.count < 1 << 31, "one call compresses less than 2 GiB")
    defer { deflateEnd(&stream) }
    let bound = Int(deflateBound(&stream, UInt(bytes.count)))
    return bytes.withUnsafeBufferPointer { source in
      [UInt8](unsafeUninitializedCapacity: bound) { target, count in
        stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
        stream.avail_in = UInt32(source.count)
        stream.next_out = target.baseAddress
        stream.avail_out = UInt32(bound)
        let status = deflate(&stream, Z_FINISH)
        precondition(status == Z_STREAM_END, "the bound of zlib holds")
        count = bound - Int(stream.avail_out)
      }
    }
  }

  private enum Step { case more, done, overflow, broken(String) }

  /// How far the input was read and the output written.
  private struct Progress {
    var output: [UInt8]
    let limit: Int
    var read = 0
    var written = 0

    /// Inflates until input, output room or the member ends.
    mutating func step(_ stream: inout z_stream, _ input: [UInt8]) -> Step {
      if written == output.count {
        // One byte beyond the limit tells content that ends there from content that goes on.
        let larger = min(max(output.count * 2, 1 << 16), limit == .max ? limit : limit + 1)
        guard larger > output.count else { return .overflow }
        output.append(contentsOf: repeatElement(0, count: larger - output.count))
      }
      // zlib counts what is available in 32 bits.
      let piece = min(input.count - read, 1 << 30)
      let room = min(output.count - written, 1 << 30)
      let (start, end) = (read, written)
      let status = input.withUnsafeBufferPointer { source in
        output.withUnsafeMutableBufferPointer { target in
          stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress)?.advanced(by: start)
          stream.avail_in = UInt32(piece)
          stream.next_out = target.baseAddress?.advanced(by: end)
          stream.avail_out = UInt32(room)
          return inflate(&stream, Z_NO_FLUSH)
        }
      }
      read += piece - Int(stream.avail_in)
      written += room - Int(stream.avail_out)
      if written > limit { return .overflow }
      switch status {
      case Z_STREAM_END: return afterMember(&stream, input)
      case Z_OK, Z_BUF_ERROR:
        guard stream.avail_in == 0, read == input.count, stream.avail_out > 0 else { return .more }
        return .broken("it ends in the middle of the stream")
      case Z_MEM_ERROR: return .broken("there is not enough memory to inflate it")
      default:
        return .broken(stream.msg.map { String(cString: $0) } ?? "the stream is damaged")
      }
    }

    private mutating func afterMember(_ stream: inout z_stream, _ input: [UInt8]) -> Step {
      // Zeros after the end are padding, as tape archives and `gzip` know it.
      guard let next = input[read...].firstIndex(where: { $0 != 0 }) else { return .done }
      guard next == read, input.count - read >= 2, input[read] == 0x1f, input[read + 1] == 0x8b,
        inflateReset(&stream) == Z_OK
      else { return .broken("bytes follow the end of the stream") }
      return .more
    }
  }

  /// The size that the last four bytes claim, believed only as far as deflate can compress (1032 : 1).
  private static func expectedSize(_ bytes: [UInt8]) -> Int {
    guard bytes.count >= 18 else { return 0 }
    let claim = bytes.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
    return min(claim, bytes.count * 1032)
  }

  private static func damaged(_ path: String, _ position: Int?, _ reason: String) -> FormatError {
    .damaged(
      format: "gzip", path: path, position: position, reason: reason,
      fix: "fetch the file again, or unpack it elsewhere to see whether it is whole")
  }
}
