import JupyterProtocol

/// JSON as text, for records and metadata.
enum JSONText {
  /// An object of strings, in the given order.
  static func object(_ entries: [(String, String)]) -> String {
    JSONObject(entries.map { JSONObject.Member(key: $0.0, value: .string($0.1)) }).jsonText
  }
}

extension JSONObject {
  /// The object as the database and the metadata of files hold it.
  var jsonText: String { String(decoding: serialized, as: UTF8.self) }
}

extension JSONValue {
  /// The value as the database and the metadata of files hold it.
  var jsonText: String { String(decoding: serialized, as: UTF8.self) }

  /// Understands what `jsonText` gave.
  ///
  /// - Throws: `JSONError` for a text that is not JSON.
  init(json: String) throws(JSONError) { try self.init(parsing: Array(json.utf8)) }
}
