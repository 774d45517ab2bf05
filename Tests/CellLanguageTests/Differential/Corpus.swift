import Foundation
import Testing

@testable import CellLanguage

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

/// The comparison with Swift's own parser.
enum Comparison {
  /// The text with its `#` comments turned into Swift's own.
  ///
  /// Cells take a line that begins with `#` for a comment, where Swift would not. It is the only
  /// difference.
  static func swiftText(_ text: String) throws -> String {
    var lexer = Lexer(SourceText(text))
    try lexer.run()
    guard !lexer.hashComments.isEmpty else { return text }
    var scalars = lexer.scalars
    for comment in lexer.hashComments.reversed() {
      scalars.replaceSubrange(comment.start..<comment.start + 1, with: ["/", "/"])
    }
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }

  /// What is wrong with a program that our parser accepts, or nil.
  static func difference(_ program: Program, _ text: String) -> String? {
    do {
      let ours = CellShape.of(program)
      let swifts = try SwiftShape.of(swiftText(text))
      return ours == swifts ? nil : "ours:  \(ours)\nSwift: \(swifts)"
    } catch {
      return "Swift refuses it: \(error)"
    }
  }
}
