/// Points in the plane, coloured by class: projections of latents.
public struct ScatterChart: Figure {
  /// A small image drawn at its place in the plane.
  public struct Thumbnail: Sendable {
    /// Where the image stands, in the coordinates of the data.
    public var point: Point
    /// The image.
    public var bitmap: Bitmap
    /// The number of its class, which colours the frame.
    public var group: Int?

    /// An image at a point.
    public init(at point: Point, bitmap: Bitmap, group: Int? = nil) {
      self.point = point
      self.bitmap = bitmap
      self.group = group
    }
  }

  /// The bold line at the top.
  public var title: String
  /// The quieter line below the title; empty for none.
  public var subtitle: String
  /// The name of the horizontal axis: `"first principal component, 31 % of variance"`.
  public var xLabel: String
  /// The name of the vertical axis.
  public var yLabel: String
  /// The points; one whose coordinates are not finite is left out and counted in the words.
  public let points: [Point]
  /// The class of each point, counted from 0; empty when there are no classes.
  public let classes: [Int]
  /// The names of the classes.
  public let classNames: [String]
  /// Images to draw over the points; one that would cover an earlier one is left out.
  public var thumbnails: [Thumbnail]
  /// Whether a unit is as long upwards as to the right.
  public var hasEqualAspect: Bool
  /// The size in points.
  public var size: Size

  /// A chart of points.
  ///
  /// - Throws: `RenderingError.mismatch` when `classes` is neither empty nor as long as `points`, or
  ///   names a class that has no name.
  public init(
    title: String, subtitle: String = "", xLabel: String, yLabel: String, points: [Point],
    classes: [Int] = [], classNames: [String] = [], thumbnails: [Thumbnail] = [],
    hasEqualAspect: Bool = false, size: Size = Size(680, 480)
  ) throws(RenderingError) {
    guard classes.isEmpty || classes.count == points.count else {
      throw .mismatch(
        operation: "ScatterChart", expected: "one class for each of \(points.count) points",
        found: "\(classes.count) classes")
    }
    if let wrong = classes.first(where: { !classNames.indices.contains($0) }) {
      throw .mismatch(
        operation: "ScatterChart", expected: "classes from 0 to \(classNames.count - 1)",
        found: "class \(wrong)")
    }
    self.title = title
    self.subtitle = subtitle
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.points = points
    self.classes = classes
    self.classNames = classNames
    self.thumbnails = thumbnails
    self.hasEqualAspect = hasEqualAspect
    self.size = size
  }
}
