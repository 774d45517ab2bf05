/// Printed text of one cell that finds no room, until there is some or the cell publishes something else:
/// its end is kept, the rest is counted.
struct Elision {
  /// How many bytes of the end are kept.
  static let tailBytes = 32 << 10

  let stream: OutputStream
  /// The bytes that were left out.
  private(set) var bytes = 0
  private var tail = ""

  init(_ stream: OutputStream) { self.stream = stream }

  /// Takes text; the oldest of what is kept makes room for it.
  mutating func append(_ text: String) {
    tail += text
    let excess = tail.utf8.count - Self.tailBytes
    // Not at every line: what is cut off is copied.
    guard excess > Self.tailBytes else { return }
    let cut = tail[...].boundary(bytes: excess)
    // From the beginning of a line, where there is one.
    let rest = tail[cut...]
    let line = rest.firstIndex(of: "\n").map { rest.index(after: $0) } ?? cut
    bytes += tail.utf8.distance(from: tail.startIndex, to: line)
    tail = String(tail[line...])
  }

  /// What a reader gets instead of the whole.
  var text: String {
    guard bytes > 0 else { return tail }
    return "\n[… \(bytes) bytes left out: they were printed faster than Jupyter's server passes on "
      + "…]\n" + tail
  }
}
