@testable import CellLanguage

/// What cells are parsed, answered and run against.
enum SampleWorkspace {
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
}
