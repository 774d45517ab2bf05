import JupyterProtocol
import Testing

@testable import JupyterKernel

@Suite struct ExecutionTests {
  @Test(arguments: [ConnectionFile.Transport.ipc, .tcp])
  func aCellIsAnsweredAndPublishedInOrder(_ transport: ConnectionFile.Transport) throws {
    try withKernel(transport: transport) { (client, _) throws in
      let id = client.execute("print a\nprint b\nwarn c\n1+1")
      let reply = try client.reply(to: id)
      #expect(reply.type == "execute_reply")
      #expect(reply.content["status"] == "ok")
      #expect(reply.content["execution_count"] == 1)
      #expect(reply.content["payload"] == [])
      #expect(reply.metadata["started"]?.text?.hasSuffix("Z") == true)
      #expect(reply.header.version == "5.6")
      let published = try client.publications(of: id)
      #expect(
        published.map(\.sign) == [
          "busy", "execute_input", "stream", "stream", "execute_result", "idle",
        ])
      #expect(
        published[1].content == ["code": "print a\nprint b\nwarn c\n1+1", "execution_count": 1])
      #expect(published[2].content == ["name": "stdout", "text": "a\nb\n"])
      #expect(published[3].content == ["name": "stderr", "text": "c\n"])
      #expect(published[4].content["data"] == ["text/plain": "2"])
      #expect(Set(published.map(\.header.session)) == [reply.header.session])
      #expect(reply.header.session != client.session)
    }
  }

  @Test func withoutAKeyNothingIsSigned() throws {
    try withKernel(key: "") { (client, _) throws in
      let id = client.execute("2+2")
      #expect(try client.reply(to: id).content["status"] == "ok")
    }
  }

  @Test func silenceLeavesNoTrace() throws {
    try withKernel { (client, _) throws in
      let id = client.execute("1+1", ["silent": true, "store_history": true])
      #expect(try client.reply(to: id).content["execution_count"] == 0)
      #expect(try client.publications(of: id).map(\.sign) == ["busy", "idle"])
      let unstored = client.execute("1+1", ["store_history": false])
      #expect(try client.reply(to: unstored).content["execution_count"] == 0)
      let counted = client.execute("1+1")
      #expect(try client.reply(to: counted).content["execution_count"] == 1)
      let question = client.send("history_request", ["hist_access_type": "tail", "n": 10])
      #expect(try client.reply(to: question).content["history"] == [[7, 1, "1+1"]])
    }
  }

  @Test func anErrorIsPublishedOnceAndAnswered() throws {
    try withKernel { (client, _) throws in
      let id = client.execute("error too bad")
      let reply = try client.reply(to: id)
      #expect(reply.content["status"] == "error")
      #expect(reply.content["ename"] == "EchoError")
      #expect(reply.content["evalue"] == "too bad")
      #expect(reply.content["execution_count"] == 1)
      let published = try client.publications(of: id)
      #expect(published.map(\.sign) == ["busy", "execute_input", "error", "idle"])
      #expect(published[2].content["traceback"] == ["EchoError: too bad"])
    }
  }

  @Test func anErrorAbortsExactlyTheCellsThatWait() throws {
    try withKernel { (client, _) throws in
      let failing = client.execute("ignore 100\nerror first")
      let waiting = (0..<20).map { client.execute("print \($0)") }
      let question = client.send("is_complete_request", ["code": "print"])
      #expect(try client.reply(to: question).content["status"] == "complete")
      #expect(try client.reply(to: failing).content["status"] == "error")
      for id in waiting {
        let reply = try client.reply(to: id)
        #expect(reply.content == ["status": "aborted", "execution_count": 1])
        #expect(try client.publications(of: id).map(\.sign) == ["busy", "idle"])
      }
      let next = client.execute("1+1")
      #expect(try client.reply(to: next).content["execution_count"] == 2)
    }
  }

  @Test func anErrorNeedNotStopWhatWaits() throws {
    try withKernel { (client, _) throws in
      let failing = client.execute("ignore 50\nerror first", ["stop_on_error": false])
      let waiting = client.execute("1+1")
      let first = try client.reply(to: failing)
      let second = try client.reply(to: waiting)
      #expect(first.content["status"] == "error")
      #expect(second.content["status"] == "ok")
    }
  }

  @Test func userExpressionsFailOneByOne() throws {
    try withKernel { (client, _) throws in
      let id = client.execute("1+1", ["user_expressions": ["good": "2+3", "bad": "x"]])
      let values = try client.reply(to: id).content["user_expressions"]
      #expect(values?["good"]?["status"] == "ok")
      #expect(values?["good"]?["data"] == ["text/plain": "5"])
      #expect(values?["bad"]?["status"] == "error")
      #expect(values?["bad"]?["ename"] == "EchoError")
    }
  }

  @Test func payloadsAndDisplaysArrive() throws {
    try withKernel { (client, _) throws in
      let id = client.execute(
        "page long text\nnext print 1\nleave\nleave kernel\nshow one\nupdate two\nclear wait")
      #expect(
        try client.reply(to: id).content["payload"] == [
          ["source": "page", "data": ["text/plain": "long text"], "start": 0],
          ["source": "set_next_input", "text": "print 1", "replace": false],
          ["source": "ask_exit", "keepkernel": false],
          ["source": "ask_exit", "keepkernel": true],
        ])
      let published = try client.publications(of: id)
      // The update may replace nothing but an older update, never the display.
      #expect(
        published.map(\.sign) == [
          "busy", "execute_input", "display_data", "update_display_data", "clear_output", "idle",
        ])
      for message in published[2...3] {
        #expect(message.content["transient"] == ["display_id": "figure"])
      }
      #expect(published[4].content == ["wait": true])
    }
  }

  @Test func inputIsAskedOfTheRightClient() throws {
    try withKernel { (client, kernel) throws in
      let other = try Client(kernel.connection)
      defer { other.close() }
      try other.awaitWelcome()
      let id = client.execute("password name?", ["allow_stdin": true])
      let question = try client.receive(client.stdin)
      #expect(question.type == "input_request")
      #expect(question.content == ["prompt": "name?", "password": true])
      #expect(question.parentID == id)
      other.send("input_reply", ["value": "intruder"], on: other.stdin)
      client.send("input_reply", ["value": "Ada"], on: client.stdin)
      #expect(try client.reply(to: id).content["status"] == "ok")
      let texts = try client.publications(of: id).compactMap { $0.content["text"] }
      #expect(texts == ["got Ada\n"])
      #expect(other.isQuiet(other.stdin))
    }
  }

  @Test func withoutStdinInputIsAnError() throws {
    try withKernel { (client, _) throws in
      let id = client.execute("input name?", ["allow_stdin": false])
      let reply = try client.reply(to: id)
      #expect(reply.content["ename"] == "InputError")
      #expect(reply.content["evalue"]?.text?.contains("allow_stdin") == true)
      #expect(client.isQuiet(client.stdin))
    }
  }

  @Test func anInterruptEndsTheCellAndOnlyTheCell() throws {
    try withKernel { (client, _) throws in
      for _ in 0..<20 {
        let id = client.execute("wait", ["stop_on_error": false])
        while try client.receive(client.iopub).sign != "execute_input" {}
        let interrupt = client.send("interrupt_request", on: client.control)
        let answer = try client.reply(to: interrupt, on: client.control)
        #expect(answer.type == "interrupt_reply")
        #expect(answer.content == ["status": "ok"])
        let reply = try client.reply(to: id)
        #expect(reply.content["ename"] == "Interrupted")
        #expect(reply.content["evalue"] == "stopped while waiting")
      }
      // While nothing runs there is nothing to interrupt, and the next cell must not notice.
      let interrupt = client.send("interrupt_request", on: client.control)
      _ = try client.reply(to: interrupt, on: client.control)
      let next = client.execute("1+1")
      #expect(try client.reply(to: next).content["status"] == "ok")
    }
  }

  @Test func anInterruptEndsTheWaitForInput() throws {
    try withKernel { (client, _) throws in
      let id = client.execute("input name?")
      _ = try client.receive(client.stdin)
      client.send("interrupt_request", on: client.control)
      #expect(try client.reply(to: id).content["evalue"] == "stopped while asking")
      // An answer that comes too late belongs to nobody.
      client.send("input_reply", ["value": "late"], on: client.stdin)
      let next = client.execute("input again?")
      _ = try client.receive(client.stdin)
      client.send("input_reply", ["value": "right"], on: client.stdin)
      #expect(try client.reply(to: next).content["status"] == "ok")
      let texts = try client.publications(of: next).compactMap { $0.content["text"] }
      #expect(texts.count == 1)
    }
  }

  @Test func aJobGoesOnInItsOwnCell() throws {
    try withKernel { (client, _) throws in
      let first = client.execute("background late news")
      _ = try client.publications(of: first)
      let second = client.execute("ignore 100\nprint now")
      var texts: [String: JSONValue] = [:]
      while texts.count < 2 {
        let message = try client.receive(client.iopub)
        if let text = message.content["text"] { texts[message.parentID] = text }
      }
      #expect(texts == [first: "late news\n", second: "now\n"])
    }
  }
}
