extension ScatterChart {
  /// Where everything stands.
  struct Layout {
    var header: Header
    var plot: PlotFrame
    var legend: Legend
    var legendFrame: Rectangle
    /// The points that can be drawn, by number.
    var shown: [Int]
    var thumbnails: [(thumbnail: Thumbnail, frame: Rectangle)]
  }

  private func color(of index: Int) -> Color {
    Theme.color(classes.isEmpty ? 0 : classes[index])
  }

  private func mark(of index: Int) -> Mark { classes.isEmpty ? .circle : .of(classes[index]) }

  func layout() -> Layout {
    let header = Header(title: title, subtitle: subtitle, width: size.width)
    let shown = points.indices.filter { points[$0].x.isFinite && points[$0].y.isFinite }
    let content = Rectangle(
      x: Theme.padding, y: header.height, width: size.width - 2 * Theme.padding,
      height: size.height - header.height - Theme.padding + 4)
    var counts = [Int](repeating: 0, count: classNames.count)
    if !classes.isEmpty { for index in shown { counts[classes[index]] += 1 } }
    let entries =
      classes.isEmpty
      ? []
      : classNames.indices.filter { counts[$0] > 0 }.map { index in
        Legend.Entry(
          sign: .mark(.of(index), Theme.color(index)), label: classNames[index],
          remark: NumberText.fixed(Double(counts[index]), decimals: 0))
      }
    let legend = Legend(column: entries, width: size.width * 0.3, height: content.height - 40)
    let legendFrame = Rectangle(
      x: content.right - legend.size.width, y: content.y, width: legend.size.width,
      height: legend.size.height)
    var bounds = content
    if legend.size.width > 0 { bounds.width -= legend.size.width + 20 }
    let plot = frame(in: bounds, shown: shown)
    var placed: [(thumbnail: Thumbnail, frame: Rectangle)] = []
    for thumbnail in thumbnails where thumbnail.point.x.isFinite && thumbnail.point.y.isFinite {
      let frame = frame(of: thumbnail, in: plot)
      if plot.area.contains(frame),
        !placed.contains(where: { $0.frame.overlaps(frame.grown(by: 6)) })
      {
        placed.append((thumbnail, frame))
      }
    }
    return Layout(
      header: header, plot: plot, legend: legend, legendFrame: legendFrame, shown: shown,
      thumbnails: placed)
  }

  private func frame(in bounds: Rectangle, shown: [Int]) -> PlotFrame {
    func range(_ path: KeyPath<Point, Double>) -> ClosedRange<Double> {
      guard let range = Axis.range(of: shown.map { points[$0][keyPath: path] }) else {
        return -1...1
      }
      let air = (range.upperBound - range.lowerBound) * 0.04
      return (range.lowerBound - air)...(range.upperBound + air)
    }
    func make(_ x: ClosedRange<Double>, _ y: ClosedRange<Double>) -> PlotFrame {
      PlotFrame(
        in: bounds, xLabel: xLabel, yLabel: yLabel,
        x: { Axis(linear: x, count: $0, extends: false) },
        y: { Axis(linear: y, count: $0, extends: false) })
    }
    let plot = make(range(\.x), range(\.y))
    guard hasEqualAspect else { return plot }
    // The axis with the smaller scale sets the scale of both; the other one shows more around.
    let (x, y) = (plot.x.domain, plot.y.domain)
    let unit = max(
      (x.upperBound - x.lowerBound) / plot.area.width,
      (y.upperBound - y.lowerBound) / plot.area.height)
    func widened(_ range: ClosedRange<Double>, to span: Double) -> ClosedRange<Double> {
      let middle = (range.lowerBound + range.upperBound) / 2
      return (middle - span / 2)...(middle + span / 2)
    }
    return make(widened(x, to: unit * plot.area.width), widened(y, to: unit * plot.area.height))
  }

  private func frame(of thumbnail: Thumbnail, in plot: PlotFrame) -> Rectangle {
    let bitmap = thumbnail.bitmap
    let unit = 28 / Double(max(bitmap.width, bitmap.height))
    let (width, height) = (Double(bitmap.width) * unit, Double(bitmap.height) * unit)
    let center = plot.position(thumbnail.point)
    return Rectangle(
      x: (center.x - width / 2).rounded(), y: (center.y - height / 2).rounded(), width: width,
      height: height)
  }

  /// Draws the chart from (0, 0) to `size`.
  public func draw(on canvas: any Canvas) {
    let layout = layout()
    let plot = layout.plot
    layout.header.draw(on: canvas)
    plot.draw(on: canvas, verticalGrid: true)
    layout.legend.draw(on: canvas, at: Point(layout.legendFrame.x, layout.legendFrame.y))
    guard !layout.shown.isEmpty else { return plot.drawEmpty(on: canvas) }
    let count = layout.shown.count
    let radius = count <= 200 ? 4.0 : count <= 1000 ? 3.0 : 2.4
    let opacity = count <= 200 ? 0.9 : count <= 1000 ? 0.75 : 0.6
    for index in layout.shown {
      mark(of: index).draw(
        on: canvas, at: plot.position(points[index]), radius: radius,
        color: color(of: index).opacity(opacity))
    }
    for (thumbnail, frame) in layout.thumbnails {
      let color = thumbnail.group.map(Theme.color) ?? Theme.axis
      canvas.fill(.rectangle(frame.grown(by: 2.5), radius: 2), with: Theme.background)
      canvas.fill(.rectangle(frame.grown(by: 1.5), radius: 1.5), with: color)
      canvas.image(thumbnail.bitmap, in: frame)
    }
  }

  /// The axes, how many points there are, and how many of each class.
  public var alternativeText: String {
    let shown = layout().shown
    var sentences = [
      "Scatter chart \(Words.quoted(title)): \(Words.count(shown.count, "point")), "
        + "\(xLabel) to the right, \(yLabel) upwards."
    ]
    if !subtitle.isEmpty { sentences.append(Words.sentence(subtitle)) }
    if !classes.isEmpty {
      let centers = classNames.indices.compactMap { group -> String? in
        let members = shown.filter { classes[$0] == group }.map { points[$0] }
        guard !members.isEmpty else { return nil }
        let x = members.reduce(0) { $0 + $1.x } / Double(members.count)
        let y = members.reduce(0) { $0 + $1.y } / Double(members.count)
        return "\(classNames[group]) (\(members.count)) around "
          + "(\(NumberText.short(x)), \(NumberText.short(y)))"
      }
      if !centers.isEmpty { sentences.append("Classes: \(Words.list(centers)).") }
    }
    if points.count > shown.count {
      sentences.append(
        "\(Words.count(points.count - shown.count, "point")) without finite coordinates left out.")
    }
    return sentences.joined(separator: " ")
  }
}
