import CEarlyListener
import Glibc
public import JupyterProtocol
import Logging

/// A running kernel: sockets, threads, and an interpreter behind them.
///
/// One thread owns every socket, one runs cells, one answers read-only questions and one those about the
/// history, one echoes the heartbeat, and each subshell has one; in a process of its own, two more read
/// signals and the output of native libraries.
public final class Kernel: Sendable {
  /// How long the end may take after it was asked for, in milliseconds; launchers lose patience at 2500.
  private static let timeToEnd = 1_900

  private struct Lifecycle {
    var ending: (restart: Bool, since: Int)?
    var interpreterIsDone = false
    var socketsAreClosed = false
  }

  /// Where the kernel listens, with the ports that it chose itself if the choice was its own.
  public let connection: ConnectionFile

  private let interpreter: any Interpreter
  private let outbox: Outbox
  private let cells: CellRunner
  private let questions: SideRequests
  private let history: SideRequests
  private let subshells: Subshells
  private let heartbeat: Heartbeat
  private let lifecycle: Monitor<Lifecycle>
  private let log: Logger

  /// The encryptions that connection files may ask for, as kernelspecs announce them.
  public static var supportedEncryption: [String] { Socket.canEncrypt ? ["curve"] : [] }

  /// Blocks signals in the calling thread and all that it starts, which the kernel's signal thread needs.
  ///
  /// To be called first thing in `main` of a process that will be a kernel.
  public static func prepareProcess() {
    SignalThread.block()
  }

  /// Starts a kernel.
  ///
  /// - Parameters:
  ///   - connection: where it listens and how it signs.
  ///   - ownsProcess: whether the process belongs to the kernel. Then SIGINT interrupts the running cell,
  ///     SIGTERM and the end of the parent process end the kernel, and what native libraries print shows
  ///     up in the running cell. Without, several kernels can live in one process.
  ///   - isBehindServer: whether Jupyter's server passes on what the kernel publishes; then outputs leave at the
  ///     pace that it takes. Other clients take whatever comes.
  ///   - comms: the targets that front ends can open comms to.
  ///   - makeInterpreter: makes what runs the cells. It is called once the sockets listen: a client that
  ///     comes too early would only try again 100 ms later, however quickly the rest is done.
  /// - Throws: `TransportError` when an address cannot be listened at, not with the encryption that the
  ///   connection file asks for, or when ports were to be registered and nobody took notice.
  public init(
    connection: ConnectionFile, ownsProcess: Bool, isBehindServer: Bool = false,
    comms: CommRegistry = CommRegistry(),
    makeInterpreter: () -> any Interpreter
  ) throws(TransportError) {
    var connection = connection
    let sockets = try Sockets(&connection, ownsProcess: ownsProcess)
    heartbeat = try Heartbeat(&connection, ownsProcess: ownsProcess)
    if ownsProcess { orbit_close_early_listeners() }
    self.connection = connection
    let signature = Signature(key: connection.key, scheme: connection.scheme)
    let interpreter = try Self.registered(connection, signature, meanwhile: makeInterpreter)
    let native = ownsProcess ? NativeOutput() : nil
    let handler = DescriptorLogHandler(descriptor: native?.realStandardError ?? 2)
    let log = Logger(label: "orbit") { _ in handler }
    let outbox = Outbox(pace: isBehindServer ? Pace() : nil) { sockets.wake.call() }
    let publisher = Publisher(composer: Composer(signature: signature), outbox: outbox)
    let input = InputExchange()
    let rejections = Rejections(log: log)
    let cells = CellRunner(
      interpreter: interpreter, publisher: publisher, input: input, native: native)
    let isWatched = native != nil
    let prepareThread: @Sendable () -> Void = {
      if isWatched { CrashWords.prepareThread() }
    }
    let questions = SideRequests(interpreter: interpreter, publisher: publisher)
    let history = SideRequests(interpreter: interpreter, publisher: publisher)
    let subshells = Subshells(
      interpreter: interpreter, publisher: publisher, prepareThread: prepareThread)
    comms.attach(publisher)
    let lifecycle = Monitor(Lifecycle())
    self.interpreter = interpreter
    self.outbox = outbox
    self.cells = cells
    self.questions = questions
    self.history = history
    self.subshells = subshells
    self.lifecycle = lifecycle
    self.log = log

    let dispatcher = Dispatcher(
      connection: connection, signature: signature, interpreter: interpreter,
      publisher: publisher, cells: cells, questions: questions, history: history,
      subshells: subshells, comms: comms, input: input, rejections: rejections,
      shutdown: { Self.end(lifecycle, restart: $0) })
    let heartbeat = heartbeat
    KernelThread.start(name: "heartbeat", stackSize: 256 << 10) { heartbeat.run() }
    KernelThread.start(name: "input-output", stackSize: 8 << 20) {
      var thread = IOThread(
        sockets: sockets, outbox: outbox, publisher: publisher, rejections: rejections, log: log,
        dispatcher: dispatcher)
      thread.run()
      lifecycle.change { $0.socketsAreClosed = true }
    }
    KernelThread.start(name: "evaluation", stackSize: CellRunner.stackSize) {
      prepareThread()
      cells.run()
    }
    questions.start(name: "questions", prepareThread)
    history.start(name: "history", prepareThread)
    if let native {
      KernelThread.start(name: "native-output") { native.run() }
    }
    if ownsProcess {
      SignalThread.start(
        interrupt: { cells.interrupt() },
        terminate: { reason in
          if Self.end(lifecycle, restart: false) { log.notice("the kernel ends: \(reason)") }
        })
    }
    if connection.key.isEmpty {
      log.warning("the connection file has no key: messages are neither signed nor checked")
    }
  }

  /// Makes the interpreter, and registers the ports when the connection file asks for it; the launcher's
  /// answer comes while the interpreter is being made.
  private static func registered(
    _ connection: ConnectionFile, _ signature: Signature, meanwhile make: () -> any Interpreter
  ) throws(TransportError) -> any Interpreter {
    guard let service = connection.registration else { return make() }
    let registration = try Registration(of: connection, at: service, signature: signature)
    let interpreter = make()
    do throws(TransportError) {
      try registration.awaitAcknowledgement()
    } catch {
      interpreter.shutdown(restart: false)
      throw error
    }
    return interpreter
  }

  /// Asks the running cell to stop.
  public func interrupt() {
    cells.interrupt()
  }

  /// Ends the kernel; `waitUntilEnded` returns soon after.
  public func shutdown() {
    Self.end(lifecycle, restart: false)
  }

  @discardableResult
  private static func end(_ lifecycle: Monitor<Lifecycle>, restart: Bool) -> Bool {
    lifecycle.change { lifecycle in
      guard lifecycle.ending == nil else { return false }
      lifecycle.ending = (restart, MonotonicClock.milliseconds)
      return true
    }
  }

  /// Waits until somebody ends the kernel, then ends it in order and within two seconds.
  ///
  /// The running cell is interrupted and given a moment, the interpreter may save what it must, and the
  /// last messages leave. A cell that does not stop is given up: the process should then end with
  /// `_exit`, since that thread still runs.
  public func waitUntilEnded() {
    guard let (restart, since) = lifecycle.wait(for: { $0.ending }) else { return }
    let deadline = since + Self.timeToEnd
    cells.queue.close()
    cells.interrupt()
    questions.close()
    history.close()
    subshells.close()
    if !cells.waitUntilEnded(deadline: since + 800) {
      log.warning("the running cell did not stop in time and is given up")
    }
    let interpreter = interpreter
    let lifecycle = lifecycle
    KernelThread.start(name: "shutdown", stackSize: 8 << 20) {
      interpreter.shutdown(restart: restart)
      lifecycle.change { $0.interpreterIsDone = true }
    }
    // Messages leave while the interpreter saves.
    outbox.close()
    heartbeat.stop(deadline: deadline)
    let isDone = lifecycle.wait(until: deadline) { lifecycle in
      lifecycle.interpreterIsDone && lifecycle.socketsAreClosed ? true : nil
    }
    if isDone == nil { log.warning("the kernel ended before everything was sent or saved") }
  }
}
