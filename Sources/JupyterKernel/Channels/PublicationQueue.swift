/// What waits to be published, in order.
///
/// Three classes share one order. Status, errors, results, displays and the like are never dropped. Of the
/// updates of one display only the newest is kept. Text that one cell prints in a row is joined, and
/// waits up to `textDelay` for more, unless something other than text waits too. A message never
/// overtakes one that entered before it, so what a cell publishes before its idle arrives before it.
///
/// With a `Pace`, items leave no faster than it allows, both streams of a cell are joined each for itself,
/// and of text for which there is no room in
/// `pacedText` the middle is left out, with a word about how much. Without one nothing is left out: a cell
/// that prints too fast waits for its readers.
struct PublicationQueue {
  /// How long printed text may wait for more, in milliseconds.
  static let textDelay = 60
  /// How many bytes of waiting text are sent without waiting for more.
  static let textBytes = 32 << 10
  /// How many bytes of text may wait where they leave at a pace.
  static let pacedText = 2 << 20

  /// Something to send.
  enum Item: Equatable {
    case message([[UInt8]])
    case text(StreamText)
  }

  private enum Entry {
    case message([[UInt8]], update: String?)
    case text(StreamText)
    case superseded
  }

  private var entries: [Entry] = []
  private var head = 0
  /// How many entries have left at the front; positions in the tables below count from the very first.
  private var departed = 0
  private var messages = 0
  private var newestUpdate: [String: Int] = [:]
  /// Where text of a cell may still be joined to, by cell and stream.
  private var openText: [[UInt8]: [OutputStream: Int]] = [:]
  private var flushed = false
  private var pace: Pace?
  private var waitingText = 0
  private var elisions: [[UInt8]: Elision] = [:]

  /// The bytes that wait.
  private(set) var bytes = 0

  /// Makes an empty queue, from which items leave at once or at a pace.
  init(pace: Pace? = nil) { self.pace = pace }

  /// Whether nothing waits.
  var isEmpty: Bool { head == entries.count }

  /// Appends a message; with an update's display identifier it replaces the older update.
  mutating func append(_ frames: [[UInt8]], parent: [UInt8]?, update: String? = nil) {
    if let parent {
      endElision(parent)
      openText[parent] = nil
    }
    if let update {
      // The older version leaves its place instead of being replaced there: a clear or a display that
      // entered in between must stay before the newest version.
      if let position = newestUpdate[update] { supersede(position) }
      newestUpdate[update] = departed + entries.count - head
    }
    entries.append(.message(frames, update: update))
    messages += 1
    bytes += Self.size(frames)
  }

  /// Appends printed text, joined to the text before it when nothing else of its cell came between.
  mutating func append(_ text: StreamText) {
    if pace != nil, !hasRoom(for: text) { return }
    bytes += text.text.utf8.count
    waitingText += text.text.utf8.count
    if let position = openText[text.parent]?[text.stream] {
      let index = position - departed + head
      if case .text(var waiting) = entries[index],
        waiting.text.utf8.count + text.text.utf8.count <= Self.textBytes
      {
        entries[index] = .superseded
        waiting.text += text.text
        entries[index] = .text(waiting)
        return
      }
    }
    // Unpaced, the order of both streams is kept.
    if pace == nil { openText[text.parent] = nil }
    openText[text.parent, default: [:]][text.stream] = departed + entries.count - head
    entries.append(.text(text))
  }

  /// Whether paced text may wait here; what may not is left to an elision.
  private mutating func hasRoom(for text: StreamText) -> Bool {
    if let elision = elisions[text.parent] {
      // Where half is free again, or the other stream begins, the elision ends.
      guard waitingText > Self.pacedText / 2, elision.stream == text.stream else {
        endElision(text.parent)
        return true
      }
    } else if waitingText <= Self.pacedText {
      return true
    }
    elisions[text.parent, default: Elision(text.stream)].append(text.text)
    return false
  }

  /// Appends what is left of a cell's text that found no room.
  private mutating func endElision(_ parent: [UInt8]) {
    guard let elision = elisions.removeValue(forKey: parent) else { return }
    let text = elision.text
    bytes += text.utf8.count
    waitingText += text.utf8.count
    openText[parent] = nil
    entries.append(
      .text(StreamText(parent: parent, stream: elision.stream, text: text, since: 0)))
  }

  /// Lets everything leave at once: a kernel that ends has no time to lose.
  mutating func endPace() {
    for parent in Array(elisions.keys) { endElision(parent) }
    pace = nil
    flush()
  }

  /// Sends waiting text without waiting for more.
  mutating func flush() {
    flushed = !isEmpty
  }

  /// When the next item may leave, in milliseconds of `MonotonicClock`; `nil` when nothing waits.
  func departure(now: Int) -> Int? {
    guard !isEmpty else { return nil }
    let ready = pace?.ready(now: now) ?? now
    if messages > 0 || flushed || bytes >= Self.textBytes { return ready }
    for entry in entries[head...] {
      if case .text(let text) = entry { return max(ready, text.since + Self.textDelay) }
    }
    return ready
  }

  /// Notes that an item left, and how many bytes of it are counted as printed text.
  mutating func left(textBytes: Int, now: Int) { pace?.leave(textBytes: textBytes, now: now) }

  /// Takes the next item that may leave.
  mutating func next(now: Int) -> Item? {
    guard let departure = departure(now: now), departure <= now else { return nil }
    while !isEmpty {
      let entry = entries[head]
      let position = departed
      removeFirst()
      switch entry {
      case .superseded: continue
      case .message(let frames, let update):
        messages -= 1
        bytes -= Self.size(frames)
        if let update, newestUpdate[update] == position { newestUpdate[update] = nil }
        return .message(frames)
      case .text(let text):
        bytes -= text.text.utf8.count
        waitingText -= text.text.utf8.count
        if openText[text.parent]?[text.stream] == position {
          openText[text.parent]?[text.stream] = nil
          if openText[text.parent]?.isEmpty == true { openText[text.parent] = nil }
        }
        return .text(text)
      }
    }
    return nil
  }

  private mutating func supersede(_ position: Int) {
    let index = position - departed + head
    guard index >= head, case .message(let frames, _) = entries[index] else { return }
    entries[index] = .superseded
    messages -= 1
    bytes -= Self.size(frames)
  }

  private mutating func removeFirst() {
    entries[head] = .superseded
    head += 1
    departed += 1
    if head == entries.count {
      entries.removeAll(keepingCapacity: entries.count < 4_096)
      head = 0
      flushed = false
    } else if head >= 1_024, head * 2 >= entries.count {
      entries.removeFirst(head)
      head = 0
    }
  }

  /// The bytes of a message in memory: an array has a head, and memory comes in rounded pieces.
  static func size(_ frames: [[UInt8]]) -> Int {
    frames.reduce(0) { $0 + $1.count + 48 }
  }
}
