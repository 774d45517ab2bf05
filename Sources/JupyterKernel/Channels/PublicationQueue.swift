/// What waits to be published, in order.
///
/// Three classes share one order. Status, errors, results, displays and the like are never dropped. Of the
/// updates of one display only the newest is kept. Text that one cell prints in a row is joined, and
/// waits up to `textDelay` for more, unless something other than text waits too. A message never
/// overtakes one that entered before it, so what a cell publishes before its idle arrives before it.
struct PublicationQueue {
  /// How long printed text may wait for more, in milliseconds.
  static let textDelay = 60
  /// How many bytes of waiting text are sent without waiting for more.
  static let textBytes = 32 << 10

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
  private var openText: [[UInt8]: Int] = [:]
  private var flushed = false

  /// The bytes that wait.
  private(set) var bytes = 0

  /// Whether nothing waits.
  var isEmpty: Bool { head == entries.count }

  /// Appends a message; with an update's display identifier it replaces the older update.
  mutating func append(_ frames: [[UInt8]], parent: [UInt8]?, update: String? = nil) {
    if let parent { openText[parent] = nil }
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
    bytes += text.text.utf8.count
    if let position = openText[text.parent] {
      let index = position - departed + head
      if case .text(var waiting) = entries[index], waiting.stream == text.stream {
        entries[index] = .superseded
        waiting.text += text.text
        entries[index] = .text(waiting)
        return
      }
    }
    openText[text.parent] = departed + entries.count - head
    entries.append(.text(text))
  }

  /// Sends waiting text without waiting for more.
  mutating func flush() {
    flushed = !isEmpty
  }

  /// When the next item may leave, in milliseconds of `MonotonicClock`; `nil` when nothing waits.
  func departure(now: Int) -> Int? {
    guard !isEmpty else { return nil }
    if messages > 0 || flushed || bytes >= Self.textBytes { return now }
    for entry in entries[head...] {
      if case .text(let text) = entry { return text.since + Self.textDelay }
    }
    return now
  }

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
        if openText[text.parent] == position { openText[text.parent] = nil }
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

  private static func size(_ frames: [[UInt8]]) -> Int {
    frames.reduce(0) { $0 + $1.count }
  }
}
