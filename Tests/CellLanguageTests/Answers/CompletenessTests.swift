import Testing

@testable import CellLanguage

@Suite struct CompletenessTests {
  @Test(arguments: [
    "", "1 + 1", "let x = 1", "if x { }", "f(1)\n", "# comment", "\"\"\"\n  a\n  \"\"\"", "x = 1;",
    "func f() -> Int {\n  1\n}", "let a = [\n  1,\n]",
  ])
  func complete(_ text: String) {
    #expect(completeness(of: text) == .complete)
  }

  @Test(arguments: [
    ("if x {", "  "), ("f(1,", "  "), ("[1, 2", "  "), ("for x in xs {\n  if x {", "    "),
    ("1 +", ""), ("let x =", ""),
    ("\"\"\"\n  a", ""), ("/* open", ""), ("switch x {\ncase 1:", "  "), ("if x { } else", ""),
    ("f(g(", "    "),
    ("let f = { x in", "  "), ("x ?", ""), ("while", ""), ("func f", ""), ("a.", ""),
    ("f(a < b, c >\n", "  "), ("l( ==\n", "  "), ("f(0, +", "  "), ("f(-", "  "),
  ])
  func incomplete(_ text: String, _ indent: String) {
    #expect(completeness(of: text) == .incomplete(indent: indent))
  }

  @Test(arguments: [
    ")", "a b", "\"open", "let 3 = x", "f(1))", "x -1", "class A {", "if { ", "\"\\(1 /* open",
    "\"\\(f(\"\"\"", "#\"\\#(f(#\"\"\"",
  ])
  func invalid(_ text: String) {
    #expect(completeness(of: text) == .invalid)
  }

  /// Every beginning of a whole program that ends between lines is whole or can become so.
  @Test(arguments: Corpus.entries)
  func beginnings(_ entry: Corpus.Entry) {
    #expect(completeness(of: entry.text) == .complete)
    var text = ""
    for line in entry.text.split(separator: "\n", omittingEmptySubsequences: false) {
      text += line + "\n"
      let answer = completeness(of: text)
      #expect(answer != .invalid && answer != .unknown, "\(entry.name): \(text)")
    }
  }
}
