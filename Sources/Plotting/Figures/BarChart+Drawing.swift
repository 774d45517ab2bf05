extension BarChart {
  /// Where everything stands.
  struct Layout {
    var header: Header
    var axis: Axis
    var area: Rectangle
    /// The place of each bar; `nil` where the value is not finite.
    var bars: [Rectangle?]
    var labels: [[String]]
    /// The written value of each bar and where it stands.
    var values: [(text: String, position: Point, alignment: Alignment)]
  }

  private func text(_ bar: Bar) -> String {
    func write(_ value: Double) -> String {
      decimals.map { NumberText.fixed(value, decimals: $0) } ?? NumberText.short(value)
    }
    guard bar.value.isFinite else { return "no value" }
    guard let error = bar.error, error.isFinite else { return write(bar.value) }
    return "\(write(bar.value)) ± \(write(error))"
  }

  private func reach(_ bar: Bar) -> (low: Double, high: Double) {
    let error = bar.error.map { $0.isFinite ? $0.magnitude : 0 } ?? 0
    return (bar.value - error, bar.value + error)
  }

  func layout() -> Layout {
    let header = Header(title: title, subtitle: subtitle, width: size.width)
    let content = Rectangle(
      x: Theme.padding, y: header.height, width: size.width - 2 * Theme.padding,
      height: size.height - header.height - Theme.padding + 4)
    let ends = bars.filter(\.value.isFinite).flatMap { [reach($0).low, reach($0).high] }
    let range = Axis.range(of: ends + [0]) ?? 0...1
    let span = range.lowerBound == range.upperBound ? 0...1 : range
    return isHorizontal ? lying(header, content, span) : standing(header, content, span)
  }

  private func lying(_ header: Header, _ content: Rectangle, _ span: ClosedRange<Double>) -> Layout
  {
    let labels = bars.map { Theme.label.wrapped($0.label, width: size.width * 0.34, limit: 2) }
    let labelWidth = labels.joined().map(Theme.label.width).max() ?? 0
    let bottom =
      7 + Theme.tick.lineHeight + (valueLabel.isEmpty ? 0 : Theme.label.lineHeight + 5)
    let left = labelWidth + 10
    let full = max(40, content.width - left)
    let axis = Self.axis(span, room: full * 0.8)
    // The area is as wide as the last tick label and the values written behind the bars allow.
    let last = Theme.tick.width(of: axis.labels.last ?? "") / 2
    let widths = bars.map { bar -> Double in
      let end = bar.value.isFinite ? max(axis.fraction(reach(bar).high), axis.fraction(0)) : 0
      let words = Theme.heading.width(of: text(bar)) + 9
      return end > 0 ? (full - words) / end : full
    }
    let area = Rectangle(
      x: content.x + left, y: content.y, width: max(40, min(full - last, widths.min() ?? full)),
      height: max(10, content.height - bottom))
    let slot = area.height / Double(max(bars.count, 1))
    let thickness = min(22, slot * 0.64)
    func x(_ value: Double) -> Double { area.x + axis.fraction(value) * area.width }
    var frames: [Rectangle?] = []
    var values: [(text: String, position: Point, alignment: Alignment)] = []
    for (index, bar) in bars.enumerated() {
      let middle = area.y + (Double(index) + 0.5) * slot
      guard bar.value.isFinite else {
        frames.append(nil)
        values.append((text(bar), Point(x(0) + 7, middle), Alignment(.left, .middle)))
        continue
      }
      let (a, b) = (min(x(0), x(bar.value)), max(x(0), x(bar.value)))
      frames.append(Rectangle(x: a, y: middle - thickness / 2, width: b - a, height: thickness))
      values.append(
        (text(bar), Point(max(x(reach(bar).high), x(0)) + 7, middle), Alignment(.left, .middle)))
    }
    return Layout(
      header: header, axis: axis, area: area, bars: frames, labels: labels, values: values)
  }

  private func standing(
    _ header: Header, _ content: Rectangle, _ span: ClosedRange<Double>
  ) -> Layout {
    let labelLines = 3
    var axis = Axis(linear: span, count: 6, extends: true)
    let tickWidth = axis.labels.map(Theme.tick.width).max() ?? 0
    let left = tickWidth + 7 + (valueLabel.isEmpty ? 0 : Theme.label.lineHeight + 5)
    let slot = (content.width - left) / Double(max(bars.count, 1))
    let labels = bars.map { Theme.label.wrapped($0.label, width: slot - 6, limit: labelLines) }
    let bottom = 8 + Double(labels.map(\.count).max() ?? 0) * Theme.label.lineHeight
    let top = Theme.heading.lineHeight
    let area = Rectangle(
      x: content.x + left, y: content.y + top, width: content.width - left,
      height: max(20, content.height - bottom - top))
    axis = Axis(linear: span, count: max(2, min(7, Int(area.height / 42))), extends: true)
    func y(_ value: Double) -> Double { area.bottom - axis.fraction(value) * area.height }
    let thickness = min(64, slot * 0.62)
    var frames: [Rectangle?] = []
    var values: [(text: String, position: Point, alignment: Alignment)] = []
    for (index, bar) in bars.enumerated() {
      let middle = area.x + (Double(index) + 0.5) * slot
      let words = Theme.heading.fitted(text(bar), width: slot)
      guard bar.value.isFinite else {
        frames.append(nil)
        values.append((words, Point(middle, y(0) - 4), Alignment(.center, .bottom)))
        continue
      }
      let (a, b) = (min(y(0), y(bar.value)), max(y(0), y(bar.value)))
      frames.append(Rectangle(x: middle - thickness / 2, y: a, width: thickness, height: b - a))
      values.append(
        (words, Point(middle, min(y(reach(bar).high), y(0)) - 4), Alignment(.center, .bottom)))
    }
    return Layout(
      header: header, axis: axis, area: area, bars: frames, labels: labels, values: values)
  }

  /// The axis with as many ticks as have room side by side.
  private static func axis(_ span: ClosedRange<Double>, room: Double) -> Axis {
    var count = 6
    while true {
      let axis = Axis(linear: span, count: count, extends: true)
      let widest = axis.labels.map(Theme.tick.width).max() ?? 0
      if count <= 1 || Double(axis.ticks.count) * (widest + 12) <= room { return axis }
      count -= 1
    }
  }

  /// Draws the chart from (0, 0) to `size`.
  public func draw(on canvas: any Canvas) {
    let layout = layout()
    let area = layout.area
    layout.header.draw(on: canvas)
    for (tick, label) in zip(layout.axis.ticks, layout.axis.labels) {
      let stroke = Stroke(tick == 0 ? Theme.axis : Theme.grid)
      if isHorizontal {
        let x = area.x + layout.axis.fraction(tick) * area.width
        canvas.stroke(.line(Point(x, area.y), Point(x, area.bottom)), with: stroke)
        canvas.text(
          label, at: Point(x, area.bottom + 7), style: Theme.tick,
          alignment: Alignment(.center, .top))
      } else {
        let y = area.bottom - layout.axis.fraction(tick) * area.height
        canvas.stroke(.line(Point(area.x, y), Point(area.right, y)), with: stroke)
        canvas.text(
          label, at: Point(area.x - 7, y), style: Theme.tick, alignment: Alignment(.right, .middle))
      }
    }
    drawValueLabel(on: canvas, area: area)
    for (index, bar) in bars.enumerated() {
      draw(bar, index, layout, on: canvas)
    }
    if bars.isEmpty {
      canvas.text(
        "no values to draw", at: area.center, style: Theme.label,
        alignment: Alignment(.center, .middle))
    }
  }

  private func drawValueLabel(on canvas: any Canvas, area: Rectangle) {
    if isHorizontal {
      let words = Theme.label.fitted(valueLabel, width: size.width - 2 * Theme.padding)
      let half = Theme.label.width(of: words) / 2
      let x = min(max(area.center.x, Theme.padding + half), size.width - Theme.padding - half)
      canvas.text(
        words, at: Point(x, size.height - Theme.padding + 4), style: Theme.label,
        alignment: Alignment(.center, .bottom))
    } else {
      canvas.text(
        Theme.label.fitted(valueLabel, width: area.height),
        at: Point(Theme.padding, area.center.y), style: Theme.label,
        alignment: Alignment(.center, .top), rotation: -.pi / 2)
    }
  }

  private func draw(_ bar: Bar, _ index: Int, _ layout: Layout, on canvas: any Canvas) {
    let area = layout.area
    let slot = (isHorizontal ? area.height : area.width) / Double(bars.count)
    for (line, words) in layout.labels[index].enumerated() {
      if isHorizontal {
        let middle = area.y + (Double(index) + 0.5) * slot
        let offset = Double(line) - Double(layout.labels[index].count - 1) / 2
        canvas.text(
          words, at: Point(area.x - 10, middle + offset * Theme.label.lineHeight),
          style: Theme.label, alignment: Alignment(.right, .middle))
      } else {
        canvas.text(
          words,
          at: Point(
            area.x + (Double(index) + 0.5) * slot,
            area.bottom + 8 + Double(line) * Theme.label.lineHeight),
          style: Theme.label, alignment: Alignment(.center, .top))
      }
    }
    if let frame = layout.bars[index] {
      canvas.fill(
        .rectangle(frame, radius: 2),
        with: bar.isBaseline ? Theme.baseline : Theme.color(bar.color ?? 0))
      if let error = bar.error, error.isFinite, error != 0 {
        drawError(bar, in: frame, layout, on: canvas)
      }
    }
    let value = layout.values[index]
    // A quiet ground keeps the lines of the grid out of the figures.
    let width = Theme.heading.width(of: value.text)
    let offset = Theme.heading.offset(of: value.text, alignment: value.alignment)
    canvas.fill(
      .rectangle(
        Rectangle(
          x: value.position.x + offset.x - 2, y: value.position.y + offset.y - 10, width: width + 4,
          height: 13)), with: Theme.background)
    canvas.text(value.text, at: value.position, style: Theme.heading, alignment: value.alignment)
  }

  private func drawError(
    _ bar: Bar, in frame: Rectangle, _ layout: Layout, on canvas: any Canvas
  ) {
    let (low, high) = reach(bar)
    let stroke = Stroke(Theme.text, width: 1.4)
    let area = layout.area
    var path = Path()
    if isHorizontal {
      let (a, b) = (
        area.x + layout.axis.fraction(low) * area.width,
        area.x + layout.axis.fraction(high) * area.width
      )
      let y = frame.center.y
      path.append(.line(Point(a, y), Point(b, y)))
      for x in [a, b] { path.append(.line(Point(x, y - 4), Point(x, y + 4))) }
    } else {
      let (a, b) = (
        area.bottom - layout.axis.fraction(low) * area.height,
        area.bottom - layout.axis.fraction(high) * area.height
      )
      let x = frame.center.x
      path.append(.line(Point(x, a), Point(x, b)))
      for y in [a, b] { path.append(.line(Point(x - 4, y), Point(x + 4, y))) }
    }
    canvas.stroke(path, with: Stroke(Theme.background.opacity(0.8), width: 3.2, cap: .round))
    canvas.stroke(path, with: stroke)
  }

  /// The name and value of every bar.
  public var alternativeText: String {
    var sentences = ["Bar chart \(Words.quoted(title)): \(valueLabel)."]
    if !subtitle.isEmpty { sentences.append(Words.sentence(subtitle)) }
    if bars.isEmpty {
      sentences.append("There are no bars.")
    } else {
      sentences.append(Words.list(bars.map { "\($0.label): \(text($0))" }) + ".")
    }
    return sentences.joined(separator: " ")
  }
}
