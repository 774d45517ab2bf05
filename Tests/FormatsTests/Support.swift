import Foundation
import Formats
import Testing

/// A golden file's path.
func fixture(_ name: String) throws -> String {
  let folder = try #require(Bundle.module.resourceURL).appending(path: "Fixtures")
  return folder.appending(path: name).path
}

/// Gives a new folder to `body` and removes it afterwards.
func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appending(path: "orbit-\(UUID())")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder.path)
}

/// The `FormatError` that `body` throws.
func formatError(_ body: () throws(FormatError) -> Void) -> FormatError? {
  do throws(FormatError) {
    try body()
    return nil
  } catch {
    return error
  }
}

/// Bytes that do not compress to nothing, the same every time.
func mixedBytes(_ count: Int) -> [UInt8] {
  var state: UInt32 = 1
  return (0..<count).map { index in
    state = state &* 1_664_525 &+ 1_013_904_223
    return index % 3 == 0 ? UInt8(index & 0xff) : UInt8(state >> 28)
  }
}
