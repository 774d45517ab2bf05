import JupyterProtocol
import Testing

@testable import JupyterKernel

extension Client {
  /// Sends a request for a subshell, named in the header or, as the older proposal has it, in the content.
  @discardableResult
  fileprivate func send(
    _ type: String, _ content: JSONValue = [:], to subshell: String, inContent: Bool = false
  ) -> String {
    var members = content.members ?? [:]
    if inContent { members["subshell_id"] = .string(subshell) }
    let id = Identifier.random()
    let header = Header(
      messageID: id, session: session, date: Timestamp.now(), type: type,
      subshellID: inContent ? nil : subshell)
    _ = shell.send(frames(type, .object(members), header: header.serialized).frames)
    return id
  }

  fileprivate func ask(_ type: String, _ content: JSONValue = [:]) throws -> JSONValue {
    let id = send(type, content, on: control)
    let reply = try reply(to: id, on: control)
    #expect(reply.type == type.replacing("_request", with: "_reply"))
    #expect(try publications(of: id).map(\.sign) == ["busy", "idle"])
    return reply.content
  }

  fileprivate func createSubshell() throws -> String {
    try #require(try ask("create_subshell_request")["subshell_id"]?.text)
  }
}

@Suite struct SubshellTests {
  @Test func subshellsAreMadeListedAndDeleted() throws {
    try withKernel { (client, _) throws in
      let features = try client.ask("kernel_info_request")["supported_features"]
      #expect(features == ["kernel subshells"])
      #expect(try client.ask("list_subshell_request") == ["status": "ok", "subshell_id": []])
      let ids = try (0..<3).map { _ in try client.createSubshell() }
      #expect(Set(ids).count == 3)
      func list() throws -> [String] {
        try client.ask("list_subshell_request")["subshell_id"]?.elements?.compactMap(\.text) ?? []
      }
      #expect(try list() == ids)
      #expect(
        try client.ask("delete_subshell_request", ["subshell_id": .string(ids[1])]) == [
          "status": "ok"
        ])
      #expect(try list() == [ids[0], ids[2]])
      let again = try client.ask("delete_subshell_request", ["subshell_id": .string(ids[1])])
      #expect(again["ename"] == "UnknownSubshell")
      #expect(try client.ask("delete_subshell_request", [:])["ename"] == "MalformedRequest")
      // To the shell, the identifier would name where the request belongs.
      for type in ["create_subshell_request", "delete_subshell_request", "list_subshell_request"] {
        let onShell = client.send(type, ["subshell_id": .string(ids[0])])
        let refused = try client.reply(to: onShell).content
        #expect(refused["ename"] == "WrongChannel")
        #expect(
          refused["evalue"] == .string("The \(type) came on the shell channel; send it on control.")
        )
      }
      #expect(try list().count == 2)
    }
  }

  @Test func thereAreNotAnyNumberOfThem() throws {
    try withKernel { (client, _) throws in
      for _ in 0..<Subshells.limit { _ = try client.createSubshell() }
      let error = try client.ask("create_subshell_request")
      #expect(error["status"] == "error")
      #expect(error["evalue"]?.text?.contains("64") == true)
    }
  }

  @Test(arguments: [true, false])
  func questionsAreAnsweredWhileACellRuns(_ inContent: Bool) throws {
    try withKernel { (client, _) throws in
      let subshell = try client.createSubshell()
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
        let id = client.send(type, content, to: subshell, inContent: inContent)
        let reply = try client.reply(to: id)
        #expect(reply.content["status"] != "error")
        if !inContent { #expect(reply.parent["subshell_id"]?.text == subshell) }
        let signs = try (0..<3).map { _ in try client.receive(client.iopub) }
        #expect(signs.map(\.sign) == ["busy", "idle", "busy"])
        #expect(signs.map(\.parentID) == [id, id, running])
      }
      client.send("interrupt_request", on: client.control)
      #expect(try client.reply(to: running).content["ename"] == "Interrupted")
    }
  }

  @Test func aSlowQuestionHoldsUpOnlyItsOwnLine() throws {
    try withKernel { (client, kernel) throws in
      let subshell = try client.createSubshell()
      kernel.interpreter.slowHistory = 400
      let slow = client.send("history_request", ["hist_access_type": "tail", "n": 5])
      let beside = client.send("complete_request", ["code": "p"], to: subshell)
      #expect(try client.receive().parentID == beside)
      #expect(try client.receive().parentID == slow)
      // Within a subshell everything has its turn.
      let first = client.send("history_request", ["hist_access_type": "tail"], to: subshell)
      let second = client.send("is_complete_request", ["code": "p"], to: subshell)
      #expect(try client.receive().parentID == first)
      #expect(try client.receive().parentID == second)
    }
  }

  @Test func cellsOfAllShellsRunOneAfterTheOther() throws {
    try withKernel { (client, _) throws in
      let subshell = try client.createSubshell()
      let ids = [
        client.execute("ignore 50"), client.send("execute_request", ["code": "1+1"], to: subshell),
        client.execute("1+2"),
      ]
      for (index, id) in ids.enumerated() {
        let reply = try client.receive()
        #expect(reply.parentID == id)
        #expect(reply.content["execution_count"]?.whole == index + 1)
      }
    }
  }

  @Test func anErrorDropsOnlyTheCellsOfItsShell() throws {
    try withKernel { (client, _) throws in
      let (one, two) = (try client.createSubshell(), try client.createSubshell())
      func run(_ code: String, _ subshell: String? = nil) -> String {
        guard let subshell else { return client.execute(code) }
        return client.send("execute_request", ["code": .string(code)], to: subshell)
      }
      let blocking = run("ignore 100")
      let requests = [
        (run("error a", one), "error"), (run("1+1", one), "aborted"), (run("1+1", two), "ok"),
        (run("1+1"), "ok"), (run("error b"), "error"), (run("1+1"), "aborted"),
        (run("1+1", two), "ok"),
      ]
      var statuses: [String: String] = [:]
      for _ in 0...requests.count {
        let reply = try client.receive()
        statuses[reply.parentID] = reply.content["status"]?.text
      }
      #expect(statuses[blocking] == "ok")
      #expect(requests.map { statuses[$0.0] } == requests.map(\.1))
    }
  }

  @Test func aSubshellThatDoesNotExistIsAnError() throws {
    try withKernel { (client, _) throws in
      let gone = try client.createSubshell()
      _ = try client.ask("delete_subshell_request", ["subshell_id": .string(gone)])
      for subshell in ["nowhere", gone] {
        for type in ["execute_request", "complete_request", "kernel_info_request"] {
          let id = client.send(type, ["code": "print hacked"], to: subshell)
          let reply = try client.reply(to: id)
          #expect(reply.type == type.replacing("_request", with: "_reply"))
          #expect(reply.content["ename"] == "UnknownSubshell")
          #expect((reply.content["execution_count"] == 0) == (type == "execute_request"))
          #expect(try client.publications(of: id).map(\.sign) == ["busy", "idle"])
        }
      }
      // Control knows no subshells, and an empty name is the main shell.
      let id = client.send("complete_request", ["code": "p"], to: "")
      #expect(try client.reply(to: id).content["status"] == "ok")
    }
  }

  @Test func whatADeletedSubshellWasAskedIsStillAnswered() throws {
    try withKernel { (client, kernel) throws in
      let subshell = try client.createSubshell()
      kernel.interpreter.slowHistory = 100
      let ids = (0..<3).map { _ in
        client.send("history_request", ["hist_access_type": "tail"], to: subshell)
      }
      // On shell, so that they have arrived when the control request is read.
      _ = try client.reply(to: client.send("kernel_info_request"))
      _ = try client.ask("delete_subshell_request", ["subshell_id": .string(subshell)])
      for id in ids { #expect(try client.receive().parentID == id) }
    }
  }
}
