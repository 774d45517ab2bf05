import CellLanguage
import RunStore

/// How a cell says in which order runs stand: `.newest`, `.lowestLoss`, or a member such as `.knn`.
enum RunSorting: CellConvertible, Sendable {
  case order(RunOrder)
  case member(String)

  static let typeDescription = "order of runs"
  static let choices =
    RunOrder.allCases.map { Choice($0.rawValue, help($0)) }
    + [Choice("knn", "a member of the runs, the largest number first")]

  private static func help(_ order: RunOrder) -> String {
    switch order {
    case .newest: "the run that began last first"
    case .oldest: "the run that began first first"
    case .lowestLoss: "the lowest loss first"
    case .fastest: "the most images a second first"
    }
  }

  static func from(_ value: Value) throws(ConversionError) -> RunSorting {
    switch value {
    case .implicitMember(let member):
      try member.checkLabels([])
      return RunOrder(rawValue: member.name).map { .order($0) } ?? .member(member.name)
    case .string(let name): return RunOrder(rawValue: name).map { .order($0) } ?? .member(name)
    default: throw mismatch(value, fix: "write .newest, .lowestLoss or a member such as .knn")
    }
  }

  var cellText: String {
    switch self {
    case .order(let order): ".\(order.rawValue)"
    case .member(let name): ".\(name)"
    }
  }

  /// The order that the database gives; equals of a member keep it.
  var order: RunOrder {
    if case .order(let order) = self { return order }
    return .newest
  }

  /// The runs by a member, if that is what was asked for: numbers from the largest down, those that are not a
  /// number last; texts by the alphabet.
  ///
  /// - Throws: `CellError` when runs have no such member, or none that has an order.
  func sorted(_ runs: [RecordedRun]) throws -> [RecordedRun] {
    guard case .member(let name) = self, let first = runs.first else { return runs }
    let names = first.members.map(\.name)
    guard names.contains(name) else {
      throw CellError(
        .argumentError, "runs have no member '\(name)' to stand in the order of",
        fix: nearest(name, among: names + RunOrder.allCases.map(\.rawValue)).map {
          "did you mean .\($0)?"
        } ?? "write .newest, .lowestLoss or a member such as .knn")
    }
    let keys = try runs.map { try Key($0.member(name), name) }
    return runs.indices.sorted { a, b in
      keys[a].precedes(keys[b]) ? true : keys[b].precedes(keys[a]) ? false : a < b
    }.map { runs[$0] }
  }

  private enum Key {
    case number(Double)
    case text(String)

    init(_ value: Value, _ name: String) throws(CellError) {
      switch value {
      case .integer(let integer): self = .number(Double(integer))
      case .number(let number): self = .number(number)
      case .string(let text): self = .text(text)
      case .none: self = .number(.nan)
      default:
        throw CellError(
          .typeError, "'\(name)' of a run is \(value.phrase), which has no order",
          fix: "sort by a number or a text, such as .loss")
      }
    }

    func precedes(_ other: Key) -> Bool {
      switch (self, other) {
      case (.number(let a), .number(let b)): a > b || (b.isNaN && !a.isNaN)
      case (.text(let a), .text(let b)): a < b
      case (.text, .number): true
      case (.number, .text): false
      }
    }
  }
}
