/// The shape of a point, so that colour is not the only thing that tells classes apart.
enum Mark: Sendable {
  case circle
  case diamond
  case square
  case none

  /// The shape for a class: the first five colours of the palette are circles, their paler or
  /// darker relatives diamonds.
  static func of(_ index: Int) -> Mark { (index / 5).isMultiple(of: 2) ? .circle : .diamond }

  /// The outline of the shape with about the area of a circle of the given radius.
  func path(at center: Point, radius: Double) -> Path {
    switch self {
    case .circle: return .circle(center, radius: radius)
    case .diamond:
      let r = radius * 1.25
      return .polyline(
        [center.moved(0, -r), center.moved(r, 0), center.moved(0, r), center.moved(-r, 0)],
        closed: true)
    case .square:
      let r = radius * 0.95
      return .rectangle(
        Rectangle(x: center.x - r, y: center.y - r, width: 2 * r, height: 2 * r), radius: 1.5)
    case .none: return Path()
    }
  }

  func draw(on canvas: any Canvas, at center: Point, radius: Double, color: Color) {
    guard case let path = path(at: center, radius: radius), !path.isEmpty else { return }
    canvas.fill(path, with: color)
  }
}
