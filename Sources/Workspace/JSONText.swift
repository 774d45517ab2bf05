import JupyterProtocol

/// JSON as text, for records and metadata.
enum JSONText {
  /// An object of strings, in the given order.
  static func object(_ entries: [(String, String)]) -> String {
    let members = entries.map { JSONObject.Member(key: $0.0, value: .string($0.1)) }
    return String(decoding: JSONValue.object(JSONObject(members)).serialized, as: UTF8.self)
  }
}
