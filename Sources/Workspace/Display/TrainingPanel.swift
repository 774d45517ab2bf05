import Plotting
import Training

/// The picture of a run under way: a bar, where it stands, and the curve so far.
///
/// It keeps its size from the first update to the last, so that nothing on the page moves.
struct TrainingPanel: Figure {
  /// What is trained on what: `AET on Fashion-MNIST train, 10,000 images`.
  let title: String
  /// Where the run stands.
  let progress: RunProgress
  /// How it stands.
  let status: RunStatus
  /// The loss by step.
  let losses: [Float]
  /// The terms of the loss by step, where there are several.
  var terms: [(name: String, values: [Float])] = []
  /// The loss of a predictor that always says the mean.
  let reference: Double?

  let size = Size(720, 176)

  /// Everything the panel shows, in one line of text.
  var alternativeText: String {
    let plan = progress.plan
    var words = [
      title, "\(status.word)", "epoch \(Written.count(epoch)) of \(Written.count(plan.epochs))",
      "step \(Written.count(progress.step)) of \(Written.count(plan.steps))",
    ]
    if let loss = losses.last { words.append("loss \(Written.decimals(Double(loss), 4))") }
    for term in terms {
      guard let value = term.values.last else { continue }
      words.append("\(term.name) \(Written.decimals(Double(value), 4))")
    }
    if let reference {
      words.append("constant predictor \(Written.decimals(reference, 4))")
    }
    words.append("\(Written.rate(progress.imagesPerSecond)) images/s")
    if case .running = status {
      words.append("\(Written.duration(progress.secondsLeft)) left")
    } else {
      words.append("\(Written.duration(progress.seconds)) in all")
    }
    let bar = 24
    let full = bar * progress.step / max(1, plan.steps)
    let line =
      String(repeating: "█", count: full) + String(repeating: "░", count: bar - full) + "  "
      + words.joined(separator: " · ")
    guard losses.count > 1 else { return line }
    return line + "\n" + Sparkline.text(smoothed.map(Double.init), width: 48)
  }

  /// The epoch under way, or the one that the last step belonged to; from 1.
  private var epoch: Int {
    let (step, length) = (progress.step, progress.plan.stepsPerEpoch)
    let now = isRunning ? step / length + 1 : max(1, (step + length - 1) / length)
    return min(progress.plan.epochs, now)
  }

  private var isRunning: Bool { if case .running = status { true } else { false } }

  private var smoothed: [Float] { smoothed(losses) }

  /// Values, each averaged with those before it over a twentieth of the run.
  private func smoothed(_ losses: [Float]) -> [Float] {
    let window = max(1, losses.count / 20)
    var result: [Float] = []
    var sum = 0.0
    for (index, loss) in losses.enumerated() {
      sum += Double(loss)
      if index >= window { sum -= Double(losses[index - window]) }
      result.append(Float(sum / Double(min(index + 1, window))))
    }
    return result
  }

  func draw(on canvas: any Canvas) {
    let (left, top, width) = (20.0, 18.0, 330.0)
    // The left half is the title's, however long the data set's name is.
    let natural = TextStyle(size: 14, isBold: true, color: Theme.text).width(of: title)
    let fitting = min(14, max(10, 14 * 356 / max(1, natural)))
    let bold = TextStyle(size: fitting, isBold: true, color: Theme.text)
    let plain = TextStyle(size: 11.5, color: Theme.secondaryText)
    let number = TextStyle(size: 19, isBold: true, color: Theme.text)
    canvas.text(title, at: Point(left, top), style: bold, alignment: Alignment(.left, .top))
    let plan = progress.plan
    let where_ =
      "epoch \(Written.count(epoch)) of \(Written.count(plan.epochs))   ·   "
      + "step \(Written.count(progress.step)) of \(Written.count(plan.steps))"
    canvas.text(
      where_, at: Point(left, top + 24), style: plain, alignment: Alignment(.left, .top))

    let share = Double(progress.step) / Double(max(1, plan.steps))
    let bar = Rectangle(x: left, y: top + 50, width: width, height: 10)
    canvas.fill(.rectangle(bar, radius: 5), with: Theme.grid)
    if share > 0 {
      let filled = Rectangle(x: bar.x, y: bar.y, width: max(10, width * share), height: 10)
      canvas.fill(.rectangle(filled, radius: 5), with: barColor)
    }
    let columns: [(String, String)] = [
      (losses.last.map { Written.decimals(Double($0), 4) } ?? "–", "loss"),
      (Written.rate(progress.imagesPerSecond), "images / s"),
      isRunning
        ? (Written.duration(progress.secondsLeft), "left")
        : (Written.duration(progress.seconds), "in all"),
    ]
    for (index, column) in columns.enumerated() {
      let x = left + Double(index) * 116
      canvas.text(
        column.0, at: Point(x, top + 96), style: number, alignment: Alignment(.left, .baseline))
      canvas.text(
        column.1, at: Point(x, top + 112), style: plain, alignment: Alignment(.left, .baseline))
    }
    canvas.text(
      statusLine, at: Point(left, top + 140),
      style: TextStyle(size: 11.5, color: barColor.mixed(with: Theme.text, by: 0.3)),
      alignment: Alignment(.left, .baseline))
    let rows = legendRows(within: 300)
    let lowered = 14 * Double(max(0, rows.count - 1))
    let plot = Rectangle(x: 400, y: 22 + lowered, width: 300, height: 118 - lowered)
    for (index, row) in rows.enumerated() {
      drawLegend(row, on: canvas, at: Point(plot.right, 10 + 14 * Double(index)))
    }
    drawCurve(on: canvas, in: plot)
  }

  private var barColor: Color {
    switch status {
    case .running: Theme.color(0)
    case .completed: Theme.color(2)
    case .interrupted: Theme.color(4)
    case .failed: Theme.color(1)
    }
  }

  private var statusLine: String {
    switch status {
    case .running: "training"
    case .completed: "completed"
    case .interrupted: "interrupted: the model is as the last whole step left it"
    case .failed: "failed: the model is as the last whole step left it"
    }
  }

  private func drawCurve(on canvas: any Canvas, in plot: Rectangle) {
    let small = TextStyle(size: 10.5, color: Theme.secondaryText)
    let values = decimated(smoothed)
    let curves = varying.map { decimated(smoothed(terms[$0].values)) }
    // The first steps of a network may cost many times what all the others do: they are cut off.
    let shown = ([values] + curves).flatMap { $0.dropFirst($0.count / 20) }
    let finite = shown.filter(\.isFinite).map(Double.init) + (reference.map { [$0] } ?? [])
    let (highest, lowest) = (finite.max() ?? 1, finite.min() ?? 0)
    let top = highest + 0.06 * max(abs(highest), 1e-6)
    // The axis starts at 0 unless the curve stays far above it.
    let bottom = lowest > 0.5 * top ? lowest - 0.2 * (top - lowest) : min(0, lowest)
    func y(_ value: Double) -> Double {
      plot.bottom - plot.height * (value - bottom) / max(top - bottom, 1e-9)
    }
    canvas.stroke(
      .line(Point(plot.x, plot.bottom), Point(plot.right, plot.bottom)),
      with: Stroke(Theme.axis, width: 1))
    if let reference {
      let height = y(reference)
      canvas.stroke(
        .line(Point(plot.x, height), Point(plot.right, height)),
        with: Stroke(Theme.reference, width: 1, dash: [4, 3]))
      let words = "constant predictor \(Written.decimals(reference, 2))"
      let heights = ([values] + curves).map { $0.map { y(Double($0)) } }
      let place = labelPlace(
        width: small.width(of: words), along: height, in: plot, beside: heights)
      canvas.text(
        words,
        at: Point(place.isLeft ? plot.x : plot.right, height + (place.isBelow ? 4 : -4)),
        style: small,
        alignment: Alignment(place.isLeft ? .left : .right, place.isBelow ? .top : .bottom))
    }
    // The axis ends at the last step and not at the run's end, or the first minutes were a dot in a corner.
    func draw(_ values: [Float], _ stroke: Stroke) {
      let points = values.enumerated().filter(\.element.isFinite).map { index, value in
        let share = values.count > 1 ? Double(index) / Double(values.count - 1) : 0
        return Point(plot.x + plot.width * share, y(Double(value)))
      }
      if points.count > 1 {
        canvas.stroke(.polyline(points), with: stroke)
      } else if let point = points.first {
        canvas.fill(.circle(point, radius: stroke.width), with: stroke.color)
      }
    }
    canvas.clipped(to: .rectangle(plot.grown(by: 2))) {
      for (index, curve) in zip(varying, curves) {
        draw(curve, Stroke(termColor(index), width: 1.4, cap: .round))
      }
      draw(values, Stroke(barColor, width: 2, cap: .round))
    }
    canvas.text(
      "loss by step", at: Point(plot.x, plot.bottom + 6), style: small,
      alignment: Alignment(.left, .top))
    canvas.text(
      lastStep, at: Point(plot.right, plot.bottom + 6), style: small,
      alignment: Alignment(.right, .top))
  }

  /// Where the name of a horizontal line is written: at its right end above it, or elsewhere when a curve
  /// goes through there and not through the other place.
  private func labelPlace(
    width: Double, along line: Double, in plot: Rectangle, beside curves: [[Double]]
  ) -> (isLeft: Bool, isBelow: Bool) {
    func isFree(_ isLeft: Bool, _ isBelow: Bool) -> Bool {
      let heights = isBelow ? (line + 2)...(line + 18) : (line - 18)...(line - 2)
      // Near the top the names of the terms stand above the line.
      if heights.upperBound > plot.bottom || (!isBelow && !terms.isEmpty && line < plot.y + 16) {
        return false
      }
      let start = isLeft ? 0 : 1 - width / plot.width
      return !curves.contains { curve in
        curve.count > 1
          && (0...24).contains { sample in
            let share = start + width / plot.width * Double(sample) / 24
            let place = min(max(0, share), 1) * Double(curve.count - 1)
            let index = min(Int(place), curve.count - 2)
            let rest = place - Double(index)
            return heights.contains(curve[index] * (1 - rest) + curve[index + 1] * rest)
          }
      }
    }
    let places = [(false, false), (false, true), (true, false), (true, true)]
    return places.first { isFree($0.0, $0.1) } ?? (false, !terms.isEmpty && line < plot.y + 16)
  }

  /// What stands at the end of the axis: the last step and, until it is reached, the run's end.
  private var lastStep: String {
    let (step, end) = (Written.count(progress.step), Written.count(progress.plan.steps))
    return progress.step < progress.plan.steps ? "\(step) of \(end)" : end
  }

  /// The places of the terms that are drawn: one that never changes, such as log p(y), has nothing to show.
  private var varying: [Int] {
    terms.indices.filter { index in
      let values = terms[index].values
      return values.count < 2 || values.contains { $0 != values[0] }
    }
  }

  /// The colours of terms, which are none of those that the total is drawn in.
  private func termColor(_ index: Int) -> Color { Theme.color([3, 5, 8, 9, 7, 6][index % 6]) }

  private static let legendStyle = TextStyle(size: 10.5, color: Theme.secondaryText)

  /// The terms that are drawn, in as many rows as their names need.
  private func legendRows(within width: Double) -> [[Int]] {
    var rows: [[Int]] = []
    var room = 0.0
    for index in varying {
      let needed = Self.legendStyle.width(of: terms[index].name) + 30
      if needed > room {
        rows.append([])
        room = width
      }
      rows[rows.count - 1].append(index)
      room -= needed
    }
    return rows
  }

  /// The names of terms in a line that ends at a point.
  private func drawLegend(_ row: [Int], on canvas: any Canvas, at end: Point) {
    var x = end.x
    for index in row.reversed() {
      x -= Self.legendStyle.width(of: terms[index].name)
      canvas.text(
        terms[index].name, at: Point(x, end.y), style: Self.legendStyle,
        alignment: Alignment(.left, .middle))
      canvas.stroke(
        .line(Point(x - 18, end.y), Point(x - 5, end.y)),
        with: Stroke(termColor(index), width: 2))
      x -= 30
    }
  }

  /// At most 300 values, evenly chosen: the panel has no more pixels to show.
  private func decimated(_ values: [Float]) -> [Float] {
    guard values.count > 300 else { return values }
    return (0..<300).map { values[($0 + 1) * values.count / 300 - 1] }
  }
}
