extension ImageSheet {
  /// Draws the sheet from (0, 0) to `size`.
  public func draw(on canvas: any Canvas) {
    let layout = layout()
    layout.header.draw(on: canvas)
    for (title, frame) in layout.groups {
      canvas.text(
        Theme.heading.fitted(title, width: frame.width), at: Point(frame.center.x, frame.y),
        style: Theme.heading, alignment: Alignment(.center, .top))
      canvas.stroke(
        .line(Point(frame.x, frame.bottom), Point(frame.right, frame.bottom)),
        with: Stroke(Theme.axis, width: 0.8))
    }
    for (column, lines) in layout.columnHeaders.enumerated() {
      let x = layout.columns[column] + layout.cellWidth / 2
      for (index, line) in lines.reversed().enumerated() {
        canvas.text(
          line,
          at: Point(x, layout.columnHeaderBottom - Double(index) * Theme.heading.lineHeight),
          style: Theme.heading, alignment: Alignment(.center, .bottom))
      }
    }
    for (row, tiles) in rows.enumerated() {
      let lines = layout.rowHeaders[row]
      for (index, line) in lines.enumerated() {
        let offset = (Double(index) - Double(lines.count - 1) / 2) * Theme.label.lineHeight
        canvas.text(
          line,
          at: Point(layout.columns[0] - 12, layout.rows[row] + layout.tile.height / 2 + offset),
          style: Theme.label, alignment: Alignment(.right, .middle))
      }
      for (column, tile) in tiles.enumerated() {
        draw(tile, in: layout.frame(row: row, column: column), layout: layout, on: canvas)
      }
    }
    if rows.joined().isEmpty {
      canvas.text(
        "no images to show", at: Point(Theme.padding, layout.header.height), style: Theme.label,
        alignment: Alignment(.left, .top))
    }
  }

  private func draw(_ tile: Tile, in frame: Rectangle, layout: Layout, on canvas: any Canvas) {
    if !tile.caption.isEmpty {
      canvas.text(
        Theme.caption.fitted(tile.caption, width: layout.cellWidth + 4),
        at: Point(frame.center.x, frame.bottom + 4), style: Theme.caption,
        alignment: Alignment(.center, .top))
    }
    guard let bitmap = tile.bitmap else { return }
    let (width, height) = (
      Double(bitmap.width) * layout.unit, Double(bitmap.height) * layout.unit
    )
    let image = Rectangle(
      x: frame.x + ((frame.width - width) / 2).rounded(.down),
      y: frame.y + ((frame.height - height) / 2).rounded(.down), width: width, height: height)
    if margin > 0 { canvas.fill(.rectangle(frame, radius: 3), with: Theme.mat) }
    canvas.image(bitmap, in: image)
    guard !tile.outlines.isEmpty else { return }
    canvas.clipped(to: .rectangle(frame.grown(by: margin > 0 ? 0 : 1.5), radius: 3)) {
      for outline in tile.outlines {
        let corners = outline.points.map { point in
          Point(image.x + point.x * layout.unit, image.y + point.y * layout.unit)
        }
        draw(corners, style: outline.style, within: frame, on: canvas)
      }
    }
  }

  private func draw(
    _ corners: [Point], style: Outline.Style, within frame: Rectangle, on canvas: any Canvas
  ) {
    guard corners.count > 1, corners.allSatisfy({ $0.x.isFinite && $0.y.isFinite }) else { return }
    // An untrained model predicts corners anywhere: only what comes near the tile is drawn.
    let near = frame.grown(by: 40)
    var path = Path()
    for (index, corner) in corners.enumerated() {
      if let (a, b) = near.clip(corner, corners[(index + 1) % corners.count]) {
        path.append(.line(a, b))
      }
    }
    let color = Self.color(of: style)
    if style == .deviation {
      return canvas.stroke(path, with: Stroke(color, width: 1, cap: .round))
    }
    canvas.stroke(path, with: Stroke(Theme.background.opacity(0.75), width: 3.4, cap: .round))
    canvas.stroke(path, with: Stroke(color, width: 1.8, dash: Self.dash(of: style), cap: .butt))
    if near.contains(corners[0]) {
      canvas.fill(.circle(corners[0], radius: 4), with: Theme.background.opacity(0.9))
      canvas.fill(.circle(corners[0], radius: 3), with: color)
    }
  }

  /// How many images there are, with headings, captions and outlines.
  public var alternativeText: String {
    let tiles = rows.joined()
    let count = tiles.count { $0.bitmap != nil }
    let columns = rows.map(\.count).max() ?? 0
    var sentences = [
      "Sheet \(Words.quoted(title)): \(Words.count(count, "image")) in "
        + "\(Words.count(rows.count, "row")) of up to \(columns)."
    ]
    if !subtitle.isEmpty { sentences.append(Words.sentence(subtitle)) }
    if !groups.isEmpty {
      sentences.append("Groups of columns: \(Words.list(groups.map(\.title))).")
    }
    if !columnHeaders.isEmpty { sentences.append("Columns: \(Words.list(columnHeaders)).") }
    if !rowHeaders.isEmpty { sentences.append("Rows: \(Words.list(rowHeaders)).") }
    if !legend.isEmpty { sentences.append("Outlines: \(Words.list(legend.map(\.label))).") }
    let captions = tiles.map(\.caption).filter { !$0.isEmpty }
    if !captions.isEmpty {
      let shown = captions.prefix(24)
      let more = captions.count - shown.count
      sentences.append(
        "Captions: \(shown.joined(separator: ", "))" + (more > 0 ? ", and \(more) more." : "."))
    }
    return sentences.joined(separator: " ")
  }
}

extension Rectangle {
  /// The part of a segment that lies inside, by the method of Liang and Barsky (1984).
  func clip(_ start: Point, _ end: Point) -> (Point, Point)? {
    let (dx, dy) = (end.x - start.x, end.y - start.y)
    var (enter, leave) = (0.0, 1.0)
    for (direction, distance) in [
      (-dx, start.x - x), (dx, right - start.x), (-dy, start.y - y), (dy, bottom - start.y),
    ] {
      if direction == 0 {
        if distance < 0 { return nil }
      } else if direction < 0 {
        enter = max(enter, distance / direction)
      } else {
        leave = min(leave, distance / direction)
      }
    }
    guard enter <= leave else { return nil }
    return (
      Point(start.x + enter * dx, start.y + enter * dy),
      Point(start.x + leave * dx, start.y + leave * dy)
    )
  }
}
