/// How often values fall into equal bins.
public struct Histogram: Figure {
  /// A distribution to compare with, drawn as a line over the bins.
  public struct Curve: Sendable {
    /// The name in the legend.
    public var label: String
    /// The density at a value; its integral is 1.
    public var density: @Sendable (Double) -> Double

    /// A named density.
    public init(_ label: String, density: @escaping @Sendable (Double) -> Double) {
      self.label = label
      self.density = density
    }
  }

  /// The bold line at the top.
  public var title: String
  /// The quieter line below the title; empty for none.
  public var subtitle: String
  /// The name of the values, with their unit.
  public var xLabel: String
  /// The values; those that are not finite are left out and counted in the words.
  public var values: [Double]
  /// About how many bins; `nil` follows the rule of Freedman and Diaconis (1981).
  public var bins: Int?
  /// A distribution to compare with, scaled to the number of values; `nil` for none.
  public var curve: Curve?
  /// The size in points.
  public var size: Size

  /// A histogram of values.
  public init(
    title: String, subtitle: String = "", xLabel: String, values: [Double], bins: Int? = nil,
    curve: Curve? = nil, size: Size = Size(640, 340)
  ) {
    self.title = title
    self.subtitle = subtitle
    self.xLabel = xLabel
    self.values = values
    self.bins = bins
    self.curve = curve
    self.size = size
  }
}
