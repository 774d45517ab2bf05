/// A position on a canvas, or in the coordinates of the data.
///
/// On a canvas the unit is the point (1/72 inch on paper, one CSS pixel on screen), x grows to the
/// right and y grows downwards.
public struct Point: Sendable, Hashable {
  /// The horizontal coordinate.
  public var x: Double
  /// The vertical coordinate.
  public var y: Double

  /// The position (x, y).
  public init(_ x: Double, _ y: Double) {
    self.x = x
    self.y = y
  }

  /// The position moved by (x, y).
  func moved(_ x: Double, _ y: Double) -> Point { Point(self.x + x, self.y + y) }
}

/// A width and a height, in points.
public struct Size: Sendable, Hashable {
  /// The width in points.
  public var width: Double
  /// The height in points.
  public var height: Double

  /// The size width × height.
  public init(_ width: Double, _ height: Double) {
    self.width = width
    self.height = height
  }
}

/// An upright rectangle on a canvas, in points.
public struct Rectangle: Sendable, Hashable {
  /// The left edge.
  public var x: Double
  /// The top edge.
  public var y: Double
  /// The extent to the right.
  public var width: Double
  /// The extent downwards.
  public var height: Double

  /// The rectangle whose top left corner is (x, y).
  public init(x: Double, y: Double, width: Double, height: Double) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  /// The right edge.
  public var right: Double { x + width }
  /// The bottom edge.
  public var bottom: Double { y + height }
  /// The point in the middle.
  public var center: Point { Point(x + width / 2, y + height / 2) }

  /// Whether two rectangles share more than an edge.
  public func overlaps(_ other: Rectangle) -> Bool {
    x < other.right && other.x < right && y < other.bottom && other.y < bottom
  }

  /// Whether the other rectangle lies inside this one, edges included.
  public func contains(_ other: Rectangle) -> Bool {
    let slack = 1e-6
    return other.x >= x - slack && other.right <= right + slack && other.y >= y - slack
      && other.bottom <= bottom + slack
  }

  /// Whether a point lies inside, edges included.
  public func contains(_ point: Point) -> Bool {
    point.x >= x && point.x <= right && point.y >= y && point.y <= bottom
  }

  /// The rectangle grown by `amount` on every side; a negative amount shrinks it.
  public func grown(by amount: Double) -> Rectangle {
    Rectangle(
      x: x - amount, y: y - amount, width: width + 2 * amount, height: height + 2 * amount)
  }

  /// The rectangle moved by (x, y).
  func moved(_ x: Double, _ y: Double) -> Rectangle {
    Rectangle(x: self.x + x, y: self.y + y, width: width, height: height)
  }
}
