/// The names of colours: a row below the title that breaks into lines, or a column at the side.
struct Legend: Sendable {
  /// The sign before a name.
  enum Sign: Sendable {
    case line(Color, dash: [Double])
    case mark(Mark, Color)
  }

  /// A sign, its name and a quieter remark.
  struct Entry: Sendable {
    var sign: Sign
    var label: String
    var remark = ""
  }

  /// An entry and the place it takes, relative to the legend's top left corner.
  struct Placed: Sendable {
    var entry: Entry
    var frame: Rectangle
  }

  let placed: [Placed]
  let size: Size
  /// Whether the remarks end at a common right edge, as numbers in a column do.
  private let alignsRemarks: Bool

  private static let rowHeight = 19.0
  private static let gap = 18.0

  /// Entries in rows of at most `width` points.
  init(row entries: [Entry], width: Double) {
    var placed: [Placed] = []
    var (x, y, widest) = (0.0, 0.0, 0.0)
    for entry in entries {
      let entry = Self.fitted(entry, width: width)
      let entryWidth = Self.width(of: entry)
      if x > 0, x + entryWidth > width {
        x = 0
        y += Self.rowHeight
      }
      placed.append(
        Placed(
          entry: entry, frame: Rectangle(x: x, y: y, width: entryWidth, height: Self.rowHeight)))
      x += entryWidth + Self.gap
      widest = max(widest, x - Self.gap)
    }
    alignsRemarks = false
    self.placed = placed
    size = entries.isEmpty ? Size(0, 0) : Size(widest, y + Self.rowHeight)
  }

  /// Entries one below the other, at most `width` points wide; those below `height` are counted.
  init(column entries: [Entry], width: Double, height: Double) {
    let rows = max(1, Int(height / Self.rowHeight))
    var shown = entries
    if entries.count > rows {
      shown = Array(entries.prefix(rows - 1))
      shown.append(
        Entry(sign: .mark(.none, Theme.text), label: "… \(entries.count - shown.count) more"))
    }
    shown = shown.map { Self.fitted($0, width: width) }
    let widest = shown.map(Self.width).max() ?? 0
    alignsRemarks = true
    placed = shown.enumerated().map { index, entry in
      Placed(
        entry: entry,
        frame: Rectangle(
          x: 0, y: Double(index) * Self.rowHeight, width: widest, height: Self.rowHeight))
    }
    size = Size(widest, Double(shown.count) * Self.rowHeight)
  }

  func draw(on canvas: any Canvas, at origin: Point) {
    for item in placed {
      let frame = item.frame.moved(origin.x, origin.y)
      let middle = frame.center.y
      switch item.entry.sign {
      case .line(let color, let dash):
        canvas.stroke(
          .line(Point(frame.x, middle), Point(frame.x + 20, middle)),
          with: Stroke(color, width: 2.2, dash: dash))
      case .mark(let mark, let color):
        mark.draw(on: canvas, at: Point(frame.x + 5, middle), radius: 4.2, color: color)
      }
      let x = frame.x + Self.signWidth(item.entry)
      canvas.text(
        item.entry.label, at: Point(x, middle), style: Theme.legend,
        alignment: Alignment(.left, .middle))
      if !item.entry.remark.isEmpty {
        let end = x + Theme.legend.width(of: item.entry.label) + Self.remarkGap
        canvas.text(
          item.entry.remark, at: Point(alignsRemarks ? frame.right : end, middle),
          style: Self.remarkStyle, alignment: Alignment(alignsRemarks ? .right : .left, .middle))
      }
    }
  }

  private static let remarkGap = 8.0
  private static var remarkStyle: TextStyle {
    var style = Theme.legend
    style.color = Theme.secondaryText
    return style
  }

  private static func signWidth(_ entry: Entry) -> Double {
    switch entry.sign {
    case .line: 27
    case .mark: 17
    }
  }

  private static func width(of entry: Entry) -> Double {
    signWidth(entry) + Theme.legend.width(of: entry.label)
      + (entry.remark.isEmpty ? 0 : remarkGap + Theme.legend.width(of: entry.remark))
  }

  private static func fitted(_ entry: Entry, width: Double) -> Entry {
    var entry = entry
    let around = Self.width(of: entry) - Theme.legend.width(of: entry.label)
    entry.label = Theme.legend.fitted(entry.label, width: width - around)
    return entry
  }
}
