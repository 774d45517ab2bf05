/// The files of a tar archive (POSIX ustar): a header of 512 bytes, then the content, filled up to 512.
public enum TarArchive {
  /// The files by name, as slices of the archive's bytes; folders and links are left out.
  ///
  /// - Throws: `FormatError.damaged` where a header's checksum is wrong or a file goes beyond the end.
  public static func files(
    in bytes: [UInt8], path: String
  ) throws(FormatError) -> [String: ArraySlice<UInt8>] {
    func damaged(_ position: Int, _ reason: String) -> FormatError {
      .damaged(
        format: "tar", path: path, position: position, reason: reason, fix: "fetch the file again")
    }
    var files: [String: ArraySlice<UInt8>] = [:]
    var place = 0
    while place + 512 <= bytes.count {
      let header = bytes[place..<place + 512]
      // Blocks of zeros end the archive.
      guard header.contains(where: { $0 != 0 }) else { break }
      guard let told = octal(header, 148, 8), told == checksum(header) else {
        throw damaged(place, "a header does not have its checksum")
      }
      guard let size = octal(header, 124, 12), size <= bytes.count - place - 512 else {
        throw damaged(place, "a file goes beyond the end")
      }
      let (name, prefix) = (text(header, 0, 100), text(header, 345, 155))
      let start = place + 512
      // "0" and a zero byte are plain files.
      if [0x30, 0].contains(header[place + 156]) {
        files[prefix.isEmpty ? name : "\(prefix)/\(name)"] = bytes[start..<start + size]
      }
      place = start + (size + 511) / 512 * 512
    }
    guard !files.isEmpty else { throw damaged(0, "there is no file in it") }
    return files
  }

  /// The sum of the header's bytes, its own checksum taken as blanks.
  private static func checksum(_ header: ArraySlice<UInt8>) -> Int {
    let field = header.startIndex + 148..<header.startIndex + 156
    return header.indices.reduce(0) { $0 + (field.contains($1) ? 32 : Int(header[$1])) }
  }

  private static func octal(_ header: ArraySlice<UInt8>, _ start: Int, _ length: Int) -> Int? {
    let digits = text(header, start, length).filter { $0 != " " }
    return digits.isEmpty ? 0 : Int(digits, radix: 8)
  }

  private static func text(_ header: ArraySlice<UInt8>, _ start: Int, _ length: Int) -> String {
    let field = header[header.startIndex + start..<header.startIndex + start + length]
    return String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
  }
}
