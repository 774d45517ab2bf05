@testable import CellLanguage

/// The text of a cell: parser, completeness, and papermill's parameters.
enum CellSurface {
  static func examine(_ input: [UInt8]) {
    let text = String(decoding: input, as: UTF8.self)
    let count = text.unicodeScalars.count
    parse(text, count)
    papermill(text)
  }

  // MARK: Parsing

  private static func parse(_ text: String, _ count: Int) {
    let answer = completeness(of: text)
    law(completeness(of: text) == answer, "completeness agrees with itself")
    do throws(CellError) {
      let program = try Program(text)
      law(answer == .complete, "what can be parsed is complete, not \(answer)")
      for statement in program.statements { lie(statement.span, in: count) }
      for expression in program.statements.flatMap(\.expressions) {
        lie(expression.span, in: count)
      }
      tokens(of: text, count)
      beginning(of: text)
    } catch {
      examine(error, count)
      switch answer {
      case .incomplete(let indent):
        law(error.endsEarly, "only what ends early is incomplete")
        law(indent.utf8.allSatisfy { $0 == 0x20 } && indent.utf8.count % 2 == 0, "two spaces each")
        law(completeness(of: text + "\n") != .invalid, "an empty line keeps the next ones possible")
      case .invalid: law(!error.endsEarly, "what ends early is not invalid")
      case .complete, .unknown: law(false, "what cannot be parsed is \(answer)")
      }
    }
  }

  static func examine(_ error: CellError, _ count: Int) {
    law(!error.reason.isEmpty && !error.name.isEmpty, "an error has a reason")
    law(!error.rendered(ansi: count % 2 == 0).isEmpty, "an error can be shown")
    guard let location = error.location else { return }
    law(
      location.range.lowerBound >= 0 && location.range.upperBound <= count,
      "an error lies in the text: \(location.range) of \(count)")
    law(location.line >= 1 && location.column >= 1, "lines and columns are counted from 1")
    law(
      location.column <= location.lineText.unicodeScalars.count + 1, "a column lies in its line")
  }

  private static func lie(_ span: Span, in count: Int) {
    law(
      span.start >= 0 && span.start <= span.end && span.end <= count,
      "a piece lies in the text: \(span.start)..<\(span.end) of \(count)")
  }

  private static func tokens(of text: String, _ count: Int) {
    var lexer = Lexer(SourceText(text))
    guard (try? lexer.run()) != nil else { fatalError("a program whose tokens cannot be read") }
    var end = 0
    for token in lexer.tokens {
      lie(token.span, in: count)
      law(token.span.start >= end, "tokens stand one after the other")
      end = token.span.end
    }
    law(lexer.tokens.last?.kind == .end, "the last token is the end")
  }

  /// A whole program can be typed line by line.
  private static func beginning(of text: String) {
    guard let end = text.utf8.lastIndex(of: UInt8(ascii: "\n")) else { return }
    let answer = completeness(of: String(text[...end]))
    law(answer != .invalid && answer != .unknown, "the lines before the last are \(answer)")
  }

  // MARK: Parameters

  private static func papermill(_ text: String) {
    do throws(CellError) {
      guard let translated = try PapermillParameters.translated(text, names: SampleWorkspace.names)
      else { return }
      do throws(CellError) {
        _ = try Program(translated, limits: CellLanguage.Limits())
      } catch {
        law(error.kind == .limitExceeded, "translated parameters can be parsed: \(error)")
      }
    } catch {
      law(!error.message.isEmpty, "an error has a message")
    }
  }
}
