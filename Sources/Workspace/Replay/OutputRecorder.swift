import Glibc
import JupyterKernel
import JupyterProtocol
import Synchronization

/// Keeps what one cell shows: as long as it runs, and after it what goes on in the background.
///
/// Printed text is joined, a display that changes keeps its last state, and of more than the limits the beginning and
/// the end are kept. Every output has a number, so that a gap in the numbers says what was left out.
final class OutputRecorder: OutputWatcher {
  /// The most outputs and bytes of a cell that are kept, half of them from its beginning.
  static let mostOutputs = 1_000, mostBytes = 4_000_000
  /// Text is joined up to this many bytes.
  private static let textBytes = 16_000

  /// One output.
  struct Entry: Sendable {
    enum Content: Sendable {
      case text(OutputStream, String)
      case bundle(MIMEBundle, isResult: Bool)
      case error(JupyterKernel::CellError)
    }

    var content: Content
    var bytes: Int
    var shown: Double
    var isWaiting = true
  }

  /// What is to be written: the entries that changed, by place, and the places that are no longer.
  struct Changes: Sendable {
    var entries: [(place: Int, entry: Entry)] = []
    var removed = 0..<0

    var isEmpty: Bool { entries.isEmpty && removed.isEmpty }
  }

  private struct State: Sendable {
    /// The beginning, whose first place is `start`, and the end, whose first is `later.first`.
    var start = 0
    var head: [Entry] = []
    var headBytes = 0
    var isHeadFull = false
    var tail = Tail()
    var next = 0
    var displays: [String: [Int]] = [:]
    /// The places that changed since the last look; those of a place that is gone mean nothing.
    var waiting: [Int] = []
    /// The places before `written` may be in the database, and those of `gone` are no longer kept.
    var written = 0
    var gone = 0..<0
    var clearsNext = false
  }

  /// The newest entries, of which the oldest leave.
  private struct Tail: Sendable {
    var entries: [Entry] = []
    /// The entries before it have left.
    var first = 0
    var bytes = 0

    var count: Int { entries.count - first }
  }

  let line: Int
  private let state = Mutex(State())
  private let journal: OutputJournal

  init(line: Int, journal: OutputJournal) {
    self.line = line
    self.journal = journal
  }

  /// Notes an output; the database hears of it later.
  func saw(_ output: Output) {
    let isNew = state.withLock { state in
      if state.clearsNext, !output.isUpdate { Self.clear(&state) }
      switch output {
      case .stream(let stream, let text): Self.print(text, to: stream, in: &state)
      case .display(let bundle, let id):
        if let id { state.displays[id, default: []].append(state.next) }
        Self.append(.bundle(bundle, isResult: false), bytes: bundle.bytes, to: &state)
      case .result(let bundle):
        Self.append(.bundle(bundle, isResult: true), bytes: bundle.bytes, to: &state)
      case .update(let bundle, let id):
        for place in state.displays[id] ?? [] { Self.update(place, to: bundle, in: &state) }
        return false
      case .clear(wait: true): state.clearsNext = true
      case .clear(wait: false): Self.clear(&state)
      }
      return true
    }
    journal.note(self, isNew: isNew)
  }

  /// Notes how the cell ended; what it left running may still publish.
  func ended(_ outcome: ExecutionOutcome) {
    let changed = state.withLock { state in
      switch outcome {
      case .success: break
      case .failure(let error), .interrupted(let error):
        if state.clearsNext { Self.clear(&state) }
        let bytes = error.traceback.reduce(error.value.utf8.count) { $0 + $1.utf8.count }
        Self.append(.error(error), bytes: bytes, to: &state)
      }
      return !state.waiting.isEmpty || !state.gone.isEmpty
    }
    if changed { journal.note(self, isNew: true) }
  }

  /// What changed since the last time it was asked.
  func takeChanges() -> Changes {
    state.withLock { state in
      var changes = Changes()
      let removed = state.gone.clamped(to: 0..<state.written)
      changes.removed = removed
      state.gone = state.gone.upperBound..<state.gone.upperBound
      for place in state.waiting {
        Self.change(place, in: &state) { entry in
          guard entry.isWaiting else { return }
          entry.isWaiting = false
          changes.entries.append((place, entry))
        }
      }
      state.waiting.removeAll(keepingCapacity: true)
      state.written = state.next
      return changes
    }
  }

  // MARK: The entries

  /// Long text comes in pieces, of which some can be left out.
  private static func print(_ text: String, to stream: OutputStream, in state: inout State) {
    guard text.utf8.count > textBytes else { return join(text, to: stream, in: &state) }
    var rest = text[...]
    while !rest.isEmpty {
      let bytes = rest.utf8
      var end =
        bytes.index(bytes.startIndex, offsetBy: textBytes, limitedBy: bytes.endIndex)
        ?? bytes.endIndex
      // Not within the bytes of a character.
      while end < bytes.endIndex, bytes[end] & 0xC0 == 0x80 { end = bytes.index(before: end) }
      join(String(rest[..<end]), to: stream, in: &state)
      rest = rest[end...]
    }
  }

  private static func join(_ text: String, to stream: OutputStream, in state: inout State) {
    let last = state.next - 1
    var isJoined = false
    let bytes = text.utf8.count
    change(last, in: &state) { entry in
      guard case .text(stream, var whole) = entry.content, entry.bytes + bytes <= textBytes
      else { return }
      // The entry must not hold the text while it grows, or it would be copied.
      entry.content = .text(stream, "")
      whole += text
      entry.content = .text(stream, whole)
      entry.bytes += bytes
      entry.shown = now()
      isJoined = true
    }
    guard isJoined else {
      append(.text(stream, text), bytes: bytes, to: &state)
      return
    }
    if state.tail.count > 0 { state.tail.bytes += bytes } else { state.headBytes += bytes }
    wait(last, in: &state)
    limit(&state)
  }

  private static func append(_ content: Entry.Content, bytes: Int, to state: inout State) {
    let entry = Entry(content: content, bytes: bytes, shown: now())
    if !state.isHeadFull, state.head.count < mostOutputs / 2,
      state.headBytes + bytes <= mostBytes / 2
    {
      state.head.append(entry)
      state.headBytes += bytes
    } else {
      state.isHeadFull = true
      state.tail.entries.append(entry)
      state.tail.bytes += bytes
    }
    state.waiting.append(state.next)
    state.next += 1
    limit(&state)
  }

  private static func update(_ place: Int, to bundle: MIMEBundle, in state: inout State) {
    var more = 0
    let room = mostBytes - state.headBytes
    change(place, in: &state) { entry in
      // What grows beyond the limit is kept in words.
      let isTooLarge = bundle.bytes - entry.bytes > room
      let kept =
        isTooLarge ? MIMEBundle(text: String((bundle.plainText ?? "").prefix(1_000))) : bundle
      more = kept.bytes - entry.bytes
      entry.content = .bundle(kept, isResult: false)
      entry.bytes = kept.bytes
      entry.shown = now()
    }
    if place < state.start + state.head.count {
      state.headBytes += more
    } else {
      state.tail.bytes += more
    }
    wait(place, in: &state)
    limit(&state)
  }

  /// Takes the oldest entries off the end, as far as there are too many.
  private static func limit(_ state: inout State) {
    while state.tail.count > 0,
      state.tail.count > mostOutputs / 2 || state.tail.bytes > mostBytes / 2
    {
      let place = state.next - state.tail.count
      state.tail.bytes -= state.tail.entries[state.tail.first].bytes
      state.tail.entries[state.tail.first].content = .text(.standardOutput, "")
      state.tail.first += 1
      state.gone = (state.gone.isEmpty ? place : state.gone.lowerBound)..<place + 1
    }
    if state.tail.first > mostOutputs {
      state.tail.entries.removeFirst(state.tail.first)
      state.tail.first = 0
    }
    // Places of entries that left need not wait.
    if state.waiting.count > 8 * mostOutputs {
      let (head, tail) = (state.start + state.head.count, state.next - state.tail.count)
      state.waiting.removeAll { $0 >= head && $0 < tail }
    }
  }

  private static func clear(_ state: inout State) {
    state.clearsNext = false
    // All that was before: the database takes away what it has of it.
    state.gone = 0..<state.next
    state.start = state.next
    (state.head, state.headBytes, state.isHeadFull) = ([], 0, false)
    (state.tail, state.displays, state.waiting) = (Tail(), [:], [])
  }

  private static func wait(_ place: Int, in state: inout State) {
    var isFirst = false
    change(place, in: &state) { entry in
      isFirst = !entry.isWaiting
      entry.isWaiting = true
    }
    if isFirst { state.waiting.append(place) }
  }

  /// Changes the entry of a place where it stands; nothing where it is no longer kept.
  private static func change(_ place: Int, in state: inout State, _ body: (inout Entry) -> Void) {
    let inHead = place - state.start
    if inHead >= 0, inHead < state.head.count { return body(&state.head[inHead]) }
    let inTail = place - (state.next - state.tail.count)
    guard inTail >= 0, inTail < state.tail.count, inHead >= 0 else { return }
    body(&state.tail.entries[state.tail.first + inTail])
  }

  private static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

extension Output {
  fileprivate var isUpdate: Bool { if case .update = self { true } else { false } }
}

extension MIMEBundle {
  /// About as many bytes as it has in a file.
  fileprivate var bytes: Int {
    representations.reduce(0) { sum, representation in
      switch representation.content {
      case .text(let text): sum + text.utf8.count
      case .json(let json): sum + json.serialized.count
      case .bytes(let bytes): sum + bytes.count * 4 / 3
      }
    }
  }
}
