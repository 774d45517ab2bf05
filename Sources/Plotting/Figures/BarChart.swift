/// Bars with their values: accuracies side by side.
public struct BarChart: Figure {
  /// One bar.
  public struct Bar: Sendable {
    /// The name beside the bar.
    public var label: String
    /// The length of the bar; one that is not finite leaves the place empty.
    public var value: Double
    /// Half the length of the error bar, for example a standard deviation; `nil` for none.
    public var error: Double?
    /// Which colour of the palette to draw in; `nil` takes the first.
    public var color: Int?
    /// Whether the bar is there to compare with, and steps back in grey.
    public var isBaseline: Bool

    /// A bar of a length.
    public init(
      _ label: String, value: Double, error: Double? = nil, color: Int? = nil,
      isBaseline: Bool = false
    ) {
      self.label = label
      self.value = value
      self.error = error
      self.color = color
      self.isBaseline = isBaseline
    }
  }

  /// The bold line at the top.
  public var title: String
  /// The quieter line below the title; empty for none.
  public var subtitle: String
  /// The name of the axis of values, with its unit.
  public var valueLabel: String
  /// The bars, from the top or from the left.
  public var bars: [Bar]
  /// The number of digits after the point in the written values; `nil` chooses.
  public var decimals: Int?
  /// Whether the bars lie, with their names on the left, or stand, with their names below.
  public var isHorizontal: Bool
  /// The size in points.
  public var size: Size

  /// A chart of bars; without a size, lying bars make it as high as they need.
  public init(
    title: String, subtitle: String = "", valueLabel: String, bars: [Bar], decimals: Int? = nil,
    isHorizontal: Bool = true, size: Size? = nil
  ) {
    self.title = title
    self.subtitle = subtitle
    self.valueLabel = valueLabel
    self.bars = bars
    self.decimals = decimals
    self.isHorizontal = isHorizontal
    self.size = size ?? Size(640, isHorizontal ? 124 + 34 * Double(max(bars.count, 1)) : 380)
  }
}
