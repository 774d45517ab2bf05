import JupyterProtocol

/// Takes frames apart on the I/O thread and sends each request to where it is answered.
///
/// Cells go to the evaluation thread, read-only questions to theirs; everything else is answered here at
/// once, so that control and `kernel_info` never wait for anything.
struct Dispatcher {
  let connection: ConnectionFile
  let signature: Signature
  let interpreter: any Interpreter
  let publisher: Publisher
  let cells: CellRunner
  let questions: SideRequests
  /// The main shell's line for the history, whose database may be slow where completions must not be.
  let history: SideRequests
  let subshells: Subshells
  let comms: CommRegistry
  let input: InputExchange
  let rejections: Rejections
  /// Ends the kernel; the parameter says whether it is started again.
  let shutdown: @Sendable (Bool) -> Void

  let memory = ReplayMemory()
  var usage = Usage()

  /// Takes a message from a channel; whatever is wrong with it, the kernel goes on.
  mutating func take(_ frames: [[UInt8]], from channel: Channel) {
    let message: WireMessage
    let header: Header
    do throws(WireError) {
      message = try WireMessage(frames: frames, verifiedBy: signature)
      guard memory.admit(message.signature) else {
        rejections.note("it was received before")
        return
      }
      header = try Header(parsing: message.header)
    } catch {
      rejections.note(error.description)
      return
    }
    var origin = Origin(
      channel: channel, identities: message.identities, header: header,
      headerBytes: message.header)
    guard let row = MessageTable.row(header.type) else {
      rejections.remark("a message of the unknown type '\(header.type.prefix(64))'")
      publisher.busy(origin)
      publisher.idle(origin)
      return
    }
    if let own = Self.channel(of: row), own != channel {
      return refuse(
        ErrorContent(
          name: "WrongChannel",
          value: "The \(row.type) came on the \(channel) channel; send it on \(own)."),
        row, origin)
    }
    do throws(ContentError) {
      let content = try Self.content(message.content, of: row)
      if channel == .shell {
        // In the header by the specification; in the content by the proposal it came from.
        let subshell = header.subshellID ?? content["subshell_id"]?.text
        origin.subshell = subshell == "" ? nil : subshell
      }
      try route(try row.init(content), origin, message)
    } catch {
      refuse(error, row, origin)
    }
  }

  /// The one channel of a message type; `nil` for those that shell and control both take.
  private static func channel(of row: any RequestContent.Type) -> Channel? {
    switch row {
    case is ExecuteRequest.Type: .shell
    case is CreateSubshellRequest.Type, is DeleteSubshellRequest.Type, is ListSubshellRequest.Type:
      .control
    case is InputReply.Type: .stdin
    default: nil
    }
  }

  private static func content(_ bytes: [UInt8], of row: any RequestContent.Type)
    throws(ContentError) -> JSONObject
  {
    guard let value = try? JSONValue(parsing: bytes), case .object(let object) = value else {
      throw ContentError(messageType: row.type, field: "content", expected: "a JSON object")
    }
    return object
  }

  private func refuse(
    _ error: ContentError, _ row: any RequestContent.Type, _ origin: Origin
  ) {
    refuse(ErrorContent(name: "MalformedRequest", value: error.description), row, origin)
  }

  private func refuse(
    _ error: ErrorContent, _ row: any RequestContent.Type, _ origin: Origin
  ) {
    rejections.note(error.value)
    guard origin.channel != .stdin else { return }
    publisher.busy(origin)
    if row is ExecuteRequest.Type {
      // A reply to a cell has a number whatever became of it, and clients wait for the field.
      publisher.reply(
        ExecuteReply(status: .error(error), executionCount: cells.executionCount), to: origin)
    } else if let replyType = row.replyType {
      publisher.fail(error, replyType: replyType, to: origin)
    }
    publisher.idle(origin)
  }

  private mutating func route(
    _ request: any RequestContent, _ origin: Origin, _ message: WireMessage
  ) throws(ContentError) {
    if let answer = request as? InputReply {
      let question = try? JSONValue(parsing: message.parentHeader)["msg_id"]?.text
      input.answer(answer.value, identities: origin.identities, question: question)
      return
    }
    guard origin.channel != .stdin else {
      rejections.note("a \(origin.header.type) on the stdin channel")
      return
    }
    guard let line = line(for: request, origin) else {
      return refuse(
        ErrorContent(
          name: "UnknownSubshell", value: "There is no subshell '\(origin.subshell ?? "")'."),
        type(of: request), origin)
    }
    switch request {
    case let request as ExecuteRequest:
      cells.queue.append(CellQueue.Cell(request: request, origin: origin))
    case is CompleteRequest, is InspectRequest, is IsCompleteRequest, is HistoryRequest:
      line.append(request, origin)
    case let request as any CommContent:
      deliver(request, message, origin, line)
    default:
      publisher.busy(origin)
      answer(request, origin)
      publisher.idle(origin)
    }
  }

  /// The line in which a question waits for its turn; `nil` when it is for a subshell that does not exist.
  private func line(for request: any RequestContent, _ origin: Origin) -> SideRequests? {
    if let subshell = origin.subshell { return subshells[subshell] }
    return request is HistoryRequest ? history : questions
  }

  private func deliver(
    _ request: any CommContent, _ message: WireMessage, _ origin: Origin, _ line: SideRequests
  ) {
    let metadata = (try? JSONValue(parsing: message.metadata))?.members ?? [:]
    let payload = CommPayload(data: request.data, metadata: metadata, buffers: message.buffers)
    switch comms.take(request, payload, parent: origin.headerBytes) {
    case .call(let body):
      line.append(origin, body)
    case .nowhere(let reason):
      rejections.remark(reason)
      publisher.busy(origin)
      publisher.publish(CommClose(commID: request.commID), for: origin)
      publisher.idle(origin)
    case .ignored(let reason):
      rejections.remark(reason)
      publisher.busy(origin)
      publisher.idle(origin)
    }
  }

  private mutating func answer(_ request: any RequestContent, _ origin: Origin) {
    switch request {
    case is KernelInfoRequest:
      publisher.reply(KernelInfoReply(interpreter.information), to: origin)
    case let request as CommInfoRequest:
      publisher.reply(CommInfoReply(comms: comms.open(to: request.target)), to: origin)
    case is ConnectRequest:
      publisher.reply(ConnectReply(connection), to: origin)
    case is ListSubshellRequest:
      publisher.reply(ListSubshellReply(subshellIDs: subshells.identifiers), to: origin)
    case is CreateSubshellRequest:
      if let id = subshells.create() {
        publisher.reply(CreateSubshellReply(subshellID: id), to: origin)
      } else {
        publisher.fail(
          ErrorContent(
            name: "TooManySubshells",
            value: "There are \(Subshells.limit) subshells already; delete one of them first."),
          replyType: CreateSubshellReply.type, to: origin)
      }
    case let request as DeleteSubshellRequest:
      if subshells.delete(request.subshellID) {
        publisher.reply(DeleteSubshellReply(), to: origin)
      } else {
        publisher.fail(
          ErrorContent(
            name: "UnknownSubshell", value: "There is no subshell '\(request.subshellID)'."),
          replyType: DeleteSubshellReply.type, to: origin)
      }
    case is UsageRequest:
      publisher.reply(usage.measure(rejected: rejections.total), to: origin)
    case is InterruptRequest:
      cells.interrupt()
      publisher.reply(InterruptReply(), to: origin)
    case let request as ShutdownRequest:
      let reply = ShutdownReply(restart: request.restart)
      publisher.reply(reply, to: origin)
      publisher.publish(reply, for: origin)
      shutdown(request.restart)
    default:
      break
    }
  }
}

extension ErrorContent {
  /// An error whose sentence is all there is to show.
  fileprivate init(name: String, value: String) {
    self.init(name: name, value: value, traceback: [value])
  }
}

extension KernelInfoReply {
  fileprivate init(_ information: KernelInformation) {
    let language = information.language
    self.init(
      implementation: information.implementation, version: information.version,
      banner: information.banner,
      language: [
        "name": .string(language.name), "version": .string(language.version),
        "mimetype": .string(language.mimetype), "file_extension": .string(language.fileExtension),
        "pygments_lexer": .string(language.pygmentsLexer),
        "codemirror_mode": .string(language.codemirrorMode),
        "nbconvert_exporter": .string(language.nbconvertExporter),
      ], helpLinks: information.helpLinks.map { ($0.text, $0.url) })
  }
}
