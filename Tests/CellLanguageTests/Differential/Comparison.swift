@testable import CellLanguage

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
