import Foundation
import RunStore
import Testing

/// Gives a new folder to `body` and removes it afterwards.
func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appending(path: "orbit-\(UUID())")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder.path)
}

/// The `RunStoreError` that `body` throws.
func storeError(_ body: () throws(RunStoreError) -> Void) -> RunStoreError? {
  do throws(RunStoreError) {
    try body()
    return nil
  } catch {
    return error
  }
}

extension RunStore {
  /// Begins a session and adds a cell for each source, from line 1.
  @discardableResult
  func addSession(_ sources: [String]) throws -> Int {
    let session = try beginSession()
    for (index, source) in sources.enumerated() {
      try append(HistoryEntry(session: session, line: index + 1, source: source))
    }
    return session
  }
}

/// A run with everything given.
func sampleRun(_ name: String = "aet", method: String = "AET", seed: UInt64 = 1) -> RunRecord {
  RunRecord(
    name: name, method: method, options: "{\"epochs\":3}", data: "FashionMNIST().train",
    checksum: "abc", seed: seed, epochs: 3)
}
