import Glibc

/// A shape made of straight lines and Bézier curves, in points.
public struct Path: Sendable, Hashable {
  /// One step of the pen.
  public enum Segment: Sendable, Hashable {
    /// Lift the pen and put it down at a point.
    case move(Point)
    /// Draw a straight line to a point.
    case line(Point)
    /// Draw a cubic Bézier curve with two control points to an end point.
    case curve(Point, Point, Point)
    /// Return to the point of the last move.
    case close
  }

  /// The steps in drawing order.
  public private(set) var segments: [Segment] = []

  /// The empty path.
  public init() {}

  /// Whether nothing would be drawn.
  public var isEmpty: Bool { segments.isEmpty }

  /// Lifts the pen and puts it down at a point.
  public mutating func move(to point: Point) { segments.append(.move(point)) }

  /// Draws a straight line to a point.
  public mutating func line(to point: Point) { segments.append(.line(point)) }

  /// Draws a cubic Bézier curve to an end point.
  public mutating func curve(_ first: Point, _ second: Point, to end: Point) {
    segments.append(.curve(first, second, end))
  }

  /// Draws a part of a circle, clockwise on the canvas, angles in radians from the x axis.
  ///
  /// A pen that is down is joined to the start of the arc by a straight line. Every quarter becomes
  /// one Bézier curve, which differs from the circle by less than 0.03 % of the radius.
  public mutating func arc(center: Point, radius: Double, from start: Double, to end: Double) {
    let pieces = max(1, Int(((end - start).magnitude / (.pi / 2)).rounded(.up)))
    let step = (end - start) / Double(pieces)
    let handle = 4.0 / 3.0 * tan(step / 4) * radius
    func on(_ angle: Double) -> Point {
      Point(center.x + radius * cos(angle), center.y + radius * sin(angle))
    }
    if segments.isEmpty || segments.last == .close {
      move(to: on(start))
    } else {
      line(to: on(start))
    }
    for piece in 0..<pieces {
      let a = start + Double(piece) * step
      let b = a + step
      let (p, q) = (on(a), on(b))
      curve(
        p.moved(-handle * sin(a), handle * cos(a)), q.moved(handle * sin(b), -handle * cos(b)),
        to: q)
    }
  }

  /// Returns to the point of the last move.
  public mutating func close() { segments.append(.close) }

  /// Adds the steps of another path.
  public mutating func append(_ other: Path) { segments += other.segments }

  /// A straight line between two points.
  public static func line(_ start: Point, _ end: Point) -> Path { polyline([start, end]) }

  /// Straight lines through points; `closed` joins the last to the first.
  public static func polyline(_ points: [Point], closed: Bool = false) -> Path {
    var path = Path()
    for (index, point) in points.enumerated() {
      if index == 0 { path.move(to: point) } else { path.line(to: point) }
    }
    if closed, !points.isEmpty { path.close() }
    return path
  }

  /// A rectangle whose corners are rounded with the given radius in points.
  public static func rectangle(_ rectangle: Rectangle, radius: Double = 0) -> Path {
    let r = min(radius, rectangle.width / 2, rectangle.height / 2)
    guard r > 0 else {
      return polyline(
        [
          Point(rectangle.x, rectangle.y), Point(rectangle.right, rectangle.y),
          Point(rectangle.right, rectangle.bottom), Point(rectangle.x, rectangle.bottom),
        ], closed: true)
    }
    var path = Path()
    let corners: [(Point, Double)] = [
      (Point(rectangle.right - r, rectangle.y + r), -.pi / 2),
      (Point(rectangle.right - r, rectangle.bottom - r), 0),
      (Point(rectangle.x + r, rectangle.bottom - r), .pi / 2),
      (Point(rectangle.x + r, rectangle.y + r), .pi),
    ]
    for (center, angle) in corners {
      path.arc(center: center, radius: r, from: angle, to: angle + .pi / 2)
    }
    path.close()
    return path
  }

  /// A full circle.
  public static func circle(_ center: Point, radius: Double) -> Path {
    var path = Path()
    path.arc(center: center, radius: radius, from: 0, to: 2 * .pi)
    path.close()
    return path
  }
}
