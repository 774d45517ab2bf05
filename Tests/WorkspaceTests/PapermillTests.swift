import CellLanguage
import JupyterKernel
import Testing

@testable import Workspace

/// Cells that papermill writes for Python.
@Suite struct PapermillTests {
  /// What Python writes, and what the value is as cells write it.
  static let values: [(python: String, cell: String)] = [
    ("3", "3"), ("-3", "-3"), ("+3", "3"), ("1_000", "1000"), ("0x1F", "31"), ("0XFF", "255"),
    ("0b101", "5"), ("0o17", "15"), ("0xe", "14"), ("0.01", "0.01"), ("1e-07", "1e-07"),
    ("1E+5", "100000.0"), ("1.", "1.0"), (".5", "0.5"), ("-.5", "-0.5"), ("1.e3", "1000.0"),
    ("True", "true"), ("False", "false"), ("None", "nil"),
    ("float('nan')", "nan"), ("float(\"inf\")", "inf"), ("float('-inf')", "-inf"),
    ("-float('inf')", "-inf"), ("float( 'Infinity' )", "inf"),
    ("\"text\"", "\"text\""), ("'it\\'s'", "\"it's\""),
    ("\"say \\\"hi\\\"\"", "\"say \\\"hi\\\"\""),
    ("'a \"b\"'", "\"a \\\"b\\\"\""), ("\"C:\\\\data\\\\(x)\"", "\"C:\\\\data\\\\(x)\""),
    ("\"a\\nb\\tc\"", "\"a\\nb\\tc\""), ("\"\\xfc \\u20ac \\U0001f600\"", "\"ü € 😀\""),
    ("\"\\ud83d\\ude00\"", "\"😀\""), ("'\\101\\q'", "\"A\\\\q\""), ("''", "\"\""),
    ("\"# no comment\"", "\"# no comment\""), ("\"\\\\\"", "\"\\\\\""),
    ("[]", "[]"), ("[1, 2]", "[1, 2]"), ("[1, 2,]", "[1, 2]"),
    ("[[1], [True, None]]", "[[1], [true, nil]]"),
    ("[\n    1,\n    2,  # two\n]", "[1, 2]"),
    ("{}", "[:]"), ("{\"a\": 1}", "[\"a\": 1]"),
    ("{'a': {'b': [0.5]}, 2: None}", "[\"a\": [\"b\": [0.5]], 2: nil]"),
    ("{\n    'a': 1,\n}", "[\"a\": 1]"), ("3  # a comment", "3"),
  ]

  @Test(arguments: values)
  func aValueIsWhatPythonMeans(_ value: (python: String, cell: String)) {
    let notebook = Notebook()
    #expect(notebook.run("# Parameters\nvalue = \(value.python)\n").error == nil)
    #expect(notebook.run("[value]").result == "[\(value.cell)]")
  }

  @Test func variablesAreAssignedAndTheRestIsDeclared() {
    let notebook = Notebook()
    notebook.run("var rate = 0.5\nlet epochs = 1\nvar kept = 7")
    #expect(notebook.run("# Parameters\nrate = 1\nepochs = 3\nnew = 'x'\n").error == nil)
    // A constant of the notebook's own parameters gives way.
    #expect(notebook.run("[rate, epochs, new, kept]").result == "[1, 3, \"x\", 7]")
    #expect(notebook.run("epochs = 4\nepochs").result == "4")
  }

  static let mistakes: [(cell: String, words: [String])] = [
    ("x = lambda: 3", ["line 2", "x = lambda: 3", "`lambda`", "None"]),
    ("x = 1\ny = print(3)", ["line 3", "`print`"]),
    ("x = (1, 2)", ["tuples", "list"]),
    ("x = {1, 2}", ["sets"]),
    ("x = 3 + 4", ["goes on"]),
    ("x = f\"{y}\"", ["prefix", "f"]),
    ("x = \"\"\"a\"\"\"", ["three quotes"]),
    ("x = \"abc", ["not closed"]),
    ("x = 'a\nb'", ["not closed"]),
    ("x = [1, 2", ["`]`"]),
    ("x = {'a' 1}", ["`:`"]),
    ("x =", ["missing"]),
    ("x", ["assigns"]), ("import os", ["assigns"]), ("x == 3", ["assigns"]), ("3 = x", ["assigns"]),
    ("x = 3j", ["3j"]), ("x = -", ["number"]), ("x = --", ["number"]), ("x = .", ["number"]),
    ("x = 0.01ep", ["`0.01ep`", "number"]), ("x = 1e", ["`1e`"]), ("x = 0x", ["`0x`"]),
    ("x = 0b2", ["`0b2`"]), ("x = 1__0", ["`1__0`"]), ("x = 1_", ["`1_`"]), ("x = .e3", ["`.e3`"]),
    ("x = 1.2.3", ["`1.2.3`"]),
    ("x = float('three')", ["float('nan')"]), ("x = float(3)", ["float('nan')"]),
    ("x = \"\\ud800\"", ["U+D800"]), ("x = \"\\x1\"", ["2 hexadecimal"]),
    ("x = \"\\N{DASH}\"", ["by name"]),
    ("x = \(String(repeating: "[", count: 100_000))", ["100 deep"]),
    ("x = 12345678901234567890", ["too large", "x = 12345678901234567890", "line 2"]),
    ("x = [1, -9223372036854775808]", ["too large", "line 2", "write 9223372036854775808.0"]),
    ("x = 0xffff_ffff_ffff_ffff", ["too large", "line 2", "the largest is 9223372036854775807"]),
    ("x = 1e999", ["too large for a number", "line 2", "as a text"]),
    ("train = 3", ["'train' is a command", "another name"]),
    ("repeat = 3", ["line 2", "`repeat`", "cannot be a name", "another name"]),
    ("x = 1\ntrue = 1e-3", ["line 3", "`true`", "cannot be a name", "another name"]),
    ("init = 'zeros'", ["`init`", "cannot be a name"]),
  ]

  @Test(arguments: mistakes)
  func whatCannotBeTranslatedIsSaid(_ mistake: (cell: String, words: [String])) {
    let notebook = Notebook()
    let ran = notebook.run("# Parameters\n\(mistake.cell)")
    let text = "\(ran.error ?? "no error")\n\(ran.traceback)"
    let plain = text.replacing(/\u{1B}\[[0-9;]*m/, with: "")
    for word in mistake.words { #expect(plain.contains(word), "\(plain)") }
  }

  @Test func otherCellsAreLeftAlone() {
    let notebook = Notebook()
    #expect(notebook.run("# Parameters\n\nlet a = 1 + 1\na").result == "2")
    #expect(notebook.run("# Parameters of this run\nb = 2 * 3\nb").result == "6")
    #expect(notebook.run("c = 1\n# Parameters\nc + 1").result == "2")
    #expect(notebook.run("# Parameters").error == nil)
    #expect(notebook.run("# Parameters\n# nothing\n\n").error == nil)
    #expect(notebook.run("\u{FEFF}x = 1").error == nil)
  }

  /// Whatever stands in the cell, it is answered, and what comes out can be parsed.
  @Test func noTextIsTooBroken() throws {
    let pieces = [
      "x", " = ", "'", "\"", "\\", "\\u", "\\x", "d83d", "[", "]", "{", "}", ":", ",", "-", ".",
      "1", "e", "_",
      "\n", "\r\n", "#", "float(", "'nan'", ")", "True", "true", "in", "é", "😀", "\u{0}", "=",
    ]
    var state: UInt64 = 1
    for _ in 0..<20_000 {
      var text = "# Parameters\n"
      for _ in 0..<12 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        text += pieces[Int(state >> 33) % pieces.count]
      }
      // A value or an error, and no end of the process.
      if let cell = try? PapermillParameters.translated(text, names: NameTable()) {
        #expect(throws: Never.self, "\(text)") { try Program(cell) }
      }
    }
  }
}
