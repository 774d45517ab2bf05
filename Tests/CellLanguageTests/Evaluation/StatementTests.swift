import Testing

@testable import CellLanguage

@Suite struct StatementTests {
  @Test(arguments: [
    ("let x = 1\nx", "1"), ("x = 1\nx += 2\nx", "3"), ("var x = 2\nx *= x\nx", "4"),
    ("let (a, (b, _)) = (1, (2, 3))\na + b", "3"),
    ("var a = 1, b = 2\n(a, b) = (b, a)\n[a, b]", "[2, 1]"),
    ("if 1 > 2 { x = 1 } else if 2 > 1 { x = 2 } else { x = 3 }\nx", "2"),
    ("var n = 0\nfor i in 0..<5 where i % 2 == 0 { n += i }\nn", "6"),
    ("var n = 0\nfor (i, x) in [5, 6].enumerated() { n += i * x }\nn", "6"),
    ("var n = 0\nfor i in 0..<10 { if i == 3 { continue }\nif i == 5 { break }\nn += i }\nn", "7"),
    ("var n = 0\nwhile n < 7 { n += 2 }\nn", "8"),
    ("var n = 0\nrepeat { n += 1 } while n < 3\nn", "3"),
    ("var s = \"\"\nfor c in \"abc\" { s = c + s }\ns", "cba"),
    ("var n = 0\nfor (key, value) in [\"a\": 1, \"b\": 2] { n += value }\nn", "3"),
    ("func f(_ x: Int) -> Int { x * 2 }\nf(4)", "8"),
    ("func f(x: Int, by n: Int = 3) -> Int { return x * n }\nf(x: 2)", "6"),
    ("func f(x: Int, by n: Int = 3) -> Int { return x * n }\nf(x: 2, by: 5)", "10"),
    ("func f(_ n: Int) -> Int { if n <= 1 { return 1 }\nreturn n * f(n - 1) }\nf(10)", "3628800"),
    ("func outer() -> Int { func inner() -> Int { 41 }\nreturn inner() + 1 }\nouter()", "42"),
    ("var total = 0\nlet add = { (x: Int) in total += x }\nadd(3)\nadd(4)\ntotal", "7"),
    (
      "func counter() -> () -> Int { var n = 0\nreturn { () in\n n += 1\n return n } }\nlet c = counter()\nc()\nc()",
      "2"
    ),
    (
      "func f(x: Int) -> Int { let x = x + 1\nif x > 1 { let x = 10\nreturn x }\nreturn x }\nf(x: 1)",
      "10"
    ),
    ("var d: [String: [Int]] = [:]\nd[\"a\"] = [1]\nd[\"a\"]!.count", "1"),
    ("var d = [\"a\": [[1, 2], [3]]]\nd[\"a\"][0][1] = 5\nd", "[\"a\": [[1, 5], [3]]]"),
    ("var d = [\"a\": 1]\nd[\"b\"] = 2\nd[\"a\"] = nil\nd", "[\"b\": 2]"),
    ("var p = (x: 1, y: 2)\np.x = 5\np.1 += 1\np", "(x: 5, y: 3)"),
    ("var a = [1, 2]\nvar b = a\nb.append(3)\n[a.count, b.count]", "[2, 3]"),
    (
      "var a = [3, 1]\na.sort()\na.insert(0, at: 0)\na.append(contentsOf: [9])\nlet r = a.remove(at: 1)\n(a, r)",
      "([0, 3, 9], 1)"
    ),
    ("let x: Double = 3\nx", "3.0"), ("let x: [Double] = [1, 2.5]\nx", "[1.0, 2.5]"),
    ("let x: Int? = nil\nx", "nil"),
    ("_ = 5\n1", "1"), ("let x = 1; let y = 2; x + y", "3"), ("try await 1 + 1", "2"),
    ("# Parameters\nlr = 0.01\nlr", "0.01"), ("1 // one\n/* two /* three */ */", "1"),
    ("func f() { }\nf()", "nil"), ("let f = { $0 + $1 }\nf(1, 2)", "3"),
    ("let print = 3\nprint", "3"),
  ])
  func result(_ text: String, _ expected: String) throws {
    #expect(try Bench().text(text) == expected)
  }

  @Test(arguments: [
    (0, "zero"), (2, "few"), (3, "few"), (7, "range"), (8, "even"), (-1, "minus one"),
    (99, "other"),
  ])
  func switching(_ number: Int, _ expected: String) throws {
    let text = """
      func name(_ n: Int) -> String {
        switch n {
        case 0: return "zero"
        case 2, 3: return "few"
        case 4..<10 where n % 2 == 0:
          let word = "even"
          return word
        case 5...9: return "range"
        case -1: return "minus one"
        default: break
        }
        return "other"
      }
      name(\(number))
      """
    #expect(try Bench().text(text) == expected)
  }

  @Test func switchingOverImplicitMembersAndStrings() throws {
    let bench = Bench()
    try bench.run("let mode = [.reflect][0]")
    #expect(
      try bench.text("switch mode { case .clamp: x = 1\ncase .reflect: x = 2\ndefault: x = 3 }\nx")
        == "2")
    #expect(try bench.text("switch \"b\" { case \"a\", \"b\": y = 1\ndefault: y = 2 }\ny") == "1")
    #expect(bench.failure("switch 5 { case 1: break }")?.kind == .rangeError)
  }

  @Test func onlyALastExpressionIsTheResult() throws {
    let evaluator = Evaluator(vocabulary: Vocabulary([]))
    let context = SampleContext()
    #expect(try evaluator.run("1", context: context).isExpression)
    #expect(try !evaluator.run("let x = 1", context: context).isExpression)
    #expect(try !evaluator.run("y = 1", context: context).isExpression)
    #expect(try !evaluator.run("1\nfor _ in 0..<2 { 3 }", context: context).isExpression)
    #expect(try !evaluator.run("# nothing\n", context: context).isExpression)
  }

  @Test func namesOutliveTheirCell() throws {
    let bench = Bench()
    try bench.run("let a = 1\nvar b = [a]")
    try bench.run("b.append(2)\nfunc f() -> Int { b.count }")
    #expect(try bench.text("f()") == "2")
    #expect(bench.evaluator.names.names == ["a", "b", "f"])
    try bench.run("let a = 5")
    #expect(try bench.text("a") == "5")
    bench.evaluator.set("c", to: .integer(9))
    #expect(try bench.text("c + a") == "14")
    bench.evaluator.remove("a")
    #expect(bench.failure("a")?.kind == .unknownName)
  }

  /// A bare assignment inside a block of the cell declares a name of the workspace; inside a
  /// function, one of the function.
  @Test func bareAssignmentsDeclare() throws {
    let bench = Bench()
    try bench.run(
      "if true { lr = 0.1 }\nfunc f() -> Int { for i in 0..<3 { local = i }\nreturn local }\nlet n = f()"
    )
    #expect(try bench.text("lr + Double(n)") == "2.1")
    #expect(bench.failure("local")?.kind == .unknownName)
  }

  @Test func constantsStay() throws {
    let bench = Bench()
    try bench.run("let x = [1]")
    for text in ["x = 2", "x[0] = 2", "x.append(2)", "x += [2]"] {
      let error = bench.failure(text)
      #expect(error?.reason == "'x' is a constant and cannot be changed")
      #expect(error?.fix == "declare it with `var x = …`")
    }
    #expect(try bench.text("x") == "[1]")
    #expect(bench.failure("for i in 0..<3 { i = 5 }")?.kind == .typeError)
  }

  @Test func whatRanBeforeAnErrorStays() throws {
    let bench = Bench()
    #expect(bench.failure("var a = [1, 2]\na[0] = 7\na[9] = 1\na[1] = 8")?.location?.line == 3)
    #expect(try bench.text("a") == "[7, 2]")
  }

  @Test func printing() throws {
    let bench = Bench()
    try bench.run(
      """
      print("a", 1, [2.5, "b"], separator: "-")
      print("x", terminator: "")
      print()
      print("warning", to: .standardError)
      """)
    #expect(bench.context.output == "a-1-[2.5, \"b\"]\nx\n")
    #expect(bench.context.errors == "warning\n")
  }

  /// Appending in a loop must not copy the array each time: 100,000 appends would copy 40 GB.
  @Test func appendingGrowsInPlace() throws {
    let bench = Bench()
    #expect(
      try bench.text("var a = [0]\nfor i in 1..<100_000 { a.append(i) }\na.count") == "100000")
    #expect(
      try bench.text(
        "var d = [\"k\": [0]]\nfor i in 1..<20_000 { d[\"k\"].append(i) }\nd[\"k\"].count")
        == "20000")
  }
}
