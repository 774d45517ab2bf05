import Plotting
import Testing
import Training

@testable import Workspace

/// A canvas that keeps the words and the lines drawn inside the plot.
private final class Drawing: Canvas {
  private(set) var texts: [String] = []
  private(set) var places: [String: (Point, Alignment)] = [:]
  private(set) var curves: [Path] = []
  private(set) var dots = 0
  private var isInPlot = false

  init(_ figure: some Figure) { figure.draw(on: self) }

  func fill(_ path: Path, with color: Color) { dots += isInPlot ? 1 : 0 }
  func stroke(_ path: Path, with stroke: Stroke) { if isInPlot { curves.append(path) } }
  func text(
    _ text: String, at position: Point, style: TextStyle, alignment: Alignment, rotation: Double
  ) {
    texts.append(text)
    places[text] = (position, alignment)
  }
  func image(_ bitmap: Bitmap, in rectangle: Rectangle) {}
  func clipped(to path: Path, _ body: () -> Void) {
    isInPlot = true
    body()
    isInPlot = false
  }
  func faded(to opacity: Double, _ body: () -> Void) { body() }
  func moved(by x: Double, _ y: Double, _ body: () -> Void) { body() }
}

@Suite struct TrainingPanelTests {
  /// The panel of a run of 800,000 steps, 8 an epoch, after some of them.
  private static func panel(
    _ steps: Int, title: String = "AED on Shapes train, 1,024 images"
  ) -> TrainingPanel {
    let plan = RunPlan(images: 256, batch: 32, epochs: 100_000)
    let losses = (0..<steps).map { 4_000 + Float($0 % 7) }
    return TrainingPanel(
      title: title,
      progress: RunProgress(plan: plan, step: steps, imagesPerSecond: 12_345, seconds: 10),
      status: .running, losses: losses, terms: [("places", losses)], reference: 5_000)
  }

  @Test func everyNumberIsInGroupsOfThree() {
    let panel = Self.panel(80_264)
    let shown = Drawing(panel).texts + [panel.alternativeText]
    for words in shown {
      #expect(words.firstMatch(of: /(^|[^\d.])\d{4}/) == nil, "\(words)")
    }
    for text in ["epoch 10,034 of 100,000", "step 80,264 of 800,000"] {
      #expect(shown.filter { $0.contains(text) }.count == 2, "\(text)")
    }
    #expect(Written.decimals(-1_234_567.891, 2) == "-1,234,567.89")
    #expect(Written.decimals(999.96, 1) == "1,000.0")
    #expect(Written.decimals(1_000, 0) == "1,000")
  }

  /// Names of terms stand in rows of their own, and one that never changes is not drawn.
  @Test func manyTermsHaveRoom() {
    let values: [Float] = [9, 7, 6]
    let names = ["likelihood", "divergence", "classification", "unlabelled", "balance"]
    let title = "EquiVAE on a data set with a very long name train, 60,000 images"
    var panel = Self.panel(3, title: title)
    panel.terms = names.map { ($0, values) } + [("prior", [2.3, 2.3, 2.3])]
    let drawing = Drawing(panel)
    #expect(!drawing.texts.contains("prior"))
    #expect(drawing.curves.count == names.count + 1)
    let places = names.compactMap { drawing.places[$0]?.0 }
    #expect(places.count == names.count)
    #expect(places.allSatisfy { $0.x > 400 })
    #expect(Set(places.map(\.y)).count == 2)
    #expect(Set(places.map { "\($0.x) \($0.y)" }).count == names.count)
  }

  /// The curves go from the left end of the axis to the right one, however little of the run is done.
  @Test(arguments: [2, 3, 40, 299, 301, 264_000, 800_000])
  func theAxisSpansWhatWasRun(steps: Int) throws {
    let drawing = Drawing(Self.panel(steps))
    #expect(drawing.curves.count == 2)
    for curve in drawing.curves {
      let places = curve.segments.compactMap { segment -> Double? in
        switch segment {
        case .move(let point), .line(let point): point.x
        case .curve, .close: nil
        }
      }
      #expect(places.first == 400 && places.last == 700)
      #expect(places == places.sorted() && places.count == min(steps, 300))
    }
    let end = steps < 800_000 ? "\(Written.count(steps)) of 800,000" : "800,000"
    #expect(drawing.texts.contains(end))
  }

  /// The name of the line to beat stands where no curve goes through it.
  @Test func theNameOfTheLineMakesRoomForTheCurve() throws {
    func place(_ losses: [Float]) throws -> String {
      let plan = RunPlan(images: 256, batch: 32, epochs: 100)
      let panel = TrainingPanel(
        title: "", progress: RunProgress(plan: plan, step: losses.count), status: .running,
        losses: losses, reference: 1)
      let (point, alignment) = try #require(Drawing(panel).places["constant predictor 1.00"])
      return "\(Int(point.x)) \(alignment.horizontal) \(alignment.vertical)"
    }
    #expect(try place([3, 1, 0.3, 0.3, 0.3]) == "700 right bottom")
    #expect(try place([3, 2, 1.1, 1.1, 1.1]) == "700 right top")
    // Through both places at the right end.
    #expect(try place([3, 3, 3, 1.3, 0.7, 1.3, 0.7]) == "400 left bottom")
  }

  @Test func oneStepIsADotAndNoneIsNothing() {
    #expect(Drawing(Self.panel(1)).dots == 2)
    #expect(Drawing(Self.panel(0)).dots == 0)
  }
}
