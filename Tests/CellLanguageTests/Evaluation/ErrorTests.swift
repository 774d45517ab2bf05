import Testing

@testable import CellLanguage

/// A wrong cell says what is wrong, where, and what to do.
@Suite struct ErrorTests {
  @Test(arguments: [
    ("trian(aet)", "unknown name 'trian'; did you mean 'train'?"),
    ("smal", "unknown name 'smal'; did you mean 'small'?"),
    ("True", "unknown name 'True'; did you mean 'true'?"),
    ("zzz", "unknown name 'zzz'; declare it first: let zzz = …"),
    (
      "train(small, on: small, epocs: 3)",
      "train has no label `epocs:`; its labels are on:, epochs:, batch: and rate:; did you mean `epochs:`?"
    ),
    ("train(small, data: small)", "train has no label `data:`; write on: instead of data:"),
    ("train(model: small, on: small)", "train has no label `model:`; write it without a label"),
    ("train(small, small)", "argument 2 of train needs its label; write on: before it"),
    ("train(small)", "train needs `on:` (an image set, the images); add on: …"),
    ("train(on: small)", "train needs `model` (an image set, the model); write it without a label"),
    ("train(small, on: small, on: small)", "`on:` is given twice; leave one out"),
    (
      "train(small, on: small, epochs: \"three\")",
      "`epochs` takes a whole number at least 1, not the string \"three\""
    ),
    ("train(small, on: small, epochs: -1)", "`epochs` takes a whole number at least 1, not -1"),
    (
      "train(small, on: small, epochs: 3.0)",
      "`epochs` takes a whole number at least 1, not the number 3.0; write 3"
    ),
    (
      "train(small, on: small, batch: 10_000)",
      "`batch` takes a whole number from 1 to 4096, not 10000"
    ),
    ("train(small, on: small, rate: 0)", "`rate` takes a number above 0, not 0"),
    ("train(small, on: [1])", "`on` takes an image set, not an array of 1"),
    (
      "Projective(fill: .reflekt)",
      "`fill`: there is no fill mode `.reflekt`; did you mean `.reflect`?"
    ),
    (
      "Projective(fill: \"reflect\")",
      "`fill` takes a fill mode, not the string \"reflect\"; write one of .constant, .reflect and .clamp"
    ),
    (
      "Projective(scale: 0.8..<1.2)",
      "`scale`: the range 0.8..<1.2 leaves out its upper end; write 0.8...1.2"
    ),
    ("NIN(widths: [32, 0])", "`widths` takes an array of whole numbers at least 1, not 0"),
    ("NIN(widths: [32, 0.5])", "`widths`: element 1: expected a whole number, not the number 0.5"),
    ("NIN.publisched", "NIN has no member 'publisched'; did you mean 'published'?"),
    ("small.frist(3)", "a Dataset has no member 'frist'; did you mean 'first'?"),
    ("small.first(1_000)", "there are 100 images, not 1000"),
    ("small.count = 3", "'count' of a Dataset can be read but not changed"),
    ("[1, 2].cuont", "an array of 2 has no member 'cuont'; did you mean 'count'?"),
    ("1 / 0", "division by zero: 1 / 0; check the divisor first"),
    ("5 % 0", "division by zero: 5 % 0; check the divisor first"),
    (
      "9_223_372_036_854_775_807 + 1",
      "9223372036854775807 + 1 is too large for a whole number; write one of them with a point, such as 2.0, to calculate with numbers"
    ),
    ("Int(1e30)", "1e+30 does not fit into a whole number"),
    ("[1, 2, 3][5]", "there is no element 5; the elements are 0 to 2"),
    ("[1][-1]", "there is no element -1; the elements are 0 to 0; write .last for the last one"),
    ("[][0]", "there is no element 0; the array is empty"),
    (
      "[1, 2, 3][1...7]",
      "the range 1...7 reaches beyond the 3 elements; use prefix or suffix to take what is there"
    ),
    (
      "5...1",
      "the range 5...1 begins after its end; write the smaller end first; stride(from:to:by:) counts down"
    ),
    ("[\"a\": 1][\"b\"]!", "'[\"a\": 1][\"b\"]' is nil; give a value for that case with ??"),
    (
      "\"a\" + 1",
      "`+` does not apply to the string \"a\" and the whole number 1; write \"\\(value)\" to put a value into a string"
    ),
    (
      "if 1 { }",
      "a condition is true or false, not the whole number 1; compare it, for example with == or >"
    ),
    (
      "for x in 5 { }",
      "a `for` runs over an array, a range, a dictionary or a string, not over the whole number 5; write 0..<n to count"
    ),
    (
      "let x: Int = \"a\"",
      "the value is declared as Int, and this is the string \"a\"; change the type or the value"
    ),
    ("small()", "'small' is a Dataset and cannot be called"),
    (
      "train = 3",
      "'train' is a command; choose another name, or write let train = … for a value of that name"
    ),
    ("nil.count", "nil has no member 'count'; a value is missing here; give one with ??"),
    (
      "\"abc\"[0]",
      "a string has no numbered elements; write Array(text)[…], or use prefix, suffix and split"
    ),
    (
      "{ x in x }",
      "a statement cannot begin with '{'; a closure belongs after a call, on the call's line"
    ),
    (
      "[1].map { x, y in x }",
      "the closure takes 2 arguments and was called with 1; name 1 before `in`"
    ),
    ("max()", "max needs at least one value"),
    (
      "small > small",
      "a Dataset and a Dataset have no order; numbers are compared with numbers, strings with strings"
    ),
    (
      "1 == \"1\"",
      "`==` does not apply to the whole number 1 and the string \"1\"; compare values of the same type"
    ),
    (
      "[1].append(2)",
      "`append` changes a variable, and this is only a value; put the value into a variable with `var` first"
    ),
    ("fail(\"the disk is full\")", "the disk is full"),
  ])
  func message(_ text: String, _ expected: String) {
    let bench = Bench()
    bench.evaluator.set("small", to: .object(SampleDataset(count: 100)))
    #expect(bench.failure(text)?.message == expected)
    // Nothing changed, and the next cell runs.
    #expect((try? bench.text("small.count")) == "100")
  }

  @Test(arguments: [
    ("x = = 3", "`=` has nothing to assign to here; write == to compare"),
    ("let x", "expected `=` and a value after `let x`, but the cell ends here"),
    ("f(1, 2", "expected ')' for the '(' of line 1, but the cell ends here"),
    ("f(1 2)", "expected ')' for the '(' of line 1, but found '2'"),
    (
      "a b",
      "'b' does not belong to the statement before it; begin a new line, or put `;` or an operator between them"
    ),
    ("x -1", "`-` has space before it only; put a space on both sides, or begin a new line"),
    ("x!=3", "`!=` needs space on both sides"),
    (
      "x ** 2",
      "`**` is not an operator of the cell language; write pow(base, exponent) for a power"
    ),
    ("if x = 3 { }", "a condition cannot assign; write == to compare"),
    ("class A { }", "`class` is not part of the cell language"),
    (
      "let class = 3", "'class' is a word of the language and cannot be a name; choose another name"
    ),
    ("'abc'", "strings are written in double quotes; write \"…\""),
    ("\"abc", "the string that begins here is not closed; add \""),
    ("“abc”", "the character '“' cannot stand here; write \" instead"),
    (
      "3x",
      "'3x' is neither a number nor a name; a name begins with a letter; a product needs its *: 3 * x"
    ),
    (
      "\"\\q\"",
      "a backslash in a string must be followed by one of 0 \\ t n r \" ' u{…} (; write \\\\ for a backslash, or a raw string #\"…\"#"
    ),
    ("f(lr = 0.1)", "an argument's label is followed by a colon, not by `=`; write lr: …"),
    (
      "99999999999999999999",
      "99999999999999999999 is too large for a whole number; the largest is 9223372036854775807; write 99999999999999999999.0 for a number"
    ),
    (
      "0xfffffffffffffffff",
      "0xfffffffffffffffff is too large for a whole number; the largest is 9223372036854775807"
    ),
    ("a < b < c", "`<` and `<` cannot follow one another; join two comparisons by &&"),
    (
      "a?b:c",
      "`?` stands directly after its condition; put a space before it; there is no optional chaining, use ??"
    ),
    ("}", "'}' closes nothing; remove it"),
    ("return 3", "`return` stands outside a function; the last expression of a cell is its result"),
    (
      "func f(x) { }",
      "expected ':' and a type after the parameter 'x', but found ')'; as in x: Int"
    ),
    ("x is Int", "`is` is not part of the cell language; compare typeName(value)"),
    ("\u{FFFD}", "a character here could not be decoded; type it again"),
    ("a\u{0}b", "the character U+0000 cannot stand here; remove it"),
  ])
  func syntax(_ text: String, _ expected: String) {
    let error = Bench().failure(text)
    #expect(error?.kind == .syntaxError)
    #expect(error?.message == expected)
    #expect(error?.location != nil)
  }

  @Test func rendering() throws {
    let bench = Bench()
    let error = try #require(bench.failure("let a = 1\nlet run = trian(a, on: 3)\na"))
    #expect(
      error.rendered(ansi: false) == [
        "2 | let run = trian(a, on: 3)", "  |           ^~~~~", "UnknownName: unknown name 'trian'",
        "did you mean 'train'?",
      ])
    #expect(error.location?.range == 20..<25)
    #expect(error.location?.column == 11)
    let coloured = error.rendered(ansi: true).joined()
    #expect(coloured.contains("\u{1B}[1;31m"))
    #expect(coloured.contains("\u{1B}[0m"))
  }

  /// Places count unicode scalars, as notebooks count them.
  @Test func placesCountScalars() throws {
    let error = try #require(Bench().failure("let 🐶é = \"猫🐶\"; wrong"))
    #expect(error.location?.range == 15..<20)
  }

  @Test func theArgumentAtFaultIsMarked() throws {
    let bench = Bench()
    bench.evaluator.set("small", to: .object(SampleDataset(count: 100)))
    let text = "train(small, on: small, epochs: -1)"
    let error = try #require(bench.failure(text))
    #expect(error.name == "RangeError")
    #expect(error.location.map { SourceText(text).text($0.range) } == "epochs: -1")
    #expect(bench.failure("fail(\"x\")")?.name == "SampleFailure")
    #expect(bench.failure("fail(\"x\")")?.underlying is SampleFailure)
  }

  @Test func callsAreTraced() throws {
    let bench = Bench()
    _ = try bench.evaluator.run(
      "func inner(_ x: Int) -> Int {\n  10 / x\n}\nfunc outer() -> Int { inner(0) }",
      cell: "In [1]", context: bench.context)
    do {
      try bench.evaluator.run("\nouter()", cell: "In [2]", context: bench.context)
      Issue.record("it must fail")
    } catch {
      #expect(error.location?.cell == "In [1]")
      #expect(error.location?.line == 2)
      #expect(error.trace.map(\.function) == ["inner", "outer"])
      #expect(
        error.rendered(ansi: false).suffix(2) == [
          "  in inner, called at In [1], line 4", "  in outer, called at In [2], line 2",
        ])
    }
  }

  /// A long line is cut to a window around the place, the caret under its token.
  @Test func longLines() throws {
    let text = String(repeating: "a + ", count: 100) + "\"x"
    let lines = try #require(Bench().failure(text)).rendered(ansi: false)
    let caret = try #require(lines[1].firstIndex(of: "^"))
    let offset = lines[1].distance(from: lines[1].startIndex, to: caret)
    #expect(Array(lines[0])[offset] == "\"")
    #expect(lines[0].count < 110)
  }
}
