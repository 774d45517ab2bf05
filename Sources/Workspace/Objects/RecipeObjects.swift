import CellLanguage
import Imaging
import JupyterProtocol
import Layers

/// A family of transformations in a cell: `Projective(scale: 0.8...1.2, jitter: 3)`.
final class FamilyObject: HostConvertible, Displayable {
  static let typeDescription = "family of transformations"
  let typeName = "TransformationFamily"
  let family: any TransformationFamily
  /// The call that made it.
  let recipe: String

  init(_ family: any TransformationFamily, recipe: String) {
    self.family = family
    self.recipe = recipe
  }

  var members: [Member] {
    [
      Member("name", "the name of the family"),
      Member("parameters", "what is drawn, with units"),
      Member("targets", "the coordinates that a decoder predicts"),
    ]
  }

  var methods: [Command] {
    [
      Command(
        "with", "The same family with changes of colour, drawn and predicted at once.",
        parameters: Parameter<FamilyObject>("color", label: .none, "the colours: Color()"),
        returns: "TransformationFamily", topic: "transformations",
        discussion:
          "The colours change first, then the pixels move, so that the fill keeps its values.",
        example: "Projective().with(Color())"
      ) { [family, recipe] _, color in
        guard let colors = color.family as? Imaging.Color else {
          throw CellError(
            .typeError, "`with` takes a Color, not \(color.recipe)",
            fix: "write \(recipe).with(Color())")
        }
        return .object(
          FamilyObject(try family.with(colors), recipe: "\(recipe).with(\(color.recipe))"))
      }
    ]
  }

  func member(_ name: String) throws -> Value {
    switch name {
    case "name": .string(family.name)
    case "parameters": .array(family.parameterNames.map { .string($0) })
    default: .array(family.targetNames.map { .string($0) })
    }
  }

  var summary: String { family.description }
  var cellText: String { recipe }

  func bundle() throws -> MIMEBundle { MIMEBundle(text: family.description) }
}

/// The description of an encoder in a cell: `NIN(widths: [32, 64])`.
final class EncoderObject: HostConvertible, Displayable {
  static let typeDescription = "encoder"
  let typeName = "Encoder"
  let configuration: NINConfiguration

  init(_ configuration: NINConfiguration) { self.configuration = configuration }

  var summary: String { configuration.text }

  func bundle() throws -> MIMEBundle { MIMEBundle(text: configuration.text) }
}

/// What fills the part of a transformed image that lies beyond the frame, as a cell writes it.
struct FillChoice: CellConvertible, Sendable {
  static let typeDescription = "fill mode"
  let fill: Fill

  static let choices = [
    Choice("reflect", "the image goes on as in a mirror"),
    Choice(
      "constant", "one grey value everywhere; 0.5 unless another is given", arguments: "(0.5)"),
    Choice("clamp", "the border pixels go on"),
    Choice("noise", "uniform noise"),
    Choice(
      "crop", "both views are crops of the image, so that nothing lies beyond",
      arguments: "(view: 0.5)"),
  ]

  static func from(_ value: Value) throws(ConversionError) -> FillChoice {
    guard case .implicitMember(let member) = value else { throw mismatch(value) }
    switch member.name {
    case "reflect", "clamp", "noise":
      try member.checkLabels([])
      let plain: [String: Fill] = ["reflect": .reflect, "clamp": .clamp, "noise": .noise]
      return FillChoice(fill: plain[member.name] ?? .reflect)
    case "constant":
      try member.checkLabels([nil])
      let grey: Double? = try member.argument(nil)
      guard (0...1).contains(grey ?? 0.5) else {
        throw ConversionError(
          "there is no grey \(grey ?? 0.5)", fix: "give one from 0 (black) to 1 (white)")
      }
      return FillChoice(fill: .constant(Float(grey ?? 0.5)))
    case "crop":
      try member.checkLabels(["view"])
      let view: Double? = try member.argument("view")
      return FillChoice(fill: .crop(view: Float(view ?? 0.5)))
    default:
      throw ConversionError(
        "there is no fill mode `.\(member.name)`",
        fix: "write .reflect, .constant(0.5), .clamp, .noise or .crop(view: 0.5)")
    }
  }

  var cellText: String {
    switch fill {
    case .reflect: ".reflect"
    case .clamp: ".clamp"
    case .noise: ".noise"
    case .constant(let value): ".constant(\(value))"
    case .crop(let view): ".crop(view: \(view))"
    }
  }
}
