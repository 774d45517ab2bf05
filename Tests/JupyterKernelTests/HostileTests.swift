import CZeroMQ
import Glibc
import JupyterProtocol
import Testing

@testable import JupyterKernel

/// Messages that nobody should send; after each, the kernel must be as it was.
@Suite struct HostileTests {
  private func expectHealth(_ client: Client, _ comment: Comment) throws {
    let id = client.execute("20+3")
    #expect(try client.reply(to: id).content["status"] == "ok", comment)
    #expect(
      try client.publications(of: id).map(\.sign) == [
        "busy", "execute_input", "execute_result", "idle",
      ], comment)
  }

  @Test func messagesThatAreNoneAreDropped() throws {
    try withKernel { (client, _) throws in
      let before = try client.reply(to: client.execute("20+3")).content["execution_count"]?.whole
      let whole = client.frames("execute_request", ["code": "print hacked"]).frames
      func signed(_ signature: String) -> [[UInt8]] {
        var frames = client.frames("execute_request", ["code": "print hacked"]).frames
        frames[1] = Array(signature.utf8)
        return frames
      }
      let hash = String(repeating: "ab", count: 32)
      let nested = Array((String(repeating: "[", count: 200_000)).utf8)
      var unsignedNested = whole
      unsignedNested[5] = nested
      let delimiter = WireMessage.delimiter
      let cases: [(String, [[UInt8]])] = [
        ("wrong signature", signed(hash)), ("empty signature", signed("")),
        ("short signature", signed("abc")), ("long signature", signed(hash + hash)),
        ("signature that is not hexadecimal", signed(String(repeating: "zü", count: 21) + "z")),
        ("no delimiter", Array(whole.dropFirst())), ("delimiter alone", [delimiter]),
        ("delimiter last", [[1], [2], delimiter]), ("delimiter and signature", [delimiter, []]),
        ("five frames", Array(whole.dropLast())), ("one empty frame", [[]]),
        ("random bytes", [[0xFF, 0xFE], [0, 1, 2], [0x80]]),
        ("unsigned nested arrays", unsignedNested),
        ("many frames", [[UInt8]](repeating: [7], count: 5_000)),
        ("an identity of 64 kB", [[UInt8](repeating: 65, count: 65_536)] + whole),
        ("signed header that is not JSON", client.frames("x", header: Array("{".utf8)).frames),
        ("signed header that is a list", client.frames("x", header: Array("[]".utf8)).frames),
        (
          "signed header without type",
          client.frames("x", header: Array(#"{"msg_id":"a"}"#.utf8)).frames
        ),
        ("signed nested header", client.frames("x", header: nested).frames),
      ]
      for (name, frames) in cases {
        for socket in [client.shell, client.control, client.stdin] {
          _ = socket.send(frames)
        }
        try expectHealth(client, "after \(name)")
      }
      let id = client.send("usage_request", on: client.control)
      let rejected = try client.reply(to: id, on: client.control).content["rejected_messages"]
      #expect(rejected?.whole ?? 0 >= 3 * cases.count - 3)
      // No cell ran but those that asked whether all is well.
      let after = try client.reply(to: client.execute("20+3")).content["execution_count"]?.whole
      #expect(after == before.map { $0 + cases.count + 1 })
    }
  }

  @Test func signedRequestsThatMakeNoSenseAreAnsweredWithAnError() throws {
    try withKernel { (client, _) throws in
      let invalidUTF8 = Array(#"{"code":"print "#.utf8) + [0xFF, 0xC0] + Array(#""}"#.utf8)
      let loneSurrogate = Array(#"{"code":"print \ud800"}"#.utf8)
      let cases: [(String, String, [UInt8], String)] = [
        ("code is a number", "execute_request", Array(#"{"code":5}"#.utf8), "error"),
        ("content is a list", "execute_request", Array("[]".utf8), "error"),
        ("content is not JSON", "complete_request", Array("{".utf8), "error"),
        (
          "content nested deeply", "execute_request",
          Array(String(repeating: #"{"a":"#, count: 100_000).utf8), "error"
        ),
        (
          "offset is a string", "complete_request",
          Array(#"{"code":"p","cursor_pos":"1"}"#.utf8), "error"
        ),
        (
          "offset is negative", "complete_request",
          Array(#"{"code":"p","cursor_pos":-5}"#.utf8), "ok"
        ),
        (
          "offset is beyond the end", "complete_request",
          Array(#"{"code":"p","cursor_pos":1000000000}"#.utf8), "ok"
        ),
        (
          "offset is beyond 64 bits", "inspect_request",
          Array(#"{"code":"p","cursor_pos":99999999999999999999}"#.utf8), "ok"
        ),
        ("history of no kind", "history_request", Array("{}".utf8), "error"),
        ("invalid UTF-8", "execute_request", invalidUTF8, "ok"),
        ("a lone surrogate", "execute_request", loneSurrogate, "ok"),
      ]
      for (name, type, body, status) in cases {
        let (id, frames) = client.frames(type, body: body)
        _ = client.shell.send(frames)
        let reply = try client.reply(to: id)
        #expect(reply.content["status"]?.text == status, "\(name)")
        #expect(reply.type == type.replacing("_request", with: "_reply"))
        #expect(try client.publications(of: id).last?.sign == "idle")
        try expectHealth(client, "after \(name)")
      }
      let (id, frames) = client.frames("execute_request", ["code": "1+1"], buffers: [[1], [], [2]])
      _ = client.shell.send(frames)
      #expect(try client.reply(to: id).content["status"] == "ok")
    }
  }

  @Test func aRepeatedMessageRunsOnce() throws {
    try withKernel { (client, _) throws in
      let (id, frames) = client.frames("execute_request", ["code": "print once"])
      for _ in 0..<3 { _ = client.shell.send(frames) }
      #expect(try client.reply(to: id).content["status"] == "ok")
      let published = try client.publications(of: id)
      #expect(published.filter { $0.type == "stream" }.count == 1)
      _ = client.shell.send(frames)
      _ = client.control.send(frames)
      let last = client.execute("1+1")
      let reply = try client.receive()
      #expect(reply.parentID == last)
      #expect(reply.content["execution_count"] == 2)
    }
  }

  @Test func forgedSignaturesPushNoneOutOfTheMemory() throws {
    try withKernel { (client, _) throws in
      let (id, frames) = client.frames("execute_request", ["code": "print once"])
      _ = client.shell.send(frames)
      #expect(try client.reply(to: id).content["status"] == "ok")
      var forged = frames
      let place = try #require(frames.firstIndex(of: WireMessage.delimiter)) + 1
      // More than the memory holds.
      for number in 0..<70_000 {
        let digits = Array(String(number, radix: 16).utf8)
        forged[place] = Array(repeating: UInt8(ascii: "0"), count: 64 - digits.count) + digits
        while case .wouldBlock = client.shell.send(forged) { usleep(100) }
      }
      while case .wouldBlock = client.shell.send(frames) { usleep(100) }
      let last = client.execute("1+1")
      let reply = try client.receive()
      #expect(reply.parentID == last)
      #expect(reply.content["execution_count"] == 2)
    }
  }

  @Test func aStrangerWithoutTheKeyGetsNothing() throws {
    try withKernel { (client, kernel) throws in
      let stranger = try Client(kernel.connection, key: Array("guess".utf8))
      defer { stranger.close() }
      stranger.execute("print hacked")
      stranger.send("shutdown_request", ["restart": false], on: stranger.control)
      try expectHealth(client, "after a stranger's shutdown")
      #expect(stranger.isQuiet(stranger.shell))
      #expect(stranger.isQuiet(stranger.control))
    }
  }

  @Test func aClientThatReconnectsTakesOver() throws {
    try withKernel { (client, kernel) throws in
      // Two sockets under one identity: the newer one gets the answers.
      let again = try Socket(.init(code: ZMQ_DEALER), in: client.context)
      defer { again.close() }
      again.set(ZMQ_ROUTING_ID, client.session)
      again.set(ZMQ_LINGER, 0)
      again.set(ZMQ_RCVTIMEO, 10_000)
      try again.connect(kernel.connection.endpoint(kernel.connection.shellPort))
      let id = client.send("kernel_info_request", on: again)
      #expect(try client.reply(to: id, on: again).type == "kernel_info_reply")
    }
  }
}
