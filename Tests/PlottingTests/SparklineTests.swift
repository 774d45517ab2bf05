import Testing

@testable import Plotting

@Suite("Sparklines")
struct SparklineTests {
  @Test("Blocks rise with the values")
  func text() {
    #expect(Sparkline.text([0, 1, 2, 3, 4, 5, 6, 7]) == "▁▂▃▄▅▆▇█")
    #expect(Sparkline.text([7.0, 0]) == "█▁")
    #expect(Sparkline.text([2.0, 2, 2]) == "▄▄▄")
    #expect(Sparkline.text([1, .nan, 2.0]) == "▁ █")
    #expect(Sparkline.text([Double]()) == "")
    #expect(Sparkline.text([Double.nan, .infinity]) == "  ")
    #expect(Sparkline.text((0..<1000).map(Float.init), width: 8) == "▁▂▃▄▅▆▇█")
    #expect(Sparkline.text([1.0, 2], width: 0) == "▁█")
  }

  @Test("The small SVG is well formed for every input")
  func svg() throws {
    let inputs: [[Double]] = [Samples.loss, [], [1], [2, 2], [.nan, .infinity], [1, .nan, 3, 4]]
    for values in inputs {
      for reference in [nil, 0.58, Double.nan] {
        let svg = Sparkline.svg(values, reference: reference, label: "loss < 1 & falling")
        var reader = MarkupReader(svg)
        try reader.read()
        #expect(reader.text["title"] == "loss < 1 & falling")
        #expect(!svg.contains("nan") && !svg.contains("inf\""))
      }
    }
    #expect(Sparkline.svg(Samples.loss) == Sparkline.svg(Samples.loss))
  }
}
