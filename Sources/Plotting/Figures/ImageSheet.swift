/// Images in a grid: contact sheets, transformation grids, reconstructions, predicted frames.
public struct ImageSheet: Figure {
  /// A polygon over an image.
  public struct Outline: Sendable {
    /// How an outline is drawn.
    public enum Style: Sendable, Hashable {
      /// Solid, in the colour of true values.
      case truth
      /// Dashed, in the colour of predictions.
      case prediction
      /// Thin and without a dot, in the colour of predictions: how far off they may be.
      case deviation
      /// Solid, in a colour of the palette.
      case color(Int)
    }

    /// The corners in pixels of the image.
    ///
    /// (0, 0) is the top left corner of the first pixel and
    /// (width, height) the bottom right corner of the last. They may lie outside the image.
    public var points: [Point]
    /// How the outline is drawn.
    public var style: Style

    /// A closed polygon.
    ///
    /// Its first corner carries a dot, so that turned and mirrored frames show.
    public init(_ points: [Point], style: Style) {
      self.points = points
      self.style = style
    }
  }

  /// One place of the grid.
  public struct Tile: Sendable {
    /// The image; `nil` leaves the place empty.
    public var bitmap: Bitmap?
    /// A few words below the image; empty for none.
    public var caption: String
    /// Polygons over the image.
    public var outlines: [Outline]

    /// A tile with an image.
    public init(_ bitmap: Bitmap?, caption: String = "", outlines: [Outline] = []) {
      self.bitmap = bitmap
      self.caption = caption
      self.outlines = outlines
    }
  }

  /// Neighbouring columns under a common heading.
  public struct Group: Sendable {
    /// The heading.
    public var title: String
    /// The number of columns below it.
    public var columns: Int

    /// A heading over a number of columns.
    public init(_ title: String, columns: Int = 1) {
      self.title = title
      self.columns = columns
    }
  }

  /// The bold line at the top; empty for none.
  public var title: String
  /// The quieter line below the title; empty for none.
  public var subtitle: String
  /// The tiles, row by row; rows may differ in length.
  public var rows: [[Tile]]
  /// Words above the columns.
  public var columnHeaders: [String]
  /// Words left of the rows.
  public var rowHeaders: [String]
  /// Columns that belong together, from the left, set apart by a wider gap.
  public var groups: [Group]
  /// How much of the surroundings is shown around each image, in pixels of the image.
  public var margin: Int
  /// The names of outline styles, shown in the legend.
  public var legend: [(style: Outline.Style, label: String)]
  /// How many points a pixel of an image takes; `nil` chooses by the number of columns.
  public var pixelSize: Int?

  /// A sheet of rows.
  public init(
    title: String = "", subtitle: String = "", rows: [[Tile]], columnHeaders: [String] = [],
    rowHeaders: [String] = [], groups: [Group] = [], margin: Int = 0,
    legend: [(style: Outline.Style, label: String)] = [], pixelSize: Int? = nil
  ) {
    self.title = title
    self.subtitle = subtitle
    self.rows = rows
    self.columnHeaders = columnHeaders
    self.rowHeaders = rowHeaders
    self.groups = groups
    self.margin = max(0, margin)
    self.legend = legend
    self.pixelSize = pixelSize
  }

  /// A contact sheet: tiles in reading order in rows of `columns`; `nil` chooses a number.
  public init(
    title: String = "", subtitle: String = "", tiles: [Tile], columns: Int? = nil,
    pixelSize: Int? = nil
  ) {
    let columns = max(1, columns ?? Self.columns(for: tiles.count))
    self.init(
      title: title, subtitle: subtitle,
      rows: stride(from: 0, to: tiles.count, by: columns).map { start in
        Array(tiles[start..<min(start + columns, tiles.count)])
      }, pixelSize: pixelSize)
  }

  /// A number of columns that makes full, wide rows: at most 10, and few empty places at the end.
  static func columns(for count: Int) -> Int {
    guard count > 10 else { return max(count, 1) }
    return (5...10).min { a, b in
      let (emptyA, emptyB) = ((a - count % a) % a, (b - count % b) % b)
      return emptyA != emptyB ? emptyA < emptyB : a > b
    } ?? 10
  }
}
