import CZeroMQ
import JupyterProtocol
import Testing

@testable import JupyterKernel

@Suite struct ChannelTests {
  @Test func everySubscriberIsWelcomedAndTheFirstHearsTheStart() throws {
    let kernel = try TestKernel()
    defer { kernel.stop() }
    var clients: [Client] = []
    defer { for client in clients { client.close() } }
    var sessions: Set<String> = []
    for index in 0..<8 {
      let client = try Client(kernel.connection)
      clients.append(client)
      let welcome = try client.receive(client.iopub)
      #expect(welcome.type == "iopub_welcome")
      #expect(welcome.content == ["subscription": ""])
      #expect(welcome.parent == [:])
      sessions.insert(welcome.header.session)
      if index == 0 { #expect(try client.receive(client.iopub).sign == "starting") }
    }
    let id = clients[0].send("kernel_info_request")
    sessions.insert(try clients[0].reply(to: id).header.session)
    #expect(sessions.count == 1)
  }

  @Test func aSubscriberOfOneTopicIsWelcomedUnderIt() throws {
    let kernel = try TestKernel()
    defer { kernel.stop() }
    let client = try Client(kernel.connection, topic: "stream.stdout")
    defer { client.close() }
    #expect(try client.receive(client.iopub).content == ["subscription": "stream.stdout"])
    client.execute("warn no\nprint yes")
    #expect(try client.receive(client.iopub).content == ["name": "stdout", "text": "yes\n"])
  }

  @Test func theKernelSaysWhatItIsOnBothChannels() throws {
    try withKernel { (client, _) throws in
      for socket in [client.shell, client.control] {
        let id = client.send("kernel_info_request", on: socket)
        let content = try client.reply(to: id, on: socket).content
        #expect(content["status"] == "ok")
        #expect(content["protocol_version"] == "5.6")
        #expect(content["implementation"] == "echo")
        #expect(content["language_info"]?["file_extension"] == ".swift")
        #expect(content["language_info"]?["codemirror_mode"] == "swift")
        #expect(content["help_links"] == [["text": "Echo", "url": "https://example.org"]])
        #expect(try client.publications(of: id).map(\.sign) == ["busy", "idle"])
      }
    }
  }

  @Test func questionsAreAnswered() throws {
    try withKernel { (client, _) throws in
      func ask(_ type: String, _ content: JSONValue) throws -> JSONValue {
        let id = client.send(type, content)
        let reply = try client.reply(to: id)
        #expect(try client.publications(of: id).map(\.sign) == ["busy", "idle"])
        return reply.content
      }
      let completion = try ask("complete_request", ["code": "😀 pa", "cursor_pos": 4])
      #expect(completion["matches"] == ["page", "password"])
      #expect(completion["cursor_start"] == 2)
      #expect(completion["cursor_end"] == 4)
      let types = completion["metadata"]?["_jupyter_types_experimental"]?.elements
      #expect(
        types?.first == [
          "start": 2, "end": 4, "text": "page", "type": "keyword", "signature": "(text)",
        ])
      #expect(types?.count == 2)

      let found = try ask(
        "inspect_request", ["code": "print", "cursor_pos": 2, "detail_level": 1])
      #expect(found["found"] == true)
      #expect(found["data"] == ["text/plain": "print: detail 1"])
      #expect(try ask("inspect_request", ["code": "x", "cursor_pos": 0])["found"] == false)

      #expect(
        try ask("is_complete_request", ["code": "a \\"]) == [
          "status": "incomplete", "indent": "  ",
        ])
      #expect(try ask("is_complete_request", ["code": "error"]) == ["status": "invalid"])
      #expect(try ask("comm_info_request", [:]) == ["status": "ok", "comms": [:]])
      #expect(try ask("usage_request", [:])["kernel_memory"]?.whole ?? 0 > 1 << 20)
    }
  }

  @Test func questionsAreAnsweredWhileACellRunsAndTheLastStatusStaysBusy() throws {
    try withKernel { (client, _) throws in
      let running = client.execute("wait", ["stop_on_error": false])
      while try client.receive(client.iopub).sign != "execute_input" {}
      let questions: [(String, JSONValue)] = [
        ("complete_request", ["code": "p", "cursor_pos": 1]),
        ("inspect_request", ["code": "print", "cursor_pos": 1]),
        ("is_complete_request", ["code": "print"]),
        ("history_request", ["hist_access_type": "tail", "n": 5]),
        ("kernel_info_request", [:]), ("comm_info_request", [:]),
      ]
      for (type, content) in questions {
        let id = client.send(type, content)
        #expect(try client.reply(to: id).content["status"] != "error")
        let signs = try (0..<3).map { _ in try client.receive(client.iopub) }
        #expect(signs.map(\.sign) == ["busy", "idle", "busy"])
        #expect(signs.map(\.parentID) == [id, id, running])
      }
      client.send("interrupt_request", on: client.control)
      #expect(try client.reply(to: running).content["ename"] == "Interrupted")
    }
  }

  @Test func theKernelSaysWhereItListens() throws {
    try withKernel(transport: .tcp) { (client, kernel) throws in
      let connection = kernel.connection
      let id = client.send("connect_request")
      #expect(
        try client.reply(to: id).content == [
          "status": "ok", "shell_port": .integer(connection.shellPort),
          "iopub_port": .integer(connection.iopubPort),
          "stdin_port": .integer(connection.stdinPort),
          "control_port": .integer(connection.controlPort),
          "hb_port": .integer(connection.heartbeatPort),
        ])
    }
  }

  @Test func aSlowLookAtTheHistoryHoldsUpNoOtherQuestion() throws {
    try withKernel { (client, kernel) throws in
      kernel.interpreter.slowHistory = 400
      let slow = client.send("history_request", ["hist_access_type": "tail", "n": 5])
      for type in ["is_complete_request", "complete_request", "comm_info_request"] {
        let id = client.send(type, ["code": "print"])
        #expect(try client.receive().parentID == id)
      }
      #expect(try client.receive().parentID == slow)
    }
  }

  @Test func unknownTypesAreNoted() throws {
    try withKernel { (client, _) throws in
      for socket in [client.shell, client.control] {
        let id = client.send("no_such_request", on: socket)
        #expect(try client.publications(of: id).map(\.sign) == ["busy", "idle"])
      }
    }
  }

  @Test func theHeartbeatEchoes() throws {
    try withKernel { (client, kernel) throws in
      let socket = try Socket(Socket.Kind(code: ZMQ_REQ), in: client.context)
      defer { socket.close() }
      socket.set(ZMQ_LINGER, 0)
      socket.set(ZMQ_RCVTIMEO, 10_000)
      try socket.connect(kernel.connection.endpoint(kernel.connection.heartbeatPort))
      client.execute("ignore 200")
      for ping in ["ping", "", "pong"] {
        _ = socket.send([Array(ping.utf8)])
        guard case .message(let frames) = socket.receive(waiting: true) else {
          Issue.record("no echo")
          return
        }
        #expect(frames == [Array(ping.utf8)])
      }
    }
  }

  @Test func idleComesLastAndNothingIsLost() throws {
    try withKernel { (client, _) throws in
      // More than the sockets hold, while nobody reads.
      let id = client.execute("flood 12000\nchatter 20000")
      _ = try client.reply(to: id)
      let published = try client.publications(of: id)
      let displays = published.filter { $0.type == "display_data" }
        .compactMap { $0.content["data"]?["text/plain"]?.text.flatMap(Int.init) }
      #expect(displays == Array(0..<12_000))
      let text = published.compactMap { $0.content["text"]?.text }.joined()
      #expect(text == (0..<20_000).map { "\($0)\n" }.joined())
      let next = client.execute("1+1")
      #expect(try client.publications(of: next).first?.sign == "busy")
    }
  }

  @Test(arguments: [true, false])
  func shutdownIsAnsweredEverywhere(_ onControl: Bool) throws {
    let kernel = try TestKernel()
    let client = try Client(kernel.connection)
    defer { client.close() }
    try client.awaitWelcome()
    let running = client.execute("wait")
    let waiting = client.execute("1+1")
    while try client.receive(client.iopub).sign != "execute_input" {}
    let socket = onControl ? client.control : client.shell
    let id = client.send("shutdown_request", ["restart": .boolean(onControl)], on: socket)
    kernel.kernel.waitUntilEnded()
    #expect(kernel.interpreter.shutdownCall == onControl)
    var answers: [String: ClientMessage] = [:]
    while answers.count < (onControl ? 2 : 3) {
      let message = try client.receive(client.shell)
      answers[message.parentID] = message
    }
    #expect(answers[running]?.content["ename"] == "Interrupted")
    #expect(answers[waiting]?.content["status"] == "aborted")
    let reply = onControl ? try client.reply(to: id, on: client.control) : answers[id]
    #expect(reply?.content == ["status": "ok", "restart": .boolean(onControl)])
    let published = try client.publications(of: id)
    #expect(published.map(\.sign) == ["busy", "shutdown_reply", "idle"])
  }
}
