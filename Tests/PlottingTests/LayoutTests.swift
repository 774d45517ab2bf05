import Testing

@testable import Plotting

@Suite("Layout")
struct LayoutTests {
  @Test("Every word and image stands inside its figure")
  func inside() throws {
    for (name, figure) in try Samples.all() {
      let edge = Rectangle(x: 0, y: 0, width: figure.size.width, height: figure.size.height)
      let canvas = RecordingCanvas(figure)
      #expect(!canvas.texts.isEmpty || !canvas.images.isEmpty, "\(name)")
      for text in canvas.texts {
        #expect(edge.grown(by: -4).contains(text.frame), "\(name): \(text.words) \(text.frame)")
      }
      for image in canvas.images {
        #expect(edge.grown(by: -8).contains(image.frame), "\(name): image \(image.frame)")
      }
    }
  }

  @Test("No two texts overlap, and no text covers an image")
  func apart() throws {
    for (name, figure) in try Samples.all() {
      let canvas = RecordingCanvas(figure)
      // Ascent and descent leave room for accents; neighbours may touch by that much.
      let texts = canvas.texts.map { (words: $0.words, frame: $0.frame.grown(by: -2)) }
      for (index, a) in texts.enumerated() {
        for b in texts[(index + 1)...] {
          #expect(!a.frame.overlaps(b.frame), "\(name): \(a.words) | \(b.words)")
        }
        for image in canvas.images {
          #expect(!a.frame.overlaps(image.frame), "\(name): \(a.words) over an image")
        }
      }
    }
  }

  @Test("The legend stands outside of the plot area")
  func legend() throws {
    for (name, figure) in try Samples.all() {
      if let chart = figure as? LineChart {
        let layout = chart.layout()
        #expect(!layout.header.legendFrame.overlaps(layout.plot.area), "\(name)")
        #expect(layout.header.height <= layout.plot.area.y, "\(name)")
        for reference in layout.references {
          #expect(layout.plot.area.grown(by: 1).contains(reference.frame), "\(name)")
        }
      }
      if let chart = figure as? ScatterChart {
        let layout = chart.layout()
        #expect(!layout.legendFrame.overlaps(layout.plot.area), "\(name)")
        for (index, a) in layout.thumbnails.enumerated() {
          for b in layout.thumbnails[(index + 1)...] { #expect(!a.frame.overlaps(b.frame)) }
        }
      }
    }
  }

  @Test("Curves and points stay inside the plot area")
  func data() throws {
    for (name, figure) in try Samples.all() {
      guard let chart = figure as? LineChart else { continue }
      let area = chart.layout().plot.area.grown(by: 0.01)
      let colors = Set(chart.series.indices.map(Theme.color))
      let curves = RecordingCanvas(chart).strokes.filter {
        colors.contains($0.stroke.color) && $0.stroke.cap == .round
      }
      for curve in curves {
        for point in curve.path.points { #expect(area.contains(point), "\(name): \(point)") }
      }
    }
  }

  @Test("Equal aspect gives both axes the same scale")
  func equalAspect() throws {
    let plot = try Samples.scatter(equal: true).layout().plot
    let x = (plot.x.domain.upperBound - plot.x.domain.lowerBound) / plot.area.width
    let y = (plot.y.domain.upperBound - plot.y.domain.lowerBound) / plot.area.height
    #expect(abs(x / y - 1) < 0.02)
  }

  @Test("A group moves its figures without changing them")
  func group() throws {
    let chart = BarChart(title: "kNN", valueLabel: "accuracy", bars: Samples.bars)
    let group = FigureGroup(.row, [chart, chart])
    #expect(group.size == Size(chart.size.width * 2, chart.size.height))
    let (alone, both) = (RecordingCanvas(chart), RecordingCanvas(group))
    let count = alone.texts.count
    #expect(both.texts.count == 2 * count)
    for (index, text) in alone.texts.enumerated() {
      #expect(both.texts[index].words == text.words)
      for (frame, left) in [
        (both.texts[index].frame, 0), (both.texts[count + index].frame, chart.size.width),
      ] {
        #expect(abs(frame.x - text.frame.x - left) < 1e-9 && abs(frame.y - text.frame.y) < 1e-9)
        #expect(frame.width == text.frame.width)
      }
    }
  }
}
