import Foundation
import Testing

/// The programs of the folder `Corpus`, one a file.
enum Corpus {
  struct Entry: Sendable, CustomTestStringConvertible {
    let name: String
    let text: String

    var testDescription: String { name }
  }

  static let entries: [Entry] = {
    guard let folder = Bundle.module.resourceURL?.appendingPathComponent("Corpus"),
      let files = try? FileManager.default.contentsOfDirectory(
        at: folder, includingPropertiesForKeys: nil)
    else { return [] }
    return files.filter { $0.pathExtension == "swift-cell" }
      .sorted { $0.lastPathComponent < $1.lastPathComponent }
      .compactMap { file in
        (try? String(contentsOf: file, encoding: .utf8)).map {
          Entry(name: file.lastPathComponent, text: $0)
        }
      }
  }()
}
