import Synchronization
import Testing

@testable import CellLanguage

/// No cell ends the process, and each limit says what it is.
@Suite struct LimitTests {
  @Test func tenMegabytesOfBrackets() {
    let error = Bench().failure(String(repeating: "(", count: 10_485_760))
    #expect(
      error?.message
        == "the cell holds 10.0 MB of text, and a cell may hold at most 1 MB; keep long data in a file and load it from there"
    )
  }

  @Test(arguments: [
    "(", "[", "{", "f(", "[[", "-(", "!(", "if x {", "{ x in ", "f { ", "\"\\(", "a ? ", "a ?? ",
    "a[", "[a: ", "(x: ",
  ])
  func deepNesting(_ piece: String) {
    let text = String(repeating: piece, count: 500_000 / piece.utf8.count)
    let error = Bench().failure(text)
    #expect(error != nil)
    #expect(completeness(of: text) != .complete)
    _ = complete(
      text, at: text.unicodeScalars.count, vocabulary: Vocabulary([]), names: NameTable())
    _ = inspect(text, at: text.unicodeScalars.count, vocabulary: Vocabulary([]), names: NameTable())
  }

  @Test(arguments: [
    "1 + ", "a.b.", "f()", "a[0]", "x!", "let x: Int", "a ?? ", "\"a\" + ", "try ", "; ", ") ",
    "x == y && ",
  ])
  func longChains(_ piece: String) {
    let text = "a" + String(repeating: piece, count: 200_000 / piece.utf8.count)
    #expect(Bench().failure(text) != nil)
    _ = completeness(of: text)
  }

  @Test func manyStatementsAreFine() throws {
    let bench = Bench()
    try bench.run("var n = 0\n" + String(repeating: "n += 1\n", count: 20_000))
    #expect(try bench.text("n") == "20000")
    #expect(try bench.text(String(repeating: "1 + ", count: 900) + "1") == "901")
    #expect(bench.failure(String(repeating: "1 + ", count: 1_100) + "1")?.kind == .limitExceeded)
  }

  @Test func endlessRecursion() throws {
    var limits = Limits()
    limits.callDepth = 60
    let bench = Bench(limits: limits)
    let error = try #require(bench.failure("func f(_ n: Int) -> Int { f(n + 1) }\nf(0)"))
    #expect(error.kind == .limitExceeded)
    #expect(error.reason == "endless recursion? f stands inside 60 calls, and more are not allowed")
    #expect(error.rendered(ansi: false).count < 20)
    #expect(try bench.text("func g(_ n: Int) -> Int { n == 0 ? 0 : 1 + g(n - 1) }\ng(50)") == "50")
    // The count goes back to nothing after an error.
    #expect(try bench.text("g(50)") == "50")
  }

  /// With the usual limits the stack of this thread is the smaller bound; through closures and
  /// commands as well.
  @Test(arguments: [
    "func f(_ n: Int) -> Int { f(n + 1) }\nf(0)",
    "func f(_ n: Int) -> Int { 1 + [n].map { f($0) }.sum() }\nf(0)",
    "func a() { b() }\nfunc b() { a() }\na()", "var f = { $0 }\nf = { x in f(x) }\nf(1)",
    "func f() -> String { \"\\(f())\" }\nf()",
  ])
  func endlessRecursionOnAnyStack(_ text: String) throws {
    let bench = Bench()
    let error = try #require(bench.failure(text))
    #expect(error.kind == .limitExceeded)
    #expect(error.reason.hasPrefix("endless recursion?"))
    #expect(try bench.text("1 + 1") == "2")
  }

  @Test(arguments: [
    "while true { }", "for _ in 0..<9_000_000_000_000 { }", "repeat { } while true",
    "func f() { while true { 1 + 1 } }\nf()",
  ])
  func interrupting(_ text: String) {
    let evaluator = Evaluator(vocabulary: Vocabulary([]))
    #expect(throws: CellError.self) {
      try evaluator.run(text, context: SampleContext(interruptAfter: 100))
    }
    do {
      try evaluator.run(text, context: SampleContext(interruptAfter: 100))
    } catch {
      #expect(error.kind == .interrupted)
      #expect(error.location != nil)
    }
  }

  @Test func collections() throws {
    var limits = Limits()
    limits.elements = 1_000
    limits.stringBytes = 1_000
    let bench = Bench(limits: limits)
    for text in [
      "var a = [1]\nwhile true { a += a }", "var a = [1]\nwhile true { a = a + a }",
      "var a = [1]\nwhile true { a.append(1) }",
      "var s = \"ab\"\nwhile true { s += s }", "var s = \"ab\"\nwhile true { s = \"\\(s)\\(s)\" }",
      "Array(0..<9_000_000_000_000_000_000)", "(0..<9_000_000_000).map { $0 }",
      "stride(from: 0, to: 1, by: 1e-300)",
      "var a: [Any] = []\nwhile true { a = [a] }", "var t = (1, 2)\nwhile true { t = (t, t) }",
    ] {
      let error = bench.failure(text)
      #expect(error?.kind == .limitExceeded, "\(text): \(error.map(\.description) ?? "no error")")
    }
    #expect(bench.failure("Array(repeating: 0, count: 100_000_000)")?.kind == .rangeError)
  }

  /// Shared parts count each time, so a small program can describe a huge text.
  @Test func hugeDescriptionsEnd() throws {
    let bench = Bench()
    try bench.run("var a = [1]\nfor _ in 0..<60 { a = [a, a] }")
    #expect(try bench.text("a").utf8.count < 2_000_000)
    #expect(bench.failure("a == a.map { $0 }")?.kind == .limitExceeded)
  }

  /// Closures that keep one another must not overflow the stack when they are let go.
  @Test func chainsOfClosures() throws {
    let bench = Bench()
    let error = bench.failure(
      "var f = { () in 0 }\nfor i in 0..<1_000_000 { let g = f\nf = { () in g() + 1 } }")
    #expect(error?.kind == .limitExceeded)
  }

  private struct Reference: Sendable {
    weak var object: SampleDataset?
  }

  /// Functions and the names that they stand among must not keep each other when a call has ended.
  @Test(arguments: [
    "func f() { let kept = make()\nfunc g() { kept }\ng() }\nf()",
    "func f() { let kept = make()\nlet g = { () in kept }\ng() }\nf()",
    "func f() { let kept = make()\nvar g = { () in 0 }\ng = { () in kept }\ng() }\nf()",
    "if true { let kept = make()\nfunc g(_ n: Int) { n == 0 ? kept : g(n - 1) }\ng(3) }",
  ])
  func functionsGoWithTheirNames(_ text: String) throws {
    let made = Mutex(Reference())
    let make = Command("make", "Makes an object.", returns: "Dataset", topic: "tests") { _ in
      let object = SampleDataset(count: 1)
      made.withLock { $0.object = object }
      return .object(object)
    }
    let evaluator = Evaluator(vocabulary: Vocabulary([make]))
    try evaluator.run(text + "\n0", context: SampleContext())
    #expect(made.withLock { $0.object } == nil)
  }

  /// A function that is given out keeps its names, itself among them.
  @Test(arguments: [
    "func f() -> Any { func g(_ n: Int) -> Int { n == 0 ? 7 : g(n - 1) }\nreturn g }\nlet h = f()\nh(3)",
    "func f() -> Any { var n = 6\nlet g = { () in\n n += 1\nreturn n }\nreturn [g] }\nlet h = f()\nh[0]()",
    "var h = { () in 0 }\nfunc f() { let n = 7\nlet g = { () in n }\nlet i = g\nh = i }\nf()\nh()",
  ])
  func functionsThatAreGivenOutKeepTheirNames(_ text: String) throws {
    #expect(try Bench().text(text) == "7")
  }

  @Test func extremes() throws {
    let bench = Bench()
    #expect(
      try bench.text("(-9_223_372_036_854_775_807 - 1).description") == "-9223372036854775808")
    for text in [
      "-(-9_223_372_036_854_775_807 - 1)", "abs(-9_223_372_036_854_775_807 - 1)",
      "(-9_223_372_036_854_775_807 - 1) / -1",
      "(-9_223_372_036_854_775_807 - 1) % -1", "9_223_372_036_854_775_807 * 2",
    ] {
      #expect(bench.failure(text)?.kind == .arithmeticError, "\(text)")
    }
    #expect(try bench.text("(0...9_223_372_036_854_775_807).contains(5)") == "true")
    #expect(bench.failure("(0...9_223_372_036_854_775_807).count")?.kind == .typeError)
    #expect(bench.failure("[1][0...9_223_372_036_854_775_807]")?.kind == .rangeError)
    #expect(
      try bench.text(
        "var n = 0\nfor i in 9_223_372_036_854_775_806...9_223_372_036_854_775_807 { n += 1 }\nn")
        == "2")
    #expect(bench.failure("stride(from: 0, to: 10, by: 0)")?.kind == .rangeError)
    #expect(try bench.text("9_223_372_036_854_775_807 < 9.3e18") == "true")
  }
}
