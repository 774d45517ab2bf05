extension MIMEBundle {
  /// The representations as the protocol's `data`: text as it is, JSON as it is, bytes as base64.
  public var data: JSONObject {
    JSONObject(
      representations.map { representation in
        let value: JSONValue =
          switch representation.content {
          case .text(let text): .string(text)
          case .json(let json): json
          case .bytes(let bytes): .string(Base64.encode(bytes))
          }
        return JSONObject.Member(key: representation.type, value: value)
      })
  }
}
