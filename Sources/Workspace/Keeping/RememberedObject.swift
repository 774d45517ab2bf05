import CellLanguage
import JupyterProtocol

/// What is left of an object that only its making can make again: a figure, a score, a table.
///
/// It shows what the object showed and has the values of its members; what the object could do, it cannot.
final class RememberedObject: HostConvertible, Displayable {
  static let typeDescription = "remembered value"
  let typeName: String
  let summary: String
  private let values: [(name: String, help: String, value: Value)]
  private let shown: MIMEBundle
  /// What stands in the workspace for it.
  private let content: JSONObject

  var members: [Member] { values.map { Member($0.name, $0.help) } }

  func member(_ name: String) throws -> Value { values.first { $0.name == name }?.value ?? .none }

  func bundle() throws -> MIMEBundle { shown }

  /// The PNG that it shows, if it does.
  var picture: [UInt8]? {
    guard case .bytes(let bytes)? = shown["image/png"] else { return nil }
    return bytes
  }

  /// What is kept of an object: its words and members, and the bytes of its picture.
  static func memory(
    of object: any HostObject, number: (any HostObject) throws -> Int
  ) throws -> (content: JSONObject, picture: [UInt8]) {
    if let remembered = object as? RememberedObject {
      return (remembered.content, remembered.picture ?? [])
    }
    var members: [JSONValue] = []
    for member in object.members {
      // A member that has no value now, or one that cannot be kept, is not missed by what does not ask for it.
      guard let value = try? object.member(member.name),
        let json = try? ValueCoding.json(value, object: number)
      else { continue }
      members.append([.string(member.name), .string(member.help), json])
    }
    let bundle =
      try (object as? any Displayable)?.bundle() ?? MIMEBundle(text: object.summary)
    var texts = JSONObject()
    var picture: [UInt8] = []
    for representation in bundle.representations {
      switch representation.content {
      case .text(let text): texts[representation.type] = .string(text)
      case .bytes(let bytes) where representation.type == "image/png": picture = bytes
      case .json, .bytes: break
      }
    }
    return (
      [
        "type": .string(object.typeName), "summary": .string(object.summary),
        "members": .array(members), "texts": .object(texts),
        "metadata": .object(bundle.metadata),
      ], picture
    )
  }

  /// Takes back what `memory` gave.
  init(
    _ json: JSONObject, picture: [UInt8], object: (Int) throws -> Value,
    function: (String, String) throws -> Value
  ) throws {
    content = json
    typeName = json["type"]?.text ?? "Value"
    summary = json["summary"]?.text ?? ""
    var values: [(name: String, help: String, value: Value)] = []
    for member in json["members"]?.elements ?? [] {
      guard let parts = member.elements, parts.count == 3, let name = parts[0].text else {
        continue
      }
      values.append(
        (
          name, parts[1].text ?? "",
          try ValueCoding.value(parts[2], object: object, function: function)
        ))
    }
    self.values = values
    var representations: [MIMEBundle.Representation] =
      picture.isEmpty ? [] : [.init(type: "image/png", content: .bytes(picture))]
    for member in json["texts"]?.members?.members ?? [] {
      representations.append(.init(type: member.key, content: .text(member.value.text ?? "")))
    }
    shown = MIMEBundle(representations, metadata: json["metadata"]?.members ?? [:])
  }
}
