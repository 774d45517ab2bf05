import Testing

@testable import CellLanguage

@Suite struct ExpressionTests {
  @Test(arguments: [
    ("1 + 1", "2"), ("2 + 3 * 4", "14"), ("(2 + 3) * 4", "20"), ("7 / 2", "3"), ("-7 / 2", "-3"),
    ("-7 % 3", "-1"), ("7.0 / 2", "3.5"), ("1 + 0.5", "1.5"), ("0x1F + 0b11 + 0o7", "41"),
    ("1_000_000", "1000000"), ("1e3", "1000.0"), ("7.5 % 2", "1.5"), ("-3", "-3"), ("- -3", nil),
    ("1.0 / 0", "inf"), ("!true", "false"), ("true && false || true", "true"), ("1 < 2", "true"),
    ("1 == 1.0", "true"), ("9007199254740993 == 9007199254740992.0", "false"),
    ("9007199254740993 > 9007199254740992.0", "true"), ("1 != 2", "true"), ("2 >= 2.0", "true"),
    (#""a" + "b""#, "ab"), (#""a" < "b""#, "true"), ("[1] + [2]", "[1, 2]"), ("nil ?? 3", "3"),
    ("1 ?? 2", "1"),
    ("nil == nil", "true"), ("1 == nil", "false"), ("true ? 1 : 2", "1"),
    ("1 > 2 ? 1 : 2 > 1 ? 3 : 4", "3"),
    ("0..<3", "0..<3"), ("0.5...1.5", "0.5...1.5"), ("1...2.5", "1.0...2.5"),
    ("[1, 2.5, nil]", "[1, 2.5, nil]"),
    ("[:]", "[:]"), (#"["a": 1, "b": [2]]"#, #"["a": 1, "b": [2]]"#), ("(1, x: 2)", "(1, x: 2)"),
    ("()", "()"),
    ("[1, 2, 3][1]", "2"), ("[1, 2, 3][1...]", "[2, 3]"), ("[1, 2, 3][..<2]", "[1, 2]"),
    ("[1, 2, 3][...0]", "[1]"), ("[1, 2, 3][3...]", "[]"), ("[1, 2, 3][1..<2]", "[2]"),
    (#"["a": 1]["a"]"#, "1"),
    (#"["a": 1]["b"]"#, "nil"), (#"["a": 1]["b"] ?? 7"#, "7"), (#"["a": 1]["a"]!"#, "1"),
    ("[1: 2][1.0]", "2"),
    ("(1, 2).1", "2"), ("(x: 1, y: 2).y", "2"), (#""\(1 + 1) and \([1])""#, "2 and [1]"),
    (#""é 猫".count"#, "3"),
    (##"#"\d\#(1)"#"##, #"\d1"#), (#""\u{3B1}\t\"""#, "α\t\""), (".reflect", nil),
    ("[.a, .crop(size: 3)]", "[.a, .crop(size: 3)]"),
    ("{ $0 + 1 }(2)", nil), ("({ $0 + 1 })(2)", "3"), ("[3, 1, 2].sorted(by: >)", "[3, 2, 1]"),
    ("Int.max", nil), ("abs(-3)", "3"), ("min(3, 1, 2)", "1"), ("max([1, 5, 2])", "5"),
    ("max(1, 2.5)", "2.5"),
    ("sqrt(16)", "4.0"), ("pow(2, 10)", "1024.0"), ("Int(3.9)", "3"), (#"Int("12")"#, "12"),
    (#"Int("x")"#, "nil"),
    (#"Double("0.5")"#, "0.5"), ("Double(2)", "2.0"), ("String([1, 2])", "[1, 2]"),
    ("round(2.5)", "3.0"),
    ("floor(2.5)", "2.0"), ("typeName(1.5)", "Double"), ("Array(0..<3)", "[0, 1, 2]"),
    ("Array(repeating: 0, count: 2)", "[0, 0]"), (#"Array("ab")"#, #"["a", "b"]"#),
    ("zip([1, 2], [3, 4, 5])", "[(1, 3), (2, 4)]"), ("stride(from: 0, to: 10, by: 4)", "[0, 4, 8]"),
    ("stride(from: 10, through: 0, by: -5)", "[10, 5, 0]"),
    ("stride(from: 0, through: 1, by: 0.5)", "[0.0, 0.5, 1.0]"),
  ])
  func value(_ text: String, _ expected: String?) throws {
    let bench = Bench()
    if let expected {
      #expect(try bench.text(text) == expected)
    } else {
      #expect(bench.failure(text) != nil)
    }
  }

  @Test(arguments: [
    ("[1, 2, 3].count", "3"), ("[].isEmpty", "true"), ("[1, 2].first", "1"), ("[].last", "nil"),
    ("[1, 2, 3].map { $0 * 2 }", "[2, 4, 6]"), ("(1...4).filter { $0 % 2 == 0 }", "[2, 4]"),
    ("[1, 2, 3].reduce(0, +)", "6"), ("[1, 2, 3].reduce(10) { $0 - $1 }", "4"),
    ("[2, 1].sorted()", "[1, 2]"),
    ("[1, 2].reversed()", "[2, 1]"),
    (#"["a", "b"].enumerated()"#, #"[(offset: 0, element: "a"), (offset: 1, element: "b")]"#),
    ("[1, 2].contains(2)", "true"), ("[1, 2].contains { $0 > 5 }", "false"),
    (#"["a", "b"].joined(separator: "-")"#, "a-b"), ("[[1], [2]].joined()", "[1, 2]"),
    ("[1, 2, 3].prefix(2)", "[1, 2]"),
    ("[1, 2, 3].suffix(5)", "[1, 2, 3]"), ("[1, 2, 3].dropFirst()", "[2, 3]"),
    ("[3, 1].min()", "1"),
    ("[].max()", "nil"), ("[1, 2.5].sum()", "3.5"), ("[1, 2].indices", "0..<2"),
    ("[1, nil, 2].compactMap { $0 }", "[1, 2]"),
    ("[1, 2].flatMap { [$0, $0] }", "[1, 1, 2, 2]"), ("[4, 5].firstIndex(of: 5)", "1"),
    ("[1, 9].first { $0 > 3 }", "9"),
    ("zip([1, 2], [3, 4]).map { $0 * $1 }", "[3, 8]"),
    ("zip([1, 2], [3, 4]).map { x, y in x + y }", "[4, 6]"),
    ("[-1, 2].map(abs)", "[1, 2]"), (#""Ab".uppercased()"#, "AB"), (#""Ab".lowercased()"#, "ab"),
    (#""encoder.0".hasPrefix("enc")"#, "true"), (#""a.png".hasSuffix(".png")"#, "true"),
    (#""a,b,,c".split(separator: ",")"#, #"["a", "b", "c"]"#), (#""abc".contains("bc")"#, "true"),
    (#""abc".contains("bd")"#, "false"), (#""a-b-c".replacing("-", with: "+")"#, "a+b+c"),
    (#""".isEmpty"#, "true"),
    (#""abc".prefix(2)"#, "ab"), (#"" a ".trimmed()"#, "a"),
    (#"["a": 1, "b": 2].keys"#, #"["a", "b"]"#),
    (#"["a": 1].values"#, "[1]"), (#"["a": 1, "b": 2].filter { $0.value > 1 }"#, #"["b": 2]"#),
    (#"["a": 1].mapValues { $0 + 1 }"#, #"["a": 2]"#), ("(0..<10).count", "10"),
    ("(0...10).upperBound", "10"),
    ("(0.5...1.5).contains(1)", "true"), ("(0..<3).contains(3)", "false"),
    ("(1...3).map { $0 }", "[1, 2, 3]"),
    ("2.6.rounded()", "3.0"), ("0.12345.rounded(decimals: 2)", "0.12"), ("3.description", "3"),
    (#""abc".map { $0 }.reversed()"#, #"["c", "b", "a"]"#),
    ("[1, 2].allSatisfy { $0 > 0 }", "true"),
  ])
  func members(_ text: String, _ expected: String) throws {
    #expect(try Bench().text(text) == expected)
  }

  /// Sorting keeps the order of equal elements and gives the order that Swift's own sort gives.
  @Test func sortingIsStable() throws {
    let bench = Bench()
    try bench.run("let pairs = (0..<200).map { (($0 * 7919) % 13, $0) }.sorted { $0.0 < $1.0 }")
    let expected = (0..<200).map { (($0 * 7919) % 13, $0) }.sorted { $0 < $1 }
    #expect(
      try bench.text("pairs") == "[" + expected.map { "(\($0.0), \($0.1))" }.joined(separator: ", ")
        + "]")
  }

  @Test func multilineStrings() throws {
    let text =
      "let s = \"\"\"\n    one \\(1 + 1)\n      two\n\n    three \\\n    joined\n    \"\"\"\ns"
    #expect(try Bench().text(text) == "one 2\n  two\n\nthree joined")
  }

  @Test func theRightSideIsLookedAtOnlyWhenNeeded() throws {
    let bench = Bench()
    #expect(try bench.text("false && 1 / 0 == 1") == "false")
    #expect(try bench.text("true || 1 / 0 == 1") == "true")
    #expect(try bench.text("1 ?? 1 / 0") == "1")
  }
}
