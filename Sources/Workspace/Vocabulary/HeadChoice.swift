import CellLanguage
import Evaluation

/// The heads that a cell can choose: `.linear`, `.layers(2)`, `.convolution`.
enum HeadChoice: CellConvertible, Sendable {
  case linear
  case network(HeadArchitecture)

  static let typeDescription = "head"
  static let choices = [
    Choice("linear", "logistic regression on averaged features, its penalty chosen"),
    Choice(
      "layers", "1 to 3 fully connected layers on all places of the block", arguments: "(2)"),
    Choice("convolution", "three convolution units, the global average and a linear layer"),
  ]

  static func from(_ value: Value) throws(ConversionError) -> HeadChoice {
    guard case .implicitMember(let member) = value else { throw mismatch(value) }
    switch member.name {
    case "linear":
      try member.checkLabels([])
      return .linear
    case "convolution":
      try member.checkLabels([])
      return .network(.convolution)
    case "layers":
      try member.checkLabels([nil])
      guard let count: Int = try member.argument(nil), (1...3).contains(count) else {
        throw ConversionError("a head has 1, 2 or 3 layers", fix: "write .layers(2)")
      }
      return .network(.layers(count))
    default:
      throw ConversionError(
        "there is no head `.\(member.name)`",
        fix: "write .linear, .layers(1), .layers(2), .layers(3) or .convolution")
    }
  }

  var cellText: String {
    switch self {
    case .linear: ".linear"
    case .network(.convolution): ".convolution"
    case .network(.layers(let count)): ".layers(\(count))"
    }
  }
}
