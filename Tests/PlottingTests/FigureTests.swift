import Testing

@testable import Plotting

@Suite("Figures")
struct FigureTests {
  @Test("The words for a line chart tell its numbers")
  func lineWords() {
    let chart = LineChart(
      title: "Loss", xLabel: "step", yLabel: "nats",
      series: [
        .init("train", values: [0.5, 0.25, 0.375]), .init("empty", points: []),
        .init("one", points: [Point(2, 7)]),
      ], references: [.init("chance", value: 0.6)])
    #expect(
      chart.alternativeText == "Line chart “Loss”: nats over step. train falls from 0.5 at 0 to "
        + "0.375 at 2, between 0.25 and 0.5. empty has no values. one is 7 at 2. "
        + "A line marks chance at 0.6.")
  }

  @Test("Every figure can be told in words that name its title")
  func words() throws {
    for (name, figure) in try Samples.all() {
      #expect(figure.alternativeText.hasSuffix("."), "\(name)")
      #expect(figure.alternativeText.contains(figure.title), "\(name)")
    }
  }

  @Test("Gaps divide a curve, and a lone value becomes a dot")
  func gaps() {
    let chart = LineChart(
      title: "", xLabel: "", yLabel: "",
      series: [.init("", values: [1, 2, .nan, 3, .nan, 4, 5, -Double.infinity])])
    let canvas = RecordingCanvas(chart)
    let curves = canvas.strokes.filter { $0.stroke.color == Theme.color(0) }
    #expect(curves.map { $0.path.points.count } == [2, 2])
    // The lone value, and the dot at the end of the curve.
    #expect(canvas.fills.count { $0.color == Theme.color(0) } == 2)
  }

  @Test("Values that are not positive are gaps on a logarithmic axis")
  func logarithmicGaps() {
    let chart = LineChart(
      title: "", xLabel: "", yLabel: "", series: [.init("", values: [1, 10, 0, -3, 100, 1000])],
      isLogarithmic: true)
    let curves = RecordingCanvas(chart).strokes.filter { $0.stroke.color == Theme.color(0) }
    #expect(curves.map { $0.path.points.count } == [2, 2])
  }

  @Test("The smoothed curve is the mean of its neighbours, over raw values drawn faintly")
  func smoothing() {
    let values = Samples.noise(50)
    let points = zip(0..., values).map { Point(Double($0), $1) }
    let smooth = Curve.smoothed(points, over: 5)
    for index in points.indices {
      let window = values[max(0, index - 2)...min(49, index + 2)]
      #expect(abs(smooth[index].y - window.reduce(0, +) / Double(window.count)) < 1e-12)
      #expect(smooth[index].x == points[index].x)
    }
    let chart = LineChart(
      title: "", xLabel: "", yLabel: "", series: [.init("noise", points: points, smoothing: 5)])
    let strokes = RecordingCanvas(chart).strokes
    #expect(strokes.contains { $0.stroke.color == Theme.color(0).opacity(0.28) })
    #expect(strokes.contains { $0.stroke.color == Theme.color(0) && $0.stroke.width > 2 })
    #expect(RecordingCanvas(chart).text("mean of 5 points") != nil)
  }

  @Test("Smoothing skips gaps and keeps them")
  func smoothingGaps() {
    let smooth = Curve.smoothed([Point(0, 1), Point(1, .nan), Point(2, 3)], over: 3)
    #expect(smooth[0].y == 1 && smooth[1].y.isNaN && smooth[2].y == 3)
  }

  @Test("A long curve is thinned to its extremes")
  func thinning() {
    let points = zip(0..., Samples.noise(100_000)).map { Point(Double($0) / 200, $1) }
    let thin = Curve.thinned(points, width: 500)
    #expect(thin.count < 5000)
    #expect(thin.first == points.first && thin.last == points.last)
    #expect(thin.map(\.y).max() == points.map(\.y).max())
    #expect(thin.map(\.y).min() == points.map(\.y).min())
    #expect(Set(thin).isSubset(of: Set(points)))
    let short = Array(points.prefix(300))
    #expect(Curve.thinned(short, width: 500) == short)
  }

  @Test("A reference line is drawn at its value and carries its words")
  func references() throws {
    let chart = LineChart(
      title: "", xLabel: "step", yLabel: "loss", series: [.init("loss", values: Samples.loss)],
      references: [.init("constant predictor", value: 0.583)])
    let canvas = RecordingCanvas(chart)
    let text = try #require(canvas.text("constant predictor 0.583"))
    let plot = chart.layout().plot
    let y = plot.position(Point(0, 0.583)).y
    let line = try #require(canvas.strokes.first { $0.stroke.color == Theme.reference })
    #expect(line.path.points == [Point(plot.area.x, y), Point(plot.area.right, y)])
    #expect(abs(text.frame.center.y - y) < 16)
  }

  @Test("A scatter chart draws every finite point and counts the classes")
  func scatter() throws {
    let chart = try ScatterChart(
      title: "", xLabel: "x", yLabel: "y",
      points: [Point(0, 0), Point(1, 1), Point(2, .nan), Point(3, 1)], classes: [0, 1, 1, 1],
      classNames: ["boot", "bag", "none"])
    let canvas = RecordingCanvas(chart)
    #expect(canvas.fills.count { $0.color == Theme.color(0).opacity(0.9) } == 1)
    #expect(canvas.fills.count { $0.color == Theme.color(1).opacity(0.9) } == 2)
    #expect(canvas.text("boot") != nil && canvas.text("bag") != nil && canvas.text("none") == nil)
    #expect(chart.alternativeText.contains("boot (1) around (0, 0) and bag (2) around (2, 1)"))
    #expect(chart.alternativeText.contains("1 point without finite coordinates left out"))
  }

  @Test("Classes that do not fit the points are refused")
  func classes() {
    #expect(throws: RenderingError.self) {
      try ScatterChart(
        title: "", xLabel: "", yLabel: "", points: [Point(0, 0)], classes: [0, 1],
        classNames: ["a", "b"])
    }
    #expect(throws: RenderingError.self) {
      try ScatterChart(
        title: "", xLabel: "", yLabel: "", points: [Point(0, 0)], classes: [2],
        classNames: ["a", "b"])
    }
  }

  @Test("Bars are as long as their values, and error bars reach as far as they say")
  func bars() throws {
    for isHorizontal in [true, false] {
      let chart = BarChart(
        title: "", valueLabel: "v",
        bars: [.init("a", value: 1), .init("b", value: 2, error: 0.5), .init("c", value: -1)],
        isHorizontal: isHorizontal)
      let lengths = chart.layout().bars.compactMap { $0 }.map {
        isHorizontal ? $0.width : $0.height
      }
      #expect(abs(lengths[1] / lengths[0] - 2) < 1e-9 && abs(lengths[2] - lengths[0]) < 1e-9)
      let canvas = RecordingCanvas(chart)
      let error = try #require(canvas.strokes.first { $0.stroke.color == Theme.text })
      let (a, b) = (error.path.points[0], error.path.points[1])
      #expect(abs(abs(isHorizontal ? b.x - a.x : b.y - a.y) - lengths[0]) < 1e-9)
      #expect(canvas.text("2 ± 0.5") != nil)
    }
  }

  @Test("A histogram counts every finite value once")
  func histogram() {
    for bins in [nil, 1, 7, 40] {
      let histogram = Histogram(title: "", xLabel: "", values: Samples.loss + [.nan], bins: bins)
      let found = histogram.binned()
      #expect(found.counts.reduce(0, +) == Samples.loss.count)
      #expect(found.edges.count == found.counts.count + 1)
      for (index, count) in found.counts.enumerated() {
        let (a, b) = (found.edges[index], found.edges[index + 1])
        let expected = Samples.loss.count { value in value >= a && value < b }
        #expect(count == expected)
      }
    }
  }
}
