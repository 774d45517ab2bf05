import JupyterKernel
import JupyterProtocol
import Synchronization

/// A small language that exercises everything a kernel can be asked to do: one instruction a line.
final class EchoInterpreter: Interpreter {
  private struct Session {
    var entries: [HistoryEntry] = []
    var isShutDown: Bool?
    var slowHistory = 0
  }

  private let session = Mutex(Session())

  let information = KernelInformation(
    implementation: "echo", version: "1", banner: "echo",
    helpLinks: [.init(text: "Echo", url: "https://example.org")])

  /// What `shutdown` was called with.
  var shutdownCall: Bool? { session.withLock { $0.isShutDown } }

  /// How long a look at the history takes, in milliseconds.
  var slowHistory: Int {
    get { session.withLock { $0.slowHistory } }
    set { session.withLock { $0.slowHistory = newValue } }
  }

  func execute(_ code: String, in execution: Execution) -> ExecutionOutcome {
    var payload: [Payload] = []
    if execution.storesHistory {
      let entry = HistoryEntry(session: 7, line: execution.count, input: code)
      session.withLock { $0.entries.append(entry) }
    }
    for line in code.split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 1).map(String.init)
      let rest = words.count > 1 ? words[1] : ""
      if let outcome = run(words[0], rest, execution, &payload) { return outcome }
    }
    return .success(payload: payload)
  }

  private func run(
    _ word: String, _ rest: String, _ execution: Execution, _ payload: inout [Payload]
  ) -> ExecutionOutcome? {
    switch word {
    case "print": execution.write(rest + "\n")
    case "warn": execution.write(rest + "\n", to: .standardError)
    case "error": return .failure(error(rest))
    case "page": payload.append(.page(MIMEBundle(text: rest)))
    case "leave": payload.append(.askExit(keepKernel: rest == "kernel"))
    case "next": payload.append(.setNextInput(rest))
    case "clear": execution.clearOutput(wait: rest == "wait")
    case "display": execution.display(MIMEBundle(text: rest))
    case "show": execution.display(MIMEBundle(text: rest), id: "figure")
    case "update": execution.update(MIMEBundle(text: rest), id: "figure")
    case "flood":
      for number in 0..<(Int(rest) ?? 0) { execution.display(MIMEBundle(text: "\(number)")) }
    case "chatter":
      for number in 0..<(Int(rest) ?? 0) { execution.write("\(number)\n") }
    case "wait":
      while !execution.isInterrupted { Pause.milliseconds(1) }
      return .interrupted(interruption("stopped while waiting"))
    case "ignore":
      // An interpreter that does not listen, for some milliseconds.
      Pause.milliseconds(Int(rest) ?? 0)
    case "background":
      Pause.afterwards(milliseconds: 30) {
        execution.write(rest + "\n")
      }
    case "input", "password":
      do {
        let line = try execution.requestInput(prompt: rest, password: word == "password")
        execution.write("got \(line)\n")
      } catch InputError.interrupted {
        return .interrupted(interruption("stopped while asking"))
      } catch {
        return .failure(CellError(name: "InputError", value: "\(error)", traceback: ["\(error)"]))
      }
    default:
      guard let sum = sum(word + " " + rest) else { return .failure(error("unknown: \(word)")) }
      execution.result(MIMEBundle(text: String(sum)))
    }
    return nil
  }

  private func sum(_ text: String) -> Int? {
    var total = 0
    for term in text.split(separator: "+") {
      guard let number = Int(String(term.filter { $0 != " " })) else { return nil }
      total += number
    }
    return total
  }

  private func error(_ text: String) -> CellError {
    CellError(name: "EchoError", value: text, traceback: ["EchoError: \(text)"])
  }

  private func interruption(_ text: String) -> CellError {
    CellError(name: "Interrupted", value: text, traceback: ["Interrupted: \(text)", "go on"])
  }

  func evaluate(_ expression: String, in execution: Execution) -> ExpressionOutcome {
    guard let sum = sum(expression) else { return .failure(error("unknown: \(expression)")) }
    return .value(MIMEBundle(text: String(sum)))
  }

  private static let words = ["print", "page", "password", "show"]

  func complete(_ code: String, at scalarOffset: Int) -> Completion {
    let before = code.unicodeScalars.prefix(scalarOffset)
    let word = String(String.UnicodeScalarView(before.split(separator: " ").last ?? [][...]))
    let length = word.unicodeScalars.count
    return Completion(
      candidates: Self.words.filter { $0.hasPrefix(word) }.map {
        Completion.Candidate(text: $0, type: "keyword", signature: "(text)")
      }, start: scalarOffset - length, end: scalarOffset)
  }

  func inspect(_ code: String, at scalarOffset: Int, detail: Int) -> MIMEBundle? {
    Self.words.contains(code) ? MIMEBundle(text: "\(code): detail \(detail)") : nil
  }

  func completeness(of code: String) -> Completeness {
    if code.hasSuffix("\\") { return .incomplete(indentation: "  ") }
    return code.hasPrefix("error") ? .invalid : code.isEmpty ? .unknown : .complete
  }

  func history(_ query: HistoryQuery) -> [HistoryEntry] {
    Pause.milliseconds(slowHistory)
    let entries = session.withLock { $0.entries }
    switch query.access {
    case .tail(let count): return entries.suffix(count)
    case .range(_, let start, let stop): return entries.filter { (start..<stop) ~= $0.line }
    case .search(_, let count, _): return entries.suffix(count)
    }
  }

  func interrupt() {}

  func shutdown(restart: Bool) {
    session.withLock { $0.isShutDown = restart }
  }
}
