/// How often values fall into equal bins.
public struct Histogram: Figure {
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
  /// The size in points.
  public var size: Size

  /// A histogram of values.
  public init(
    title: String, subtitle: String = "", xLabel: String, values: [Double], bins: Int? = nil,
    size: Size = Size(640, 340)
  ) {
    self.title = title
    self.subtitle = subtitle
    self.xLabel = xLabel
    self.values = values
    self.bins = bins
    self.size = size
  }
}
