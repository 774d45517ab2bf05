@testable import CellLanguage

/// The text of a cell: parser, completeness, completion, inspection, and papermill's parameters.
enum CellSurface {
  static let vocabulary = Vocabulary(SampleWords.all)

  /// Names such as earlier cells have left behind.
  static let names: NameTable = {
    var names = NameTable()
    names.declare("small", .object(SampleDataset(count: 100)))
    names.declare("losses", .array([.number(0.5), .integer(3)]), isConstant: true)
    names.declare("pair", .tuple([TupleElement(label: "width", value: .string("x"))]))
    names.declare("options", .dictionary(ValueDictionary(["lr": .number(0.1)])))
    return names
  }()

  static func examine(_ input: [UInt8]) {
    let text = String(decoding: input, as: UTF8.self)
    let count = text.unicodeScalars.count
    parse(text, count)
    // A place that is as good as drawn from the text, which so needs no bytes of its own.
    var hash: UInt32 = 2_166_136_261
    for byte in input { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    let places = [count, Int(hash >> 8) % (count + 1), hash & 16 == 0 ? -1 : .max]
    answer(text, at: places[[0, 0, 0, 1, 1, 1, 1, 2][Int(hash & 7)]], count, Int(hash >> 3) & 1)
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

  // MARK: Answers

  private static func answer(_ text: String, at place: Int, _ count: Int, _ detail: Int) {
    let clamped = min(max(0, place), count)
    let result = complete(text, at: place, vocabulary: vocabulary, names: names)
    law(0 <= result.start && result.start <= result.end, "the replaced piece has an order")
    law(result.end == clamped, "the replaced piece ends at the cursor")
    let scalars = Array(text.unicodeScalars)
    var word = String.UnicodeScalarView()
    word.append(contentsOf: scalars[result.start..<result.end])
    let start = String(word).lowercased()
    var seen: Set<String> = []
    for item in result.items {
      law(!item.text.isEmpty && seen.insert(item.text).inserted, "each item stands once")
      law(item.text.lowercased().hasPrefix(start), "items begin with the word")
    }
    let help = inspect(text, at: place, vocabulary: vocabulary, names: names, detail: detail)
    law(help.map { !$0.text.isEmpty && !$0.markdown.isEmpty } ?? true, "help is not empty")
  }

  // MARK: Parameters

  private static func papermill(_ text: String) {
    do throws(CellError) {
      guard let translated = try PapermillParameters.translated(text, names: names) else { return }
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
