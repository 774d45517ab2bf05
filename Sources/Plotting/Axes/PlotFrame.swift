/// The area where data is drawn, with its two axes, their ticks, labels and grid.
struct PlotFrame: Sendable {
  /// The area of the data, in points.
  let area: Rectangle
  let x: Axis
  let y: Axis
  private let bounds: Rectangle
  private let xLabel: String
  private let yLabel: String
  private let sideBottom: Double

  private static let tickGap = 7.0
  private static let labelGap = 8.0

  /// Fits axes into `bounds`, which hold the area, the ticks and the labels.
  ///
  /// The makers of the axes are given a number of ticks; fewer are asked for until the labels have
  /// room.
  init(
    in bounds: Rectangle, xLabel: String, yLabel: String, x makeX: (Int) -> Axis,
    y makeY: (Int) -> Axis
  ) {
    self.bounds = bounds
    let tickHeight = Theme.tick.lineHeight
    let labelHeight = Theme.label.lineHeight
    let bottom =
      Self.tickGap + tickHeight + (xLabel.isEmpty ? 0 : Self.labelGap - 3 + labelHeight)
    let height = max(20, bounds.height - bottom)
    y = makeY(min(8, max(2, Int(height / 42))))
    let widest = y.labels.map(Theme.tick.width).max() ?? 0
    let left =
      widest + Self.tickGap + (yLabel.isEmpty ? 0 : labelHeight + Self.labelGap - 3)
    let full = max(20, bounds.width - left)
    var (axis, width, count) = (makeX(1), full, max(2, min(12, Int(full / 52))))
    while true {
      axis = makeX(count)
      // The last label may reach beyond the area by half its width.
      let over = zip(axis.ticks, axis.labels).map { tick, label in
        axis.fraction(tick) * full + Theme.tick.width(of: label) / 2 - full
      }
      width = full - max(0, over.max() ?? 0)
      let reach = zip(axis.ticks, axis.labels).map { tick, label in
        (axis.fraction(tick) * width, Theme.tick.width(of: label) / 2)
      }
      let fits = zip(reach, reach.dropFirst()).allSatisfy { a, b in a.0 + a.1 + 10 <= b.0 - b.1 }
      if fits || count <= 1 { break }
      count -= 1
    }
    self.x = axis
    area = Rectangle(x: bounds.x + left, y: bounds.y, width: width, height: height)
    self.xLabel = Theme.label.fitted(xLabel, width: bounds.width)
    // The label at the side ends above the line of the label at the foot.
    sideBottom = bounds.bottom - (xLabel.isEmpty ? 0 : labelHeight + 2)
    self.yLabel = Theme.label.fitted(yLabel, width: sideBottom - bounds.y)
  }

  /// The place of a value on the canvas.
  func position(_ point: Point) -> Point {
    Point(
      area.x + x.fraction(point.x) * area.width, area.bottom - y.fraction(point.y) * area.height)
  }

  /// Draws grid, ticks and labels.
  func draw(on canvas: any Canvas, verticalGrid: Bool = false) {
    for (tick, label) in zip(y.ticks, y.labels) {
      let y = area.bottom - y.fraction(tick) * area.height
      canvas.stroke(.line(Point(area.x, y), Point(area.right, y)), with: Stroke(Theme.grid))
      canvas.text(
        label, at: Point(area.x - Self.tickGap, y), style: Theme.tick,
        alignment: Alignment(.right, .middle))
    }
    for (tick, label) in zip(x.ticks, x.labels) {
      let x = area.x + x.fraction(tick) * area.width
      if verticalGrid {
        canvas.stroke(.line(Point(x, area.y), Point(x, area.bottom)), with: Stroke(Theme.grid))
      } else {
        canvas.stroke(
          .line(Point(x, area.bottom), Point(x, area.bottom + 4)), with: Stroke(Theme.axis))
      }
      canvas.text(
        label, at: Point(x, area.bottom + Self.tickGap), style: Theme.tick,
        alignment: Alignment(.center, .top))
    }
    if !verticalGrid {
      canvas.stroke(
        .line(Point(area.x, area.bottom), Point(area.right, area.bottom)), with: Stroke(Theme.axis))
    }
    // A long label is centred on the area as far as the bounds allow.
    if !xLabel.isEmpty {
      let half = Theme.label.width(of: xLabel) / 2
      let x = min(max(area.center.x, bounds.x + half), bounds.right - half)
      canvas.text(
        xLabel, at: Point(x, bounds.bottom), style: Theme.label,
        alignment: Alignment(.center, .bottom))
    }
    if !yLabel.isEmpty {
      let half = Theme.label.width(of: yLabel) / 2
      let y = min(max(area.center.y, bounds.y + half), sideBottom - half)
      canvas.text(
        yLabel, at: Point(bounds.x, y), style: Theme.label, alignment: Alignment(.center, .top),
        rotation: -.pi / 2)
    }
  }

  /// Says in the middle of the area that there is nothing to see.
  func drawEmpty(on canvas: any Canvas) {
    canvas.text(
      "no values to draw", at: area.center, style: Theme.label,
      alignment: Alignment(.center, .middle))
  }
}
