import JupyterProtocol

/// One JSON document as everything that the kernel reads from such a document: header, content of every
/// type of request, connection file.
enum MessageSurface {
  static func examine(_ input: [UInt8]) {
    do throws(JSONError) {
      let value = try JSONValue(parsing: input)
      writeAgain(value)
      guard let object = value.members else { return }
      for row in MessageTable.requests { examine(object, as: row) }
    } catch {
      law((0...input.count).contains(error.offset), "reading stopped inside the text")
    }
    if let header = try? Header(parsing: input) { examine(header) }
    connectionFile(input)
  }

  private static func writeAgain(_ value: JSONValue) {
    law(depth(of: value) <= JSONValue.maximumDepth, "no deeper than allowed")
    let text = value.serialized
    guard let again = try? JSONValue(parsing: text) else {
      fatalError("what was written cannot be read: \(String(decoding: text, as: UTF8.self))")
    }
    law(again == value, "what is read again is equal")
    law(again.serialized == text, "what is written again is the same bytes")
    law(text.allSatisfy { $0 >= 0x20 }, "no control characters, and none that ends a line")
  }

  private static func depth(of value: JSONValue) -> Int {
    switch value {
    case .array(let elements): elements.isEmpty ? 0 : 1 + (elements.map(depth).max() ?? 0)
    case .object(let object):
      object.isEmpty ? 0 : 1 + (object.members.map { depth(of: $0.value) }.max() ?? 0)
    default: 0
    }
  }

  /// A header that was read is written so that the same is read again.
  static func examine(_ header: Header) {
    law((try? Header(parsing: header.serialized)) == header, "a header survives the round trip")
  }

  /// An object as the content of one type of request.
  static func examine(_ object: JSONObject, as row: any RequestContent.Type) {
    do throws(ContentError) {
      bounds(of: try row.init(object), from: object)
    } catch {
      law(error.messageType == row.type, "an error names the type that it is about")
      law(!error.field.isEmpty && !error.expected.isEmpty, "an error names the field")
    }
  }

  private static func bounds(of request: any RequestContent, from object: JSONObject) {
    switch request {
    case let request as ExecuteRequest:
      law(request.code == object["code"]?.text, "the code is that of the message")
      law(!(request.silent && request.storesHistory), "what is silent is not stored")
    case let request as CompleteRequest:
      law(lies(request.cursor, in: request.code), "the cursor lies in the code")
    case let request as InspectRequest:
      law(lies(request.cursor, in: request.code), "the cursor lies in the code")
      law((0...1).contains(request.detail), "the level of detail is 0 or 1")
    case let request as HistoryRequest:
      switch request.access {
      case .tail(let count), .search(_, let count, _): law(count >= 0, "a count is not negative")
      case .range: break
      }
    case let request as any CommContent:
      let again = request.members
      law(again["comm_id"]?.text == request.commID, "a comm message names its comm")
      law(again["data"] == .object(request.data), "a comm message carries its data")
      law((try? type(of: request).init(again))?.members == again, "it survives the round trip")
    default: break
    }
  }

  private static func lies(_ cursor: Int, in code: String) -> Bool {
    (0...code.unicodeScalars.count).contains(cursor)
  }

  private static func connectionFile(_ input: [UInt8]) {
    do throws(ConnectionFileError) {
      let file = try ConnectionFile(parsing: input, path: "connection.json")
      let ports = [
        file.shellPort, file.iopubPort, file.stdinPort, file.controlPort, file.heartbeatPort,
      ]
      if file.registration == nil {
        law(Set(ports).count == 5 && ports.allSatisfy { $0 > 0 }, "five ports")
      }
      law(!file.address.isEmpty && !file.address.utf8.contains(0), "an address")
      for port in ports {
        law(file.endpoint(port).hasPrefix(file.transport.rawValue + "://"), "an endpoint")
      }
    } catch {
      law(!error.reason.isEmpty, "an error says what is wrong")
    }
  }
}
