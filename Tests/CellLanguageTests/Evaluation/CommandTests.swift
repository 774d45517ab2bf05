import Testing

@testable import CellLanguage

@Suite struct CommandTests {
  @Test func typedParameters() throws {
    let bench = Bench()
    #expect(try bench.text("Projective()") == "Projective(0.8...1.2, 3, .reflect)")
    #expect(
      try bench.text("Projective(scale: 1...2, fill: .clamp)") == "Projective(1.0...2.0, 3, .clamp)"
    )
    // Labelled arguments may come in any order.
    #expect(
      try bench.text("Projective(fill: .clamp, jitter: 5)") == "Projective(0.8...1.2, 5, .clamp)")
    #expect(try bench.text("NIN(widths: 1...3)") == "NIN [1, 2, 3]")
    #expect(try bench.text("NIN.published") == "published NIN")
  }

  @Test func theWalkOfTheDesign() throws {
    let bench = Bench()
    #expect(
      try bench.text(
        """
        let fashion = FashionMNIST()
        let small = fashion.train.first(10_000)
        train(fashion, on: small, epochs: 3, batch: 128)
        """) == "trained 60000 on 10000, 3 epochs, batch 128, rate 0.001")
    #expect(try bench.text("\"\\(small)\"") == "10000 images of 28 × 28")
    #expect(try bench.text("fashion[0..<64].count") == "64")
    #expect(try bench.text("small.sample(100, seed: 1).count") == "100")
  }

  @Test("a variable that cannot be called leaves the command of its name")
  func variablesNamedLikeCommands() throws {
    let bench = Bench()
    let trained = try bench.text(
      """
      let fashion = FashionMNIST()
      let train = fashion.train.first(100)
      train(fashion, on: train, epochs: 3, batch: 128)
      """)
    #expect(trained.hasPrefix("trained 60000 on 100, 3 epochs"))
    #expect(try bench.text("train.count") == "100")
    // A function of that name is meant when it is called.
    #expect(try bench.text("func train(_ x: Int) -> Int { x + 1 }\ntrain(2)") == "3")
  }

  @Test func optionalAndVariadicParameters() throws {
    let echo = Command(
      "echo", "Gives back what it got.",
      parameters: Parameter<Variadic<Int>>("numbers", label: .none, in: 0..., "numbers"),
      Parameter<String?>("name", "a name"),
      Parameter<[String: Double]>("options", default: [:], "options"),
      Parameter<Function?>("then", "what to do"), returns: "String", topic: "tests"
    ) { context, numbers, name, options, then in
      let done = try then.map { try context.call($0, [.integer(2)]).description } ?? "-"
      return .string("\(numbers.elements) \(name ?? "none") \(options.cellText) \(done)")
    }
    let evaluator = Evaluator(vocabulary: Vocabulary([echo]))
    func text(_ cell: String) throws -> String {
      try evaluator.run(cell, context: SampleContext()).value.description
    }
    #expect(try text("echo()") == "[] none [:] -")
    #expect(try text("echo(1, 2, name: \"x\", options: [\"a\": 1])") == "[1, 2] x [\"a\": 1.0] -")
    #expect(try text("echo(1) { $0 * 3 }") == "[1] none [:] 6")
    #expect(try text("echo(name: nil)") == "[] none [:] -")
    #expect(throws: CellError.self) { try text("echo(1, -2)") }
    #expect(throws: CellError.self) { try text("echo(1, \"a\")") }
  }

  @Test func commandsWithoutParameters() throws {
    let command = Command("models", "Lists the models.", returns: "String", topic: "models") { _ in
      .string("none")
    }
    let evaluator = Evaluator(vocabulary: Vocabulary([command]))
    #expect(try evaluator.run("models()", context: SampleContext()).value.description == "none")
    #expect(throws: CellError.self) { try evaluator.run("models(1)", context: SampleContext()) }
    #expect(command.signature == "models() -> String")
    #expect(command.help().text == "models() -> String\n\nLists the models.")
  }

  @Test func commandsFromTables() throws {
    let table = [("codes", 128), ("dimension", 16)]
    let command = Command(
      "VQVAE", "A model.",
      declarations: table.map {
        ParameterDeclaration($0.0, type: Int.self, default: $0.1, in: 1..., "an option")
      },
      returns: "Model", topic: "models"
    ) { _, values in
      .array(values.compactMap { $0 as? Int }.map { .integer($0) })
    }
    let evaluator = Evaluator(vocabulary: Vocabulary([command]))
    let value = try evaluator.run("VQVAE(dimension: 8)", context: SampleContext()).value
    #expect(value.description == "[128, 8]")
    #expect(
      command.signature == "VQVAE(codes: whole number = 128, dimension: whole number = 16) -> Model"
    )
  }

  @Test func userFunctionsAsArguments() throws {
    let bench = Bench()
    try bench.run(
      "func half(_ x: Double) -> Double { x / 2 }\nfunc named(value x: Int) -> Int { x + 1 }")
    #expect(try bench.text("[1, 2].map(half)") == "[0.5, 1.0]")
    #expect(try bench.text("[1, 2].map(named)") == "[2, 3]")
    #expect(
      bench.failure("half(\"x\")")?.message
        == "`x` is declared as Double, and this is the string \"x\"; change the type or the value")
    #expect(bench.failure("half()")?.kind == .argumentError)
    #expect(
      bench.failure("named(1)")?.message
        == "argument 1 of named needs its label; write value: before it")
  }

  @Test func implicitMembersWithArguments() throws {
    let member = ImplicitMember("crop", arguments: [Argument(label: "size", value: .integer(32))])
    #expect(try member.argument("size", as: Int.self) == 32)
    #expect(try member.argument("other", as: Int.self) == nil)
    #expect(throws: ConversionError.self) { try member.argument("size", as: String.self) }
    #expect(throws: ConversionError.self) { try member.checkLabels(["width"]) }
    #expect(Value.implicitMember(member).description == ".crop(size: 32)")
  }

  @Test func ranges() throws {
    #expect(try ClosedRange<Int>.from(.range(ValueRange(0..<5))) == 0...4)
    #expect(try Range<Int>.from(.range(ValueRange(0...4))) == 0..<5)
    #expect(try ClosedRange<Float>.from(.range(ValueRange(0.5...1.5))) == 0.5...1.5)
    #expect(try ClosedRange<Double>.from(.range(ValueRange(1...2))) == 1...2)
    #expect(throws: ConversionError.self) { try ClosedRange<Int>.from(.range(ValueRange(0..<0))) }
    #expect(throws: ConversionError.self) {
      try ClosedRange<Int>.from(.range(ValueRange(0.5...1.5)))
    }
    let open = ValueRange(.integers(lower: 2, upper: nil), isClosed: true)
    #expect(throws: ConversionError.self) { try Range<Int>.from(.range(open)) }
    #expect(open.cellText == "2...")
  }

  /// Every example of the standard words runs, and every word has help.
  @Test(arguments: Vocabulary([]).commands.map(\.name))
  func standardWordsHaveHelp(_ name: String) throws {
    let command = try #require(Vocabulary([]).lookup(name))
    #expect(!command.summary.isEmpty && !command.topic.isEmpty)
    #expect(command.parameters.allSatisfy { !$0.help.isEmpty })
    let bench = Bench()
    if name != "print" { try bench.run(command.example) }
  }

  @Test func examplesOfMethodsRun() throws {
    let methods =
      [MemberTable.array, .string, .dictionary, .range, .number].flatMap {
        Array($0.methods.values)
      }
    #expect(methods.count > 40)
    for method in methods where !method.command.example.isEmpty {
      let bench = Bench()
      #expect(throws: Never.self, "\(method.command.example)") {
        try bench.run(method.command.example)
      }
    }
  }

  @Test func nearestNames() {
    let vocabulary = Vocabulary(SampleWords.all)
    #expect(vocabulary.nearestNames(to: "tarin").first == "train")
    #expect(vocabulary.nearestNames(to: "TRAIN").first == "train")
    #expect(vocabulary.nearestNames(to: "qqqqqqqq").isEmpty)
    #expect(vocabulary.topics.map(\.topic).contains("training"))
  }

  @Test func dictionariesKeepTheirOrder() {
    var dictionary = ValueDictionary()
    for number in 0..<100 { dictionary[.integer(number)] = .integer(number) }
    for number in 0..<100 where number % 3 != 0 { dictionary[.integer(number)] = nil }
    dictionary[.integer(1)] = .string("again")
    #expect(dictionary.keys == stride(from: 0, to: 100, by: 3).map { .integer($0) } + [.integer(1)])
    #expect(dictionary.count == 35)
    for number in stride(from: 0, to: 100, by: 3) {
      #expect(dictionary[.integer(number)]?.description == "\(number)")
    }
  }
}
