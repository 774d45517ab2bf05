import JupyterProtocol
import Synchronization
import Testing

@testable import JupyterKernel

/// A target that notes what happens, refuses comms that are opened with `refuse`, and takes its time over
/// `slow`.
private final class NotingTarget: CommTarget {
  private let notes = Mutex<[String]>([])
  let comm = Mutex<Comm?>(nil)

  var all: [String] { notes.withLock { $0 } }

  private func note(_ text: String, _ payload: CommPayload) {
    let word = payload.data["word"]?.text ?? ""
    notes.withLock { $0.append("\(text) \(word)") }
  }

  func opened(_ comm: Comm, with payload: CommPayload) {
    note("opened", payload)
    self.comm.withLock { $0 = comm }
    if payload.data["word"] == "refuse" { comm.close(CommPayload(data: ["word": "no"])) }
  }

  func received(_ payload: CommPayload, through comm: Comm) {
    if payload.data["word"] == "slow" { Pause.milliseconds(200) }
    note("received", payload)
  }

  func closed(_ comm: Comm, with payload: CommPayload) {
    note("closed", payload)
    // Nothing goes through any more, and nothing is published.
    #expect(!comm.send(payload))
  }
}

@Suite struct CommTests {
  private func withComms(
    _ body: (Client, CommRegistry, NotingTarget) throws -> Void
  ) throws {
    let target = NotingTarget()
    let registry = CommRegistry()
    registry.register(target, as: "notes")
    let kernel = try TestKernel(comms: registry)
    let client = try Client(kernel.connection)
    defer {
      client.close()
      kernel.stop()
    }
    try client.awaitWelcome()
    try body(client, registry, target)
  }

  private func open(_ client: Client, _ id: String, _ target: String = EchoTarget.name) throws {
    let request = client.send(
      "comm_open", ["comm_id": .string(id), "target_name": .string(target)])
    #expect(try client.publications(of: request).map(\.sign) == ["busy", "idle"])
  }

  /// The next published message of a type.
  private func next(_ type: String, _ client: Client) throws -> ClientMessage {
    while true {
      let message = try client.receive(client.iopub)
      if message.type == type { return message }
    }
  }

  private func comms(_ client: Client, _ target: String? = nil) throws -> JSONValue? {
    let filter = target.map { ["target_name": .string($0)] as JSONValue }
    return try client.reply(to: client.send("comm_info_request", filter ?? [:])).content["comms"]
  }

  @Test func theEchoReturnsDataMetadataAndBuffers() throws {
    try withComms { (client, _, _) throws in
      try open(client, "c")
      let buffers: [[UInt8]] = [[0, 255, 10], [], Array(repeating: 7, count: 100_000)]
      let (id, frames) = client.frames(
        "comm_msg", ["comm_id": "c", "data": ["a": [1, 2.5, nil]]], buffers: buffers)
      _ = client.shell.send(frames)
      var parts: [[UInt8]] = []
      var signs: [String] = []
      while signs.last != "idle" {
        guard case .message(let frames) = client.iopub.receive(waiting: true) else {
          Issue.record("no answer")
          return
        }
        let wire = try WireMessage(frames: frames, verifiedBy: client.signature)
        let header = try Header(parsing: wire.header)
        guard try JSONValue(parsing: wire.parentHeader)["msg_id"]?.text == id else { continue }
        let content = try JSONValue(parsing: wire.content)
        signs.append(content["execution_state"]?.text ?? header.type)
        guard header.type == "comm_msg" else { continue }
        #expect(content == ["comm_id": "c", "data": ["a": [1, 2.5, nil]]])
        parts = wire.buffers
      }
      #expect(signs == ["busy", "comm_msg", "idle"])
      #expect(parts == buffers)
    }
  }

  @Test func whichCommsAreOpenIsSaidAtOnceAndByTarget() throws {
    try withComms { (client, _, _) throws in
      #expect(try comms(client) == [:])
      client.send("comm_open", ["comm_id": "a", "target_name": "notes"])
      client.send("comm_open", ["comm_id": "b", "target_name": .string(EchoTarget.name)])
      let echo: JSONValue = ["target_name": .string(EchoTarget.name)]
      #expect(try comms(client) == ["a": ["target_name": "notes"], "b": echo])
      #expect(try comms(client, "notes") == ["a": ["target_name": "notes"]])
      #expect(try comms(client, "others") == [:])
      // Still busy with a message, the target hears of the end only later.
      client.send("comm_msg", ["comm_id": "a", "data": ["word": "slow"]])
      client.send("comm_close", ["comm_id": "a"])
      #expect(try comms(client) == ["b": echo])
    }
  }

  @Test func aTargetHearsOfItsCommsInOrder() throws {
    try withComms { (client, _, target) throws in
      client.send(
        "comm_open", ["comm_id": "c", "target_name": "notes", "data": ["word": "1"]])
      client.send("comm_msg", ["comm_id": "c", "data": ["word": "2"]])
      // Opened again while open: the older one stays.
      client.send(
        "comm_open", ["comm_id": "c", "target_name": "notes", "data": ["word": "x"]])
      client.send("comm_msg", ["comm_id": "c", "data": ["word": "3"]])
      client.send("comm_close", ["comm_id": "c", "data": ["word": "4"]])
      // Behind the close the name is free again, though the target has not heard of it yet.
      let last = client.send(
        "comm_open", ["comm_id": "c", "target_name": "notes", "data": ["word": "5"]])
      #expect(try client.publications(of: last).map(\.sign) == ["busy", "idle"])
      #expect(target.all == ["opened 1", "received 2", "received 3", "closed 4", "opened 5"])
      #expect(try comms(client) == ["c": ["target_name": "notes"]])
    }
  }

  @Test func aClosedCommStaysClosedWhenItsIdentifierIsOpenedAgain() throws {
    try withComms { (client, _, target) throws in
      try open(client, "c", "notes")
      let first = try #require(target.comm.withLock { $0 })
      client.send("comm_close", ["comm_id": "c"])
      try open(client, "c", "notes")
      #expect(!first.send(CommPayload(data: ["word": "late"])))
      first.close()
      #expect(try comms(client) == ["c": ["target_name": "notes"]])
      #expect(try #require(target.comm.withLock { $0 }).send(CommPayload()))
    }
  }

  /// A target that keeps a comm must not keep the registry, and with it the kernel.
  @Test func aCommDoesNotKeepItsRegistry() throws {
    let target = NotingTarget()
    weak var gone: CommRegistry?
    do {
      let registry = CommRegistry()
      registry.register(target, as: "notes")
      let open = try CommOpen(["comm_id": "c", "target_name": "notes"])
      guard case .call(let body) = registry.take(open, CommPayload(), parent: []) else {
        Issue.record("the comm was not opened")
        return
      }
      body()
      gone = registry
    }
    #expect(gone == nil)
    let comm = try #require(target.comm.withLock { $0 })
    #expect(!comm.send(CommPayload()))
  }

  @Test func aTargetCanRefuseAndSpeakFirst() throws {
    try withComms { (client, registry, target) throws in
      let refused = client.send(
        "comm_open", ["comm_id": "r", "target_name": "notes", "data": ["word": "refuse"]])
      let published = try client.publications(of: refused)
      #expect(published.map(\.sign) == ["busy", "comm_close", "idle"])
      #expect(published[1].content == ["comm_id": "r", "data": ["word": "no"]])
      #expect(try comms(client) == [:])

      try open(client, "s", "notes")
      let comm = try #require(target.comm.withLock { $0 })
      #expect(comm.send(CommPayload(data: ["word": "later"])))
      #expect(
        try next("comm_msg", client).content == ["comm_id": "s", "data": ["word": "later"]])
      let own = try #require(
        registry.open("a.view", handledBy: target, with: CommPayload(data: ["word": "hello"])))
      let opening = try next("comm_open", client)
      #expect(opening.content["target_name"] == "a.view")
      #expect(opening.content["data"] == ["word": "hello"])
      #expect(opening.parent == [:])
      let answer = client.send(
        "comm_msg", ["comm_id": .string(own.id), "data": ["word": "back"]])
      #expect(try client.publications(of: answer).map(\.sign) == ["busy", "idle"])
      #expect(target.all.last == "received back")
    }
  }

  @Test func commsThatDoNotExistAreClosed() throws {
    try withComms { (client, _, _) throws in
      let open = client.send("comm_open", ["comm_id": "c", "target_name": "t", "data": [:]])
      let message = client.send("comm_msg", ["comm_id": "c", "data": [:]])
      for id in [open, message] {
        let published = try client.publications(of: id)
        #expect(published.map(\.sign) == ["busy", "comm_close", "idle"])
        #expect(published[1].content == ["comm_id": "c", "data": [:]])
      }
      let close = client.send("comm_close", ["comm_id": "c", "data": [:]])
      #expect(try client.publications(of: close).map(\.sign) == ["busy", "idle"])
    }
  }

  @Test func commsAreServedWhileACellRuns() throws {
    try withComms { (client, _, _) throws in
      try open(client, "c")
      let running = client.execute("wait", ["stop_on_error": false])
      while try client.receive(client.iopub).sign != "execute_input" {}
      let id = client.send("comm_msg", ["comm_id": "c", "data": ["a": 1]])
      let signs = try (0..<4).map { _ in try client.receive(client.iopub) }
      #expect(signs.map(\.sign) == ["busy", "comm_msg", "idle", "busy"])
      #expect(signs.map(\.parentID) == [id, id, id, running])
      client.send("interrupt_request", on: client.control)
      #expect(try client.reply(to: running).content["ename"] == "Interrupted")
    }
  }
}
