import Glibc

@testable import Plotting

/// One realistic figure of every kind, and the hard cases.
enum Samples {
  static let classNames = [
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag",
    "Ankle boot",
  ]

  /// Numbers that look like noise and are the same every time: a linear congruential generator.
  static func noise(_ count: Int) -> [Double] {
    var state: UInt64 = 7
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 33) / Double(1 << 30) - 1
    }
  }

  static let loss = zip(0..., noise(240)).map { step, noise in
    0.22 + 0.36 * exp(-Double(step) / 60) + 0.05 * noise
  }

  static func disc(_ width: Int = 28, _ height: Int = 28) throws -> Bitmap {
    try Bitmap(
      width: width, height: height,
      values: (0..<width * height).map { index -> Double in
        let (x, y) = (Double(index % width) + 0.5, Double(index / width) + 0.5)
        let distance = hypot(x - Double(width) / 2, y - Double(height) / 2)
        return 1 - distance / Double(max(width, height))
      })
  }

  static let bars: [BarChart.Bar] = [
    .init("raw pixels", value: 0.8123, isBaseline: true),
    .init("untrained encoder", value: 0.772, error: 0.011, isBaseline: true),
    .init("AET-projective, second block", value: 0.8561, error: 0.004),
  ]

  static func scatter(thumbnails: Bool = false, equal: Bool = false) throws -> ScatterChart {
    let noise = noise(1200)
    let points = (0..<400).map { index in
      Point(noise[3 * index] * 4 + Double(index % 10), noise[3 * index + 1] * 2)
    }
    let bitmap = try disc()
    return try ScatterChart(
      title: "Latents of 400 test images", subtitle: "AET encoder, second block",
      xLabel: "first principal component, 31 % of variance",
      yLabel: "second principal component, 17 % of variance", points: points,
      classes: (0..<400).map { $0 % 10 }, classNames: classNames,
      thumbnails: thumbnails
        ? (0..<60).map { .init(at: points[$0], bitmap: bitmap, group: $0 % 10) } : [],
      hasEqualAspect: equal)
  }

  static func frames() throws -> ImageSheet {
    let bitmap = try disc()
    let truth = [Point(-4, 2), Point(27, -3), Point(31, 25), Point(2, 30)]
    let prediction = [Point(-3, 3), Point(26, -1), Point(33, 26), Point(1, 29)]
    return ImageSheet(
      title: "Predicted transformations", subtitle: "mean corner error 1.9 px of 28",
      rows: (0..<3).map { _ in
        [
          .init(bitmap),
          .init(
            bitmap, caption: "1.9 px",
            outlines: [.init(truth, style: .truth), .init(prediction, style: .prediction)]),
          .init(bitmap),
        ]
      }, columnHeaders: ["original", "transformed", "prediction re-applied"], margin: 6,
      legend: [(.truth, "true frame"), (.prediction, "predicted frame")])
  }

  /// Every figure with a name for the messages of tests.
  static func all() throws -> [(name: String, figure: any Figure)] {
    let disc = try disc()
    let long = "a very long label that goes on and on, beyond what anyone would write in earnest"
    return [
      (
        "curve",
        LineChart(
          title: "AET-projective", subtitle: "10,000 images, 3 epochs, seed 1", xLabel: "step",
          yLabel: "mean squared error (whitened)",
          series: [.init("training loss", values: loss, start: 1, smoothing: 15)],
          references: [.init("constant predictor", value: 0.583)])
      ),
      (
        "logarithmic",
        LineChart(
          title: "Three seeds", xLabel: "epoch", yLabel: "loss (nats)",
          series: (1...3).map { seed in
            .init("seed \(seed)", values: (0..<40).map { pow(0.86, Double($0)) * Double(seed) })
          }, references: [.init("chance", value: 2.3026), .init("untrained", value: 1.9)],
          isLogarithmic: true)
      ),
      (
        "gaps",
        LineChart(
          title: "Gaps", xLabel: "step", yLabel: "value",
          series: [
            .init("gaps", values: [3, 4, .nan, 5, .nan, .infinity, 7, 8]),
            .init("single", points: [Point(4, 2)]), .init("constant", values: [6.0, 6, 6]),
            .init("empty", points: []),
          ])
      ),
      (
        "nothing",
        LineChart(title: "Nothing yet", xLabel: "step", yLabel: "loss", series: [])
      ),
      (
        "ranks",
        RankChart(
          title: "Codes", subtitle: "perplexity 60", xLabel: "codes by usage",
          yLabel: "share of all uses",
          values: (0..<96).map { $0 % 12 == 11 ? 0 : 0.08 / Double(1 + $0) },
          reference: .init("all alike", value: 1.0 / 96))
      ),
      (
        "no ranks", RankChart(title: "No codes", xLabel: "codes", yLabel: "share", values: [0, 0])
      ),
      (
        "long words",
        LineChart(
          title: long, subtitle: long + long, xLabel: long, yLabel: long,
          series: (0..<9).map { .init("\(long) \($0)", values: [1e9, 2e9, 1.5e9]) },
          references: [.init(long, value: 1.7e9)], size: Size(360, 520))
      ),
      ("scatter", try scatter()), ("thumbnails", try scatter(thumbnails: true, equal: true)),
      (
        "many classes",
        try ScatterChart(
          title: "Hundred classes", xLabel: "x", yLabel: "y",
          points: (0..<100).map { Point(Double($0), Double($0 % 7)) }, classes: Array(0..<100),
          classNames: (0..<100).map { "class \($0)" })
      ),
      (
        "no points",
        try ScatterChart(title: "", xLabel: "x", yLabel: "y", points: [Point(.nan, 1)])
      ),
      (
        "contact sheet",
        ImageSheet(
          title: "Fashion-MNIST", tiles: (0..<16).map { .init(disc, caption: classNames[$0 % 10]) })
      ),
      ("frames", try frames()),
      (
        "grid",
        ImageSheet(
          title: "Projective", rows: (0..<3).map { _ in (0..<6).map { _ in .init(disc) } },
          columnHeaders: ["original", "1", "2", "3", "4", "5"],
          rowHeaders: ["Ankle boot", "Pullover", long],
          groups: [.init("before"), .init("transformed", columns: 5)])
      ),
      ("no images", ImageSheet(title: "No images", tiles: [])),
      (
        "long captions",
        ImageSheet(
          title: "Many small tiles", tiles: (0..<20).map { .init(disc, caption: "\($0) \(long)") },
          columns: 10)
      ),
      ("bars", BarChart(title: "kNN", valueLabel: "accuracy", bars: bars)),
      (
        "standing bars",
        BarChart(
          title: "kNN", valueLabel: "accuracy",
          bars: bars + [.init("broken", value: .nan), .init("worse", value: -0.2, error: 0.05)],
          isHorizontal: false)
      ),
      (
        "lying negative bars",
        BarChart(
          title: "Change", valueLabel: "change (points)",
          bars: [.init("worse", value: -12, error: 3), .init("better", value: 8)])
      ),
      ("no bars", BarChart(title: "Nothing", valueLabel: "accuracy", bars: [])),
      (
        "histogram",
        Histogram(title: "Corner errors", xLabel: "corner error (pixels)", values: loss)
      ),
      ("constant histogram", Histogram(title: "", xLabel: "x", values: [3, 3, .nan])),
      ("no values", Histogram(title: "Nothing", xLabel: "x", values: [])),
      (
        "group",
        FigureGroup(
          title: "One run", .row,
          [
            BarChart(title: "kNN", valueLabel: "accuracy", bars: bars),
            Histogram(title: "Errors", xLabel: "pixels", values: loss),
          ])
      ),
      (
        "column",
        FigureGroup(.column, [try frames(), Histogram(title: "", xLabel: "x", values: loss)])
      ),
    ]
  }
}
