import JupyterProtocol
import Testing

@Suite struct WireMessageTests {
  static let signer = Signature(key: Array("secret".utf8))
  static let header = Header(
    messageID: "m1", session: "s1", date: "2026-01-01T00:00:00Z", type: "execute_request")

  private func message(
    identities: [[UInt8]] = [[0, 1, 2]], buffers: [[UInt8]] = []
  ) -> WireMessage {
    WireMessage(
      identities: identities, header: Self.header.serialized, parentHeader: Array("{}".utf8),
      metadata: Array("{}".utf8), content: Array(#"{"code":""}"#.utf8), buffers: buffers,
      signedBy: Self.signer)
  }

  @Test(arguments: [0, 1, 3, 16])
  func framesSurviveTheRoundTrip(_ identities: Int) throws {
    let message = message(
      identities: (0..<identities).map { [UInt8($0), 7] }, buffers: [[1], [], [2, 3]])
    let read = try WireMessage(frames: message.frames, verifiedBy: Self.signer)
    #expect(read == message)
    #expect(try Header(parsing: read.header) == Self.header)
  }

  @Test func buffersAreNotSigned() throws {
    var frames = message(buffers: [[1, 2, 3]]).frames
    frames[frames.count - 1] = [9]
    let read = try WireMessage(frames: frames, verifiedBy: Self.signer)
    #expect(read.buffers == [[9]])
  }

  /// What is wrong with the signature is found before what is wrong with the JSON.
  @Test func theSignatureComesBeforeTheParsing() {
    var frames = message().frames
    for index in 3...6 { frames[index] = Array(repeating: UInt8(ascii: "["), count: 100_000) }
    #expect(throws: WireError.badSignature) {
      try WireMessage(frames: frames, verifiedBy: Self.signer)
    }
    let signed = WireMessage(
      identities: [], header: frames[3], parentHeader: frames[4], metadata: frames[5],
      content: frames[6], signedBy: Self.signer)
    #expect(throws: WireError.self) {
      try Header(parsing: try WireMessage(frames: signed.frames, verifiedBy: Self.signer).header)
    }
  }

  @Test func everyDictionaryIsSigned() {
    let frames = message().frames
    for index in 3...6 {
      var changed = frames
      changed[index] += [0x20]
      #expect(throws: WireError.badSignature) {
        try WireMessage(frames: changed, verifiedBy: Self.signer)
      }
    }
  }

  @Test func missingFramesAreRefused() {
    let frames = message().frames
    for count in 0..<frames.count {
      #expect(throws: WireError.self) {
        try WireMessage(frames: Array(frames[..<count]), verifiedBy: Self.signer)
      }
    }
    #expect(throws: WireError.noDelimiter) {
      try WireMessage(frames: [[1], [2], [3]], verifiedBy: Self.signer)
    }
    #expect(throws: WireError.tooFewFrames(0)) {
      try WireMessage(frames: [WireMessage.delimiter], verifiedBy: Self.signer)
    }
    #expect(throws: WireError.tooFewFrames(1)) {
      try WireMessage(frames: [WireMessage.delimiter, []], verifiedBy: Self.signer)
    }
  }

  @Test func countsAndSizesAreLimited() {
    let many = [[UInt8]](repeating: [1], count: WireMessage.maximumIdentities + 1)
    #expect(throws: WireError.noDelimiter) {
      try WireMessage(frames: message(identities: many).frames, verifiedBy: Self.signer)
    }
    let long = [[UInt8](repeating: 1, count: 256)]
    #expect(throws: WireError.self) {
      try WireMessage(frames: message(identities: long).frames, verifiedBy: Self.signer)
    }
    let buffers = [[UInt8]](repeating: [], count: WireMessage.maximumFrames)
    #expect(throws: WireError.self) {
      try WireMessage(frames: message(buffers: buffers).frames, verifiedBy: Self.signer)
    }
  }

  @Test(arguments: ["", "[]", "1", "{}", #"{"msg_type":3,"msg_id":"a"}"#, #"{"msg_type":"a"}"#])
  func malformedHeadersAreRefused(_ text: String) {
    #expect(throws: WireError.self) { try Header(parsing: Array(text.utf8)) }
  }

  @Test func everyRequestHasOneRow() {
    let names = MessageTable.requests.map { $0.type }
    #expect(Set(names).count == names.count)
    for row in MessageTable.requests {
      #expect(MessageTable.row(row.type)?.type == row.type)
      if row.type.hasSuffix("_request") {
        #expect(row.replyType == row.type.replacing("_request", with: "_reply"))
      }
    }
    #expect(MessageTable.row("no_such_request") == nil)
  }

  @Test func offsetsAreClampedToTheCode() throws {
    // Four scalars, in five UTF-16 units and three graphemes.
    let code: JSONValue = "a😀e\u{301}"
    for (offset, expected) in [(-5, 0), (0, 0), (2, 2), (4, 4), (5, 4), (1_000_000_000, 4)] {
      let content: JSONObject = ["code": code, "cursor_pos": .integer(offset)]
      #expect(try CompleteRequest(content).cursor == expected)
    }
    #expect(try CompleteRequest(["code": "abc"]).cursor == 3)
    #expect(throws: ContentError.self) { try CompleteRequest(["code": "a", "cursor_pos": "x"]) }
    #expect(throws: ContentError.self) { try CompleteRequest(["code": "a", "cursor_pos": 1.5]) }
  }

  @Test func silentExecutionsAreNeverStored() throws {
    #expect(try ExecuteRequest(["code": ""]).storesHistory)
    #expect(try !ExecuteRequest(["code": "", "store_history": false]).storesHistory)
    #expect(
      try !ExecuteRequest(["code": "", "silent": true, "store_history": true]).storesHistory)
    #expect(throws: ContentError.self) { try ExecuteRequest(["code": 5]) }
    #expect(throws: ContentError.self) { try ExecuteRequest(["code": "", "silent": 1]) }
    #expect(throws: ContentError.self) {
      try ExecuteRequest(["code": "", "user_expressions": ["a": 1]])
    }
  }

  @Test func timestampsFollowTheCalendar() {
    let moments: [(Int, String)] = [
      (0, "1970-01-01T00:00:00"), (951_782_399, "2000-02-28T23:59:59"),
      (951_782_400, "2000-02-29T00:00:00"), (1_709_164_800, "2024-02-29T00:00:00"),
      (4_107_542_400, "2100-03-01T00:00:00"), (-1, "1969-12-31T23:59:59"),
    ]
    for (seconds, text) in moments {
      #expect(
        Timestamp.text(secondsSince1970: seconds, nanoseconds: 250_000) == text + ".000250Z")
    }
  }

  @Test func identifiersAreVersion4UUIDs() {
    let identifiers = Set((0..<100).map { _ in Identifier.random() })
    #expect(identifiers.count == 100)
    for identifier in identifiers {
      #expect(identifier.split(separator: "-").map(\.count) == [8, 4, 4, 4, 12])
      #expect(Array(identifier)[14] == "4")
      #expect("89ab".contains(Array(identifier)[19]))
    }
  }
}
