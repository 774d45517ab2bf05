extension ImageSheet {
  /// Where everything stands.
  struct Layout {
    var size: Size
    var header: Header
    /// How many points a pixel takes.
    var unit: Double
    /// The size of every tile, its margin included.
    var tile: Size
    /// The left edge of each column's cell, and the width of the cells.
    var columns: [Double]
    var cellWidth: Double
    /// The top edge of each row's tiles.
    var rows: [Double]
    var captionHeight: Double
    var columnHeaders: [[String]]
    var rowHeaders: [[String]]
    var columnHeaderBottom: Double
    var groups: [(title: String, frame: Rectangle)]

    /// The place of a tile, its margin included.
    func frame(row: Int, column: Int) -> Rectangle {
      Rectangle(
        x: columns[column] + ((cellWidth - tile.width) / 2).rounded(), y: rows[row],
        width: tile.width, height: tile.height)
    }
  }

  /// The size in points, as the tiles and the words need it.
  public var size: Size { layout().size }

  private static let gap = 8.0
  private static let groupGap = 20.0
  /// The width that a sheet fills if pixels of whole points allow it.
  private static let fullWidth = 820.0
  private static let largestTile = 120.0

  func layout() -> Layout {
    let columnCount = max(1, rows.map(\.count).max() ?? 1)
    let bitmaps = rows.joined().compactMap(\.bitmap)
    let pixels = Size(
      Double((bitmaps.map(\.width).max() ?? 28) + 2 * margin),
      Double((bitmaps.map(\.height).max() ?? 28) + 2 * margin))
    let rowHeaderLines = rows.indices.map { row in
      row < rowHeaders.count ? Theme.label.wrapped(rowHeaders[row], width: 140, limit: 3) : []
    }
    let rowHeaderWidth = rowHeaderLines.joined().map(Theme.label.width).max() ?? 0
    let left = Theme.padding + (rowHeaderWidth > 0 ? rowHeaderWidth + 12 : 0)
    let unit = unit(columns: columnCount, pixels: pixels, left: left)
    let tile = Size((pixels.width * unit).rounded(.up), (pixels.height * unit).rounded(.up))

    // A cell is as wide as its words need, up to a limit beyond which they are broken or shortened.
    let captions = rows.joined().map(\.caption)
    let wordWidth =
      max(
        captions.map(Theme.caption.width).max() ?? 0,
        columnHeaders.prefix(columnCount).map(Theme.heading.width).max() ?? 0)
    let cellWidth = max(tile.width, min(wordWidth.rounded(.up), max(tile.width * 1.3, 72)))
    var columns: [Double] = []
    var spans: [(title: String, first: Int, last: Int)] = []
    for group in groups where group.columns > 0 {
      let first = (spans.last?.last ?? -1) + 1
      guard first < columnCount else { break }
      spans.append((group.title, first, min(first + group.columns, columnCount) - 1))
    }
    var x = left
    for column in 0..<columnCount {
      if column > 0 {
        x += spans.contains { $0.last == column - 1 } ? Self.groupGap : Self.gap
      }
      columns.append(x)
      x += cellWidth
    }

    let width = max(x + Theme.padding, minimumWidth)
    let header = Header(title: title, subtitle: subtitle, legend: legendEntries, width: width)
    var y = header.height
    var groupFrames: [(title: String, frame: Rectangle)] = []
    if !spans.isEmpty {
      for span in spans {
        groupFrames.append(
          (
            span.title,
            Rectangle(
              x: columns[span.first], y: y,
              width: columns[span.last] + cellWidth - columns[span.first],
              height: Theme.heading.lineHeight + 4)
          ))
      }
      y += Theme.heading.lineHeight + 11
    }
    let headers = columnHeaders.prefix(columnCount).map {
      Theme.heading.wrapped($0, width: cellWidth, limit: 6)
    }
    let headerLines = headers.map(\.count).max() ?? 0
    if headerLines > 0 { y += Double(headerLines) * Theme.heading.lineHeight + 5 }
    let columnHeaderBottom = y - 5
    let captionHeight = captions.contains { !$0.isEmpty } ? Theme.caption.lineHeight + 4 : 0
    var tops: [Double] = []
    for _ in rows {
      tops.append(y)
      y += tile.height + captionHeight + Self.gap
    }
    y += rows.isEmpty ? 40 : -Self.gap
    return Layout(
      size: Size(
        width.rounded(.up), (y + Theme.padding - (captionHeight > 0 ? 4 : 0)).rounded(.up)),
      header: header, unit: unit, tile: tile, columns: columns, cellWidth: cellWidth, rows: tops,
      captionHeight: captionHeight, columnHeaders: Array(headers), rowHeaders: rowHeaderLines,
      columnHeaderBottom: columnHeaderBottom, groups: groupFrames)
  }

  /// The largest number of points per pixel for which the sheet keeps its width.
  ///
  /// It is a number of halves, or one over a whole number for images larger than their place. At
  /// two pixels a point, halves are whole.
  private func unit(columns: Int, pixels: Size, left: Double) -> Double {
    if let pixelSize { return Double(max(1, pixelSize)) }
    let gaps = Double(columns - 1) * Self.gap + Double(max(0, groups.count - 1)) * 12
    let room = min(
      Self.largestTile + 2 * Double(margin) * 2,
      (Self.fullWidth - left - Theme.padding - gaps) / Double(columns))
    let side = max(pixels.width, pixels.height)
    return side <= room
      ? (room / side * 2).rounded(.down) / 2 : 1 / (side / max(room, 16)).rounded(.up)
  }

  /// The width that the title needs on one line, within reason.
  private var minimumWidth: Double {
    let words = max(
      Theme.title.width(of: title), min(Theme.subtitle.width(of: subtitle), 420),
      Legend(row: legendEntries, width: 420).size.width)
    return min(words, Self.fullWidth - 2 * Theme.padding).rounded(.up) + 1 + 2 * Theme.padding
  }

  private var legendEntries: [Legend.Entry] {
    legend.map { style, label in
      Legend.Entry(sign: .line(Self.color(of: style), dash: Self.dash(of: style)), label: label)
    }
  }

  static func color(of style: Outline.Style) -> Color {
    switch style {
    case .truth: Theme.truth
    case .prediction, .deviation: Theme.prediction
    case .color(let index): Theme.color(index)
    }
  }

  static func dash(of style: Outline.Style) -> [Double] { style == .prediction ? [5, 3.5] : [] }
}
