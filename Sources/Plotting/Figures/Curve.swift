/// A run of values along x: averaging over neighbours, and thinning to what a picture can show.
enum Curve {
  /// Averages each value with its neighbours in a centred window of `count` points.
  ///
  /// At the ends, and beside gaps, the window holds what there is. Gaps stay gaps.
  static func smoothed(_ points: [Point], over count: Int) -> [Point] {
    guard count >= 2 else { return points }
    let half = count / 2
    var sums = [0.0]
    var counts = [0]
    for point in points {
      let finite = point.y.isFinite
      sums.append((sums.last ?? 0) + (finite ? point.y : 0))
      counts.append((counts.last ?? 0) + (finite ? 1 : 0))
    }
    return points.indices.map { index in
      guard points[index].y.isFinite else { return points[index] }
      let low = max(0, index - half)
      let high = min(points.count, index - half + count)
      return Point(
        points[index].x, (sums[high] - sums[low]) / Double(max(1, counts[high] - counts[low])))
    }
  }

  /// Splits a curve at the points that cannot be drawn.
  static func pieces(of points: [Point], where isDrawable: (Point) -> Bool) -> [[Point]] {
    points.split(whereSeparator: { !isDrawable($0) }).map(Array.init)
  }

  /// Thins a long curve of canvas points to as many as can be seen.
  ///
  /// The first, lowest, highest and last of every half point of width draw the same picture. Curves
  /// that run back and forth are left as they are.
  static func thinned(_ points: [Point], width: Double) -> [Point] {
    let columns = max(1, Int(width * 2))
    guard points.count > 4 * columns, let first = points.first, let last = points.last,
      last.x > first.x, zip(points, points.dropFirst()).allSatisfy({ $0.x <= $1.x })
    else { return points }
    var result: [Point] = []
    var start = 0
    while start < points.count {
      let column = Int(points[start].x * 2)
      var (end, low, high) = (start, start, start)
      while end < points.count, Int(points[end].x * 2) == column {
        if points[end].y < points[low].y { low = end }
        if points[end].y > points[high].y { high = end }
        end += 1
      }
      for index in Set([start, low, high, end - 1]).sorted() { result.append(points[index]) }
      start = end
    }
    return result
  }
}
