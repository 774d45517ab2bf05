import Evaluation
import Glibc
import Plotting

/// Three pictures of error bars: errors against predicted variances, coverage, and z-scores.
func calibrationFigure(_ result: Calibration, title: String, text: String) -> any Figure {
  let size = Size(330, 330)
  let most = max(result.bins.map(\.predicted).max() ?? 1, result.bins.map(\.observed).max() ?? 1)
  // Points apart: a gap before each.
  let points = result.bins.flatMap { bin in
    [Point(bin.predicted, .nan), Point(bin.predicted, bin.observed)]
  }
  let end = result.bins.map(\.predicted).max() ?? 1
  let interval = result.slopeInterval
  let slope = LineChart(
    title: "Slope \(Written.decimals(result.slope, 2))",
    subtitle: "95 % interval \(Written.decimals(interval.lowerBound, 2)) to "
      + Written.decimals(interval.upperBound, 2),
    xLabel: "predicted variance (tenths)", yLabel: "mean squared error",
    series: [
      .init("calibrated", points: [Point(0, 0), Point(most, most)], color: 6, isDashed: true),
      .init("fit", points: [Point(0, 0), Point(end, result.slope * end)], color: 1),
      .init("tenths", points: points, color: 0),
    ], size: size)
  let nominal = (0...20).map { Double($0) / 20 }
  let coverage = LineChart(
    title: "Coverage",
    subtitle: "off by \(Written.percent(result.coverageError)) on average",
    xLabel: "nominal probability", yLabel: "share of truths inside",
    series: [
      .init("calibrated", points: [Point(0, 0), Point(1, 1)], color: 6, isDashed: true),
      .init(
        "observed", points: zip(nominal, result.coverage(at: nominal)).map { Point($0, $1) },
        color: 0),
    ], size: size)
  // Beyond ±6 a single score would squeeze all others together.
  let inside = result.scores.filter { abs($0) <= 6 }
  let outside = result.scores.count - inside.count
  let scores = Histogram(
    title: "z-scores",
    subtitle: "root mean square \(Written.decimals(result.scoreDeviation, 2))"
      + (outside > 0 ? "; \(Written.count(outside)) beyond ±6 not drawn" : ""),
    xLabel: "(truth − mean) / σ", values: inside, bins: 40,
    curve: Histogram.Curve("N(0, 1)") { exp(-$0 * $0 / 2) / (2 * Double.pi).squareRoot() },
    size: size)
  return FigureGroup(title: title, subtitle: text, .row, [slope, coverage, scores])
}
