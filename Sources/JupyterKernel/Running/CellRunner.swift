import JupyterProtocol
import Logging

/// Runs cells on the evaluation thread, one after the other, and says how they ended.
final class CellRunner: Sendable {
  /// The stack of the evaluation thread in bytes; only touched pages cost memory.
  static let stackSize = 512 << 20

  let queue = CellQueue()

  private struct State {
    var running: Execution?
    var hasEnded = false
    /// The number of the last cell that got one.
    var count = 0
  }

  private let interpreter: any Interpreter
  private let publisher: Publisher
  private let input: InputExchange
  private let native: NativeOutput?
  private let state = Monitor(State())

  init(
    interpreter: any Interpreter, publisher: Publisher, input: InputExchange,
    native: NativeOutput?
  ) {
    self.interpreter = interpreter
    self.publisher = publisher
    self.input = input
    self.native = native
  }

  /// The number of the last cell that got one, which is what replies to refused cells carry.
  var executionCount: Int { state.withLock { $0.count } }

  /// Asks the running cell to stop, if there is one.
  func interrupt() {
    // Under the lock, so that the interrupt cannot hit the cell after the one that was meant.
    state.withLock { state in
      guard let running = state.running else { return }
      running.interrupt()
      input.interrupt()
      interpreter.interrupt()
    }
  }

  /// Waits until the evaluation thread has ended after its queue was closed.
  func waitUntilEnded(deadline: Int) -> Bool {
    state.wait(until: deadline) { $0.hasEnded ? true : nil } ?? false
  }

  /// The life of the evaluation thread.
  func run() {
    while let cell = queue.next() {
      run(cell)
    }
    abort(queue.takeAll())
    state.change { $0.hasEnded = true }
  }

  private func run(_ cell: CellQueue.Cell) {
    let request = cell.request
    let origin = cell.origin
    let started = Timestamp.now()
    let count = state.withLock { state in
      if request.storesHistory { state.count += 1 }
      return state.count
    }
    let outlet = CellOutlet(origin: origin, publisher: publisher, input: input)
    let execution = Execution(
      count: count, silent: request.silent, storesHistory: request.storesHistory,
      allowsInput: request.allowsInput, parent: origin.header, outlet: outlet)
    // Before anyone can see that the cell runs: the interrupt that follows must find it.
    state.withLock { $0.running = execution }
    publisher.beginCell(
      origin, request.silent ? nil : ExecuteInput(code: request.code, executionCount: count))
    native?.begin(execution)
    let status = status(of: request, in: execution)
    native?.end()
    outlet.end()
    state.withLock { $0.running = nil }

    var toAbort: [CellQueue.Cell] = []
    if case .error(let error) = status {
      publisher.publish(error, for: origin)
      if request.stopsOnError {
        // Before the reply leaves: what a client sends after it has seen the error must run.
        publisher.outbox.sweep()
        toAbort = queue.takeAll(of: origin.subshell)
      }
    }
    publisher.endCell(
      origin, ExecuteReply(status: status, executionCount: count),
      metadata: ["started": .string(started)])
    abort(toAbort)
  }

  private func status(of request: ExecuteRequest, in execution: Execution) -> ExecuteReply.Status {
    switch interpreter.execute(request.code, in: execution) {
    case .success(let payload):
      var values = JSONObject()
      for (name, expression) in request.userExpressions {
        switch interpreter.evaluate(expression, in: execution) {
        case .value(let bundle):
          values[name] = [
            "status": "ok", "data": .object(bundle.data), "metadata": .object(bundle.metadata),
          ]
        case .failure(let error):
          values[name] = .object(ErrorContent(error).failedReply)
        }
      }
      return .ok(payload: payload.map(\.json), userExpressions: values)
    case .failure(let error), .interrupted(let error):
      return .error(ErrorContent(error))
    }
  }

  private func abort(_ cells: [CellQueue.Cell]) {
    for cell in cells {
      publisher.busy(cell.origin)
      publisher.reply(
        ExecuteReply(status: .aborted, executionCount: executionCount), to: cell.origin)
      publisher.idle(cell.origin)
    }
  }
}

extension ErrorContent {
  init(_ error: CellError) {
    self.init(name: error.name, value: error.value, traceback: error.traceback)
  }
}

extension Payload {
  /// The payload as the protocol writes it.
  var json: JSONValue {
    switch self {
    case .page(let bundle, let start):
      ["source": "page", "data": .object(bundle.data), "start": .integer(start)]
    case .setNextInput(let text, let replace):
      ["source": "set_next_input", "text": .string(text), "replace": .boolean(replace)]
    case .askExit(let keepKernel):
      ["source": "ask_exit", "keepkernel": .boolean(keepKernel)]
    }
  }
}
