import Glibc

extension Histogram {
  /// Equal bins with their counts.
  struct Bins {
    var edges: [Double]
    var counts: [Int]
  }

  /// The finite values in bins whose edges are round numbers.
  func binned() -> Bins {
    let finite = values.filter(\.isFinite).sorted()
    guard let range = Axis.range(of: finite) else { return Bins(edges: [], counts: []) }
    let axis = Axis(linear: range, count: wantedBins(finite), extends: true)
    var edges = axis.ticks
    if edges.count < 2 { edges = [axis.domain.lowerBound, axis.domain.upperBound] }
    let width = (edges[edges.count - 1] - edges[0]) / Double(edges.count - 1)
    var counts = [Int](repeating: 0, count: edges.count - 1)
    for value in finite {
      let bin = Int(((value - edges[0]) / width + 1e-9).rounded(.down))
      counts[min(max(bin, 0), counts.count - 1)] += 1
    }
    return Bins(edges: edges, counts: counts)
  }

  private func wantedBins(_ sorted: [Double]) -> Int {
    if let bins { return max(1, min(bins, 200)) }
    let quarter = sorted.count / 4
    let spread = sorted[sorted.count - 1 - quarter] - sorted[quarter]
    let width = 2 * spread / cbrt(Double(sorted.count))
    guard width > 0, let low = sorted.first, let high = sorted.last else { return 10 }
    return Int(min(max((high - low) / width, 5), 60))
  }

  /// The curve in counts a bin, over the range of the bins.
  private func curvePoints(_ bins: Bins) -> [Point] {
    guard let curve, bins.edges.count > 1, let first = bins.edges.first, let last = bins.edges.last
    else { return [] }
    let scale = Double(bins.counts.reduce(0, +)) * (last - first) / Double(bins.counts.count)
    return (0...120).map { step in
      let x = first + (last - first) * Double(step) / 120
      return Point(x, curve.density(x) * scale)
    }.filter(\.y.isFinite)
  }

  func layout() -> (header: Header, plot: PlotFrame, bins: Bins) {
    let entries = curve.map {
      [Legend.Entry(sign: .line(Theme.color(1), dash: []), label: $0.label)]
    }
    let header = Header(
      title: title, subtitle: subtitle, legend: entries ?? [], width: size.width)
    let bins = binned()
    let x = (bins.edges.first ?? 0)...(bins.edges.last ?? 1)
    let most = max(Double(bins.counts.max() ?? 1), curvePoints(bins).map(\.y).max() ?? 0)
    let bounds = Rectangle(
      x: Theme.padding, y: header.height, width: size.width - 2 * Theme.padding,
      height: size.height - header.height - Theme.padding + 4)
    let plot = PlotFrame(
      in: bounds, xLabel: xLabel, yLabel: "count",
      x: { Axis(linear: x, count: $0, extends: false) },
      // Counts are whole numbers, so are their ticks.
      y: { Axis(linear: 0...most, count: min($0, max(1, Int(most))), extends: true) })
    return (header, plot, bins)
  }

  /// Draws the histogram from (0, 0) to `size`.
  public func draw(on canvas: any Canvas) {
    let (header, plot, bins) = layout()
    header.draw(on: canvas)
    plot.draw(on: canvas)
    guard !bins.counts.isEmpty else { return plot.drawEmpty(on: canvas) }
    for (index, count) in bins.counts.enumerated() where count > 0 {
      let a = plot.position(Point(bins.edges[index], Double(count)))
      let b = plot.position(Point(bins.edges[index + 1], 0))
      let gap = min(0.75, (b.x - a.x) / 6)
      canvas.fill(
        .rectangle(
          Rectangle(x: a.x + gap, y: a.y, width: b.x - a.x - 2 * gap, height: b.y - a.y)),
        with: Theme.color(0).opacity(0.85))
    }
    let curve = curvePoints(bins).map(plot.position)
    if !curve.isEmpty {
      canvas.stroke(.polyline(curve), with: Stroke(Theme.color(1), width: 2, cap: .round))
    }
  }

  /// The number of values, their range, median and the fullest bin.
  public var alternativeText: String {
    let finite = values.filter(\.isFinite).sorted()
    var sentences = [
      "Histogram \(Words.quoted(title)) of \(Words.count(finite.count, "value")), \(xLabel)."
    ]
    if !subtitle.isEmpty { sentences.append(Words.sentence(subtitle)) }
    let bins = binned()
    if let low = finite.first, let high = finite.last, let most = bins.counts.max(),
      let bin = bins.counts.firstIndex(of: most)
    {
      sentences.append(
        "They lie between \(NumberText.short(low)) and \(NumberText.short(high)), "
          + "with a median of \(NumberText.short(finite[finite.count / 2])); most, "
          + "\(most), between \(NumberText.short(bins.edges[bin])) "
          + "and \(NumberText.short(bins.edges[bin + 1])).")
    }
    if let curve { sentences.append("A line shows \(curve.label).") }
    if finite.count < values.count {
      sentences.append("\(Words.count(values.count - finite.count, "value")) not finite left out.")
    }
    return sentences.joined(separator: " ")
  }
}
