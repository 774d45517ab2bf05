import CellLanguage
import Glibc
import JupyterKernel
import JupyterProtocol
import RunStore

/// Shows the outputs of cells again, as the database has them.
struct Replay {
  /// Which cells are meant.
  struct Choice {
    let session: Int
    let lines: ClosedRange<Int>

    init(session: Int, lines: ClosedRange<Int>) { (self.session, self.lines) = (session, lines) }
  }

  /// The most cells of one call: a page holds no more.
  private static let mostCells = 50

  private let choice: Choice
  private let context: CellContext
  private let store: RunStore

  init(_ choice: Choice, in context: CellContext) throws {
    self.choice = choice
    self.context = context
    store = try Self.store(in: context)
  }

  /// The database with everything that was shown until now.
  fileprivate static func store(in context: CellContext) throws -> RunStore {
    context.workspace.outputs.flush()
    guard let store = context.workspace.journal.upToDate() else {
      throw CellLanguage::CellError(.commandFailed, "the workspace is closed")
    }
    return store
  }

  /// Shows the cells, each with a line that says which it is.
  func show() throws {
    let current = context.workspace.journal.session
    let own = choice.session == current ? context.execution.count : nil
    var outputs = try store.outputs(session: choice.session, lines: choice.lines)
      .filter { $0.line != own }
    let history = try store.range(
      session: choice.session, start: choice.lines.lowerBound,
      stop: choice.lines.upperBound == .max ? nil : choice.lines.upperBound + 1)
    let lines = Array(Set(outputs.map(\.line))).sorted()
    guard !lines.isEmpty else { throw nothing(history) }
    if lines.count > Self.mostCells {
      let first = lines[lines.count - Self.mostCells]
      outputs.removeAll { $0.line < first }
      context.write(
        "The newest \(Self.mostCells) of \(lines.count) cells; of the others, for example: "
          + "replay(cells: \(lines[0])...\(first - 1), session: \(choice.session))\n",
        to: .standardOutput)
    }
    for line in lines.suffix(Self.mostCells) {
      guard !context.isInterrupted else { return }
      let entry = history.first { $0.line == line }
      let shown = outputs.filter { $0.line == line }
      try head(line, entry, last: shown.last?.shown, isCurrent: choice.session == current).show(
        in: context)
      show(shown)
    }
  }

  private func show(_ outputs: [StoredOutput]) {
    var next = outputs.first?.place ?? 0
    for output in outputs {
      if output.place > next {
        let count = output.place - next
        context.write(
          "… \(Written.count(count)) output\(count == 1 ? " was" : "s were") left out here …\n",
          to: .standardOutput)
      }
      next = output.place + 1
      show(output)
    }
  }

  private func show(_ output: StoredOutput) {
    guard let json = try? JSONValue(json: output.bundle) else { return }
    switch output.kind {
    case "stdout", "stderr":
      context.write(
        json["text"]?.text ?? "", to: output.kind == "stdout" ? .standardOutput : .standardError)
    case "error":
      let lines = json["traceback"]?.elements?.compactMap(\.text) ?? []
      context.write(lines.joined(separator: "\n") + "\n", to: .standardError)
    default: context.execution.display(MIMEBundle(stored: json))
    }
  }

  /// `In [5], 12 minutes ago, completed: let run = train(…)`.
  private func head(
    _ line: Int, _ entry: RunStore::HistoryEntry?, last: Double?, isCurrent: Bool
  ) -> ReplayHead {
    let words: [CellStatus: String] = [
      .ok: "completed", .error: "failed", .interrupted: "interrupted",
      .died: "ended with its process", .running: isCurrent ? "runs" : "did not end",
    ]
    var facts = ["cell \(line)" + (isCurrent ? "" : " of session \(choice.session)")]
    if let entry {
      facts.append(words[entry.status] ?? "")
      facts.append("begun \(Self.clock(entry.started))")
    }
    if let last { facts.append("last output \(Self.clock(last))") }
    return ReplayHead(facts: facts.joined(separator: ", "), source: entry?.source ?? "")
  }

  /// A time of the clock, with the day where that is another: `14:03:11`, `2026-01-31 14:03:11`.
  static func clock(_ seconds: Double, now: Int = time(nil)) -> String {
    func parts(_ seconds: Int) -> tm {
      var (seconds, parts) = (seconds, tm())
      localtime_r(&seconds, &parts)
      return parts
    }
    let (then, today) = (parts(Int(clamping: Int64(seconds))), parts(now))
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let clock = "\(two(then.tm_hour)):\(two(then.tm_min)):\(two(then.tm_sec))"
    guard then.tm_yday != today.tm_yday || then.tm_year != today.tm_year else { return clock }
    return "\(1900 + then.tm_year)-\(two(then.tm_mon + 1))-\(two(then.tm_mday)) \(clock)"
  }

  private func nothing(_ history: [RunStore::HistoryEntry]) -> CellLanguage::CellError {
    let lines = choice.lines
    let which = lines.lowerBound == lines.upperBound ? "cell \(lines.lowerBound)" : "the cells"
    return CellLanguage::CellError(
      .argumentError,
      history.isEmpty
        ? "nothing is known of \(which) of session \(choice.session)"
        : "\(which) of session \(choice.session) showed nothing, or it is no longer kept",
      fix: "replay() shows the last cell that showed something")
  }
}

extension Replay.Choice {
  /// What the arguments of `replay` mean.
  init(
    run: RunObject?, cell: Int?, cells: ClosedRange<Int>?, session: Int?, in context: CellContext
  ) throws {
    let store = try Replay.store(in: context)
    let journal = context.workspace.journal
    let current = journal.session
    guard [run != nil, cell != nil, cells != nil].filter({ $0 }).count <= 1 else {
      throw CellLanguage::CellError(
        .argumentError, "one of a run, `cell:` and `cells:` chooses what is shown")
    }
    if let run {
      guard let number = run.record, let record = try store.run(number),
        let line = record.cell, let session = record.session
      else {
        throw CellLanguage::CellError(.argumentError, "the workspace has no record of this run")
      }
      self.init(session: session, lines: line...line)
      return
    }
    let chosen = session.map { $0 > 0 ? $0 : current &+ $0 } ?? current
    if let cells {
      self.init(session: chosen, lines: cells)
    } else if let cell {
      self.init(session: chosen, lines: cell...cell)
    } else if session != nil {
      self.init(session: chosen, lines: 0...Int.max)
    } else if let line = try store.lastShown(session: current, except: context.execution.count) {
      self.init(session: current, lines: line...line)
    } else if let earlier = try store.sessionsWithOutputs(before: current).first,
      let line = try store.lastShown(session: earlier)
    {
      self.init(session: earlier, lines: line...line)
    } else {
      throw CellLanguage::CellError(
        .argumentError, "no cell of this workspace has shown anything yet")
    }
  }
}

/// The line above the outputs of a cell: which it was, how it ended, and its text.
struct ReplayHead {
  let facts: String
  let source: String

  func show(in context: CellContext) throws {
    let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
    let shown = lines.prefix(8).joined(separator: "\n") + (lines.count > 8 ? "\n…" : "")
    // A fence longer than any in the text.
    let fence = String(repeating: "`", count: 3 + shown.count(where: { $0 == "`" }))
    context.execution.display(
      try Document(
        markdown: "**\(facts)**"
          + (shown.isEmpty ? "" : "\n\n\(fence)swift\n\(shown)\n\(fence)"),
        text: "── \(facts) ──" + (shown.isEmpty ? "" : "\n" + shown)
      ).bundle())
  }
}

extension MIMEBundle {
  /// The bundle of an output as a notebook's file has it; bytes stay in base64, as they are sent.
  fileprivate init(stored json: JSONValue) {
    self.init(
      (json["data"]?.members?.members ?? []).map { member in
        if case .string(let text) = member.value {
          return Representation(type: member.key, content: .text(text))
        }
        return Representation(type: member.key, content: .json(member.value))
      }, metadata: json["metadata"]?.members ?? [:])
  }
}
