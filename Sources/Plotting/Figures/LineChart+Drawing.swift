extension LineChart {
  /// Where everything stands.
  struct Layout {
    var header: Header
    var plot: PlotFrame
    /// The bold curve of each series, in the coordinates of the data.
    var curves: [[Point]]
    /// The words on the reference lines, with their places.
    var references: [(text: String, frame: Rectangle)]
    var hasData: Bool
  }

  private func isDrawable(_ point: Point) -> Bool {
    point.x.isFinite && point.y.isFinite && (!isLogarithmic || point.y > 0)
  }

  private func color(of index: Int) -> Color { Theme.color(series[index].color ?? index) }

  private func dash(of series: Series) -> [Double] { series.isDashed ? [6, 4] : [] }

  func layout() -> Layout {
    // A single curve that is named like its axis needs no legend.
    let isNamedByAxis =
      series.count == 1 && series[0].label == yLabel && !isSmoothed(series[0])
    let named = isNamedByAxis ? [] : series.enumerated().filter { !$0.element.label.isEmpty }
    // What holds for all curves is said once, behind the last.
    let smoothed = named.map(\.element).filter(isSmoothed)
    let isShared = smoothed.count == named.count && Set(smoothed.map(\.smoothing)).count == 1
    let entries = named.map { index, series in
      let isTold = isSmoothed(series) && (!isShared || index == named.last?.offset)
      let mean = isShared && named.count > 1 ? "means" : "mean"
      return Legend.Entry(
        sign: .line(color(of: index), dash: dash(of: series)), label: series.label,
        remark: isTold ? "\(mean) of \(series.smoothing) points" : "")
    }
    let header = Header(title: title, subtitle: subtitle, legend: entries, width: size.width)
    let points = series.flatMap(\.points).filter(isDrawable)
    let shown = references.filter { isDrawable(Point(0, $0.value)) }
    let xRange = Axis.range(of: points.lazy.map(\.x)) ?? 0...1
    let yRange = Axis.range(of: points.map(\.y) + shown.map(\.value))
    let bounds = Rectangle(
      x: Theme.padding, y: header.height, width: size.width - 2 * Theme.padding,
      height: size.height - header.height - Theme.padding + 4)
    let plot = PlotFrame(
      in: bounds, xLabel: xLabel, yLabel: yLabel,
      x: { Axis(linear: xRange, count: $0, extends: false) },
      y: { count in
        guard isLogarithmic else {
          return Axis(linear: Self.withZero(yRange ?? 0...1), count: count, extends: true)
        }
        // Powers of ten have short labels: there is room for some more of them.
        return Axis(logarithmic: yRange ?? 0.1...1, count: count + 2)
      })
    let curves = series.map { series in
      isSmoothed(series)
        ? Curve.smoothed(
          series.points.map { isDrawable($0) ? $0 : Point($0.x, .nan) }, over: series.smoothing)
        : series.points
    }
    return Layout(
      header: header, plot: plot, curves: curves,
      references: place(shown, in: plot, avoiding: curves), hasData: yRange != nil)
  }

  private func isSmoothed(_ series: Series) -> Bool {
    series.smoothing >= 2 && series.points.count > series.smoothing
  }

  /// A range of positive values that comes near zero is shown from zero.
  private static func withZero(_ range: ClosedRange<Double>) -> ClosedRange<Double> {
    range.lowerBound > 0 && range.lowerBound < 0.4 * range.upperBound
      ? 0...range.upperBound : range
  }

  /// Puts the words of each reference line above or below it, at the end where the fewest values
  /// are.
  private func place(
    _ references: [Reference], in plot: PlotFrame, avoiding curves: [[Point]]
  ) -> [(text: String, frame: Rectangle)] {
    let data = curves.flatMap { $0.filter(isDrawable).map(plot.position) }
    let lines = references.map { plot.position(Point(plot.x.domain.lowerBound, $0.value)).y }
    var placed: [(text: String, frame: Rectangle)] = []
    for (reference, line) in zip(references, lines) {
      let text = Theme.caption.fitted(
        "\(reference.label) \(NumberText.short(reference.value))", width: plot.area.width - 12)
      let (width, height) = (Theme.caption.width(of: text) + 8, Theme.caption.lineHeight + 1)
      let candidates = [plot.area.right - width, plot.area.x + 2].flatMap { x in
        [line - height - 1, line + 1].map { y in
          Rectangle(x: x, y: y, width: width, height: height)
        }
      }
      func cost(_ frame: Rectangle) -> Int {
        let hidden = data.count { frame.grown(by: 3).contains($0) }
        let collides = placed.contains { $0.frame.overlaps(frame) }
        let isCrossed = lines.contains { $0 != line && $0 > frame.y && $0 < frame.bottom }
        let isInside = plot.area.grown(by: 1).contains(frame)
        return hidden + (collides ? 100_000 : 0) + (isCrossed ? 10_000 : 0)
          + (isInside ? 0 : 1_000_000)
      }
      let best = candidates.min { cost($0) < cost($1) }
      if let best { placed.append((text, best)) }
    }
    return placed
  }

  /// Draws the chart from (0, 0) to `size`.
  public func draw(on canvas: any Canvas) {
    let layout = layout()
    let plot = layout.plot
    layout.header.draw(on: canvas)
    plot.draw(on: canvas)
    guard layout.hasData else { return plot.drawEmpty(on: canvas) }
    for reference in references where isDrawable(Point(0, reference.value)) {
      let y = plot.position(Point(plot.x.domain.lowerBound, reference.value)).y
      canvas.stroke(
        .line(Point(plot.area.x, y), Point(plot.area.right, y)),
        with: Stroke(Theme.reference, width: 1.2, dash: [5, 4]))
    }
    canvas.clipped(to: .rectangle(plot.area.grown(by: 4))) {
      for (index, series) in series.enumerated() where isSmoothed(series) {
        draw(series.points, plot, on: canvas, Stroke(color(of: index).opacity(0.28), width: 1))
      }
      for (index, series) in series.enumerated() {
        let stroke = Stroke(
          color(of: index), width: 2.2, dash: dash(of: series), cap: .round)
        draw(layout.curves[index], plot, on: canvas, stroke)
        if let last = layout.curves[index].last(where: isDrawable) {
          canvas.fill(.circle(plot.position(last), radius: 3.2), with: color(of: index))
        }
      }
    }
    for reference in layout.references {
      let frame = reference.frame
      canvas.fill(
        .rectangle(frame, radius: 3), with: Theme.background.opacity(0.8))
      canvas.text(
        reference.text, at: Point(frame.x + 4, frame.center.y), style: Theme.caption,
        alignment: Alignment(.left, .middle))
    }
  }

  private func draw(
    _ points: [Point], _ plot: PlotFrame, on canvas: any Canvas, _ stroke: Stroke
  ) {
    for piece in Curve.pieces(of: points, where: isDrawable) {
      let places = Curve.thinned(piece.map(plot.position), width: plot.area.width)
      if places.count == 1 {
        canvas.fill(.circle(places[0], radius: stroke.width), with: stroke.color)
      } else {
        canvas.stroke(.polyline(places), with: stroke)
      }
    }
  }

  /// The axes, each curve's way from first to last, its lowest and highest point, and the
  /// references.
  public var alternativeText: String {
    var sentences = ["Line chart \(Words.quoted(title)): \(yLabel) over \(xLabel)."]
    if !subtitle.isEmpty { sentences.append(Words.sentence(subtitle)) }
    for (series, curve) in zip(series, layout().curves) {
      let points = curve.filter(isDrawable)
      let name = series.label.isEmpty ? "The curve" : series.label
      guard let first = points.first, let last = points.last,
        let low = points.min(by: { $0.y < $1.y }), let high = points.max(by: { $0.y < $1.y })
      else {
        sentences.append("\(name) has no values.")
        continue
      }
      guard points.count > 1 else {
        sentences.append("\(name) is \(NumberText.short(first.y)) at \(NumberText.short(first.x)).")
        continue
      }
      let verb = last.y < first.y ? "falls" : last.y > first.y ? "rises" : "goes"
      let smoothing = isSmoothed(series) ? " (mean of \(series.smoothing) points)" : ""
      sentences.append(
        "\(name)\(smoothing) \(verb) from \(NumberText.short(first.y)) "
          + "at \(NumberText.short(first.x)) to \(NumberText.short(last.y)) "
          + "at \(NumberText.short(last.x)), between \(NumberText.short(low.y)) "
          + "and \(NumberText.short(high.y)).")
    }
    for reference in references {
      sentences.append("A line marks \(reference.label) at \(NumberText.short(reference.value)).")
    }
    return sentences.joined(separator: " ")
  }
}
