/// Curves over a common horizontal axis: losses over steps, accuracies over epochs.
public struct LineChart: Figure {
  /// One curve.
  public struct Series: Sendable {
    /// The name in the legend.
    public var label: String
    /// The values in drawing order; a coordinate that is not finite leaves a gap.
    public var points: [Point]
    /// Which colour of the palette to draw in; `nil` takes the series' position in the chart.
    public var color: Int?
    /// How many neighbouring points the bold curve averages; below 2 the values themselves are
    /// drawn.
    public var smoothing: Int
    /// Whether the curve is dashed, to tell it from others in print.
    public var isDashed: Bool

    /// A curve through points.
    public init(
      _ label: String, points: [Point], color: Int? = nil, smoothing: Int = 1,
      isDashed: Bool = false
    ) {
      self.label = label
      self.points = points
      self.color = color
      self.smoothing = smoothing
      self.isDashed = isDashed
    }

    /// A curve through the values at x = 0, 1, 2 …, or at `start`, `start + step` ….
    public init<Values: Collection>(
      _ label: String, values: Values, start: Double = 0, step: Double = 1, color: Int? = nil,
      smoothing: Int = 1, isDashed: Bool = false
    ) where Values.Element: BinaryFloatingPoint {
      self.init(
        label,
        points: values.enumerated().map { Point(start + Double($0) * step, Double($1)) },
        color: color, smoothing: smoothing, isDashed: isDashed)
    }
  }

  /// A horizontal line to compare with, such as the constant predictor's loss.
  public struct Reference: Sendable {
    /// The words on the line; the value is added to them.
    public var label: String
    /// The height of the line.
    public var value: Double

    /// A line at a value.
    public init(_ label: String, value: Double) {
      self.label = label
      self.value = value
    }
  }

  /// The bold line at the top.
  public var title: String
  /// The quieter line below the title; empty for none.
  public var subtitle: String
  /// The name of the horizontal axis, with its unit.
  public var xLabel: String
  /// The name of the vertical axis, with its unit.
  public var yLabel: String
  /// The curves; later ones are drawn over earlier ones.
  public var series: [Series]
  /// The lines to compare with.
  public var references: [Reference]
  /// Whether the vertical axis is logarithmic; values that are not positive then leave gaps.
  public var isLogarithmic: Bool
  /// The size in points.
  public var size: Size

  /// A chart of curves.
  public init(
    title: String, subtitle: String = "", xLabel: String, yLabel: String, series: [Series],
    references: [Reference] = [], isLogarithmic: Bool = false, size: Size = Size(640, 380)
  ) {
    self.title = title
    self.subtitle = subtitle
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.series = series
    self.references = references
    self.isLogarithmic = isLogarithmic
    self.size = size
  }
}
