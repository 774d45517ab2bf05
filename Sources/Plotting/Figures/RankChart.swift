/// Values from the greatest down, one thin bar each: how often every code of a codebook is used.
public struct RankChart: Figure {
  /// The bold line at the top.
  public var title: String
  /// The quieter line below the title; empty for none.
  public var subtitle: String
  /// The name of the horizontal axis: what the bars are.
  public var xLabel: String
  /// The name of the vertical axis, with its unit.
  public var yLabel: String
  /// The values in any order; those that are not positive have no bar, but a mark at the foot.
  public var values: [Double]
  /// A line to compare with, such as the share of each when all are alike.
  public var reference: LineChart.Reference?
  /// The size in points.
  public var size: Size

  /// A chart of ranks on a logarithmic axis.
  public init(
    title: String, subtitle: String = "", xLabel: String, yLabel: String, values: [Double],
    reference: LineChart.Reference? = nil, size: Size = Size(640, 300)
  ) {
    self.title = title
    self.subtitle = subtitle
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.values = values
    self.reference = reference
    self.size = size
  }

  /// The positive values from the greatest down.
  private var ranked: [Double] { values.filter { $0.isFinite && $0 > 0 }.sorted(by: >) }

  func layout() -> (header: Header, plot: PlotFrame) {
    let header = Header(title: title, subtitle: subtitle, width: size.width)
    let bounds = Rectangle(
      x: Theme.padding, y: header.height, width: size.width - 2 * Theme.padding,
      height: size.height - header.height - Theme.padding + 4)
    let heights = ranked + (reference.map { $0.value > 0 ? [$0.value] : [] } ?? [])
    let range = Axis.range(of: heights) ?? 0.1...1
    // Half of the smallest, so that its bar has a height.
    let plot = PlotFrame(
      in: bounds, xLabel: xLabel, yLabel: yLabel,
      x: { Axis(linear: 0...Double(max(1, values.count)), count: $0, extends: false) },
      // 1, 2 and 5 of a decade: usages seldom span more than two.
      y: { Axis(logarithmic: range.lowerBound / 2...range.upperBound, count: 2 * $0) })
    return (header, plot)
  }

  /// Draws the chart from (0, 0) to `size`.
  public func draw(on canvas: any Canvas) {
    let (header, plot) = layout()
    header.draw(on: canvas)
    plot.draw(on: canvas)
    guard !ranked.isEmpty else { return plot.drawEmpty(on: canvas) }
    let slot = plot.area.width / Double(values.count)
    let gap = min(0.75, slot / 6)
    func bar(_ rank: Int, top: Double, _ color: Color) {
      let x = plot.area.x + Double(rank) * slot
      canvas.fill(
        .rectangle(
          Rectangle(x: x + gap, y: top, width: slot - 2 * gap, height: plot.area.bottom - top)),
        with: color)
    }
    for (rank, value) in ranked.enumerated() {
      bar(rank, top: plot.position(Point(0, value)).y, Theme.color(0).opacity(0.85))
    }
    for rank in ranked.count..<values.count {
      bar(rank, top: plot.area.bottom - 3, Theme.color(1))
    }
    guard let reference, reference.value > 0 else { return }
    let y = plot.position(Point(0, reference.value)).y
    canvas.stroke(
      .line(Point(plot.area.x, y), Point(plot.area.right, y)),
      with: Stroke(Theme.reference, width: 1.2, dash: [5, 4]))
    let words = Theme.caption.fitted(
      "\(reference.label) \(NumberText.short(reference.value))", width: plot.area.width - 8)
    let (width, height) = (Theme.caption.width(of: words) + 8, Theme.caption.lineHeight + 1)
    // The bars are low at the right, so there is room above the line; the grid stays out of the words.
    let frame = Rectangle(
      x: plot.area.right - width, y: y - height - 1, width: width, height: height)
    canvas.fill(.rectangle(frame, radius: 3), with: Theme.background.opacity(0.8))
    canvas.text(
      words, at: Point(frame.x + 4, frame.center.y), style: Theme.caption,
      alignment: Alignment(.left, .middle))
  }

  /// The number of bars, the greatest, the middle and the smallest, and how many have none.
  public var alternativeText: String {
    var sentences = [
      "Rank chart \(Words.quoted(title)) of \(Words.count(values.count, "value")): \(yLabel) "
        + "by \(xLabel)."
    ]
    if !subtitle.isEmpty { sentences.append(Words.sentence(subtitle)) }
    let ranked = ranked
    if let first = ranked.first, let last = ranked.last {
      sentences.append(
        "They fall from \(NumberText.short(first)) over \(NumberText.short(ranked[ranked.count / 2])) "
          + "in the middle to \(NumberText.short(last)).")
    }
    if ranked.count < values.count {
      let none = Words.count(values.count - ranked.count, "value")
      sentences.append("\(none) \(values.count - ranked.count == 1 ? "is" : "are") zero.")
    }
    if let reference {
      sentences.append("A line marks \(reference.label) at \(NumberText.short(reference.value)).")
    }
    return sentences.joined(separator: " ")
  }
}
