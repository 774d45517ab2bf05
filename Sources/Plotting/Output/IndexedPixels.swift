/// Pixels as places in a palette of at most 256 colours.
///
/// Charts have few colours and many rare shades between them, where edges are smoothed and
/// translucent points overlap. Up to 256 colours are kept exactly; more are brought together as
/// long as nearly every pixel stays as it is. Pictures that need more colours, such as photographs,
/// have no palette.
struct IndexedPixels {
  /// The colours, four bytes each: red, green, blue, opacity.
  let palette: [UInt8]
  /// The place of each pixel's colour.
  let indices: [UInt8]

  /// The largest change of a component in any pixel, of 255.
  static let tolerance: UInt8 = 28
  /// A colour is frequent when it covers at least one in this many pixels.
  static let frequent = 2000
  /// The largest mean change of the component that changes most, over all pixels, of 255.
  static let meanTolerance = 1.0

  /// Finds a palette for RGBA bytes, or `nil` when none is good enough.
  init?(rgba: [UInt8]) {
    guard let (colors, counts, places) = Self.colors(of: rgba) else { return nil }
    var group = [UInt8](repeating: 0, count: colors.count)
    var palette: [UInt8] = []
    let groups = Self.groups(of: colors, counts: counts, pixels: places.count)
    var change = 0
    for (number, members) in groups.enumerated() {
      let color = Self.representative(members, colors, counts)
      for component in 0..<4 { palette.append(color[component]) }
      for member in members {
        let distance = Self.distance(colors[member], color)
        guard distance <= Self.tolerance else { return nil }
        change += Int(distance) * counts[member]
        group[member] = UInt8(number)
      }
    }
    guard Double(change) <= Self.meanTolerance * Double(places.count) else { return nil }
    self.palette = palette
    indices = places.map { group[Int($0)] }
  }

  private static func distance(_ a: SIMD4<UInt8>, _ b: SIMD4<UInt8>) -> UInt8 {
    (pointwiseMax(a, b) &- pointwiseMin(a, b)).max()
  }

  /// The different colours in order of appearance, how often each occurs, and the place of each
  /// pixel's colour; `nil` when there are so many that no palette will do.
  private static func colors(
    of rgba: [UInt8]
  ) -> (colors: [SIMD4<UInt8>], counts: [Int], places: [UInt16])? {
    var numbers: [SIMD4<UInt8>: UInt16] = [:]
    var colors: [SIMD4<UInt8>] = []
    var counts: [Int] = []
    var places: [UInt16] = []
    places.reserveCapacity(rgba.count / 4)
    var (last, lastNumber) = (SIMD4<UInt8>(), UInt16(0))
    for at in stride(from: 0, to: rgba.count, by: 4) {
      let color = SIMD4(rgba[at], rgba[at + 1], rgba[at + 2], rgba[at + 3])
      if color != last || places.isEmpty {
        last = color
        if let number = numbers[color] {
          lastNumber = number
        } else {
          guard colors.count < 40_000 else { return nil }
          lastNumber = UInt16(colors.count)
          numbers[color] = lastNumber
          colors.append(color)
          counts.append(0)
        }
      }
      counts[Int(lastNumber)] += 1
      places.append(lastNumber)
    }
    return (colors, counts, places)
  }

  /// Divides the colours into at most 256 groups.
  ///
  /// The most frequent colours stay alone. Always the group that reaches farthest in a component is
  /// cut there in the middle, so that no colour ends far from the others of its group. Pure greys
  /// have groups of their own, and finer ones, since a tint or a step in a grey image is seen
  /// first.
  private static func groups(of colors: [SIMD4<UInt8>], counts: [Int], pixels: Int) -> [[Int]] {
    guard colors.count > 256 else { return colors.indices.map { [$0] } }
    var isAlone = [Bool](repeating: false, count: colors.count)
    let frequent = colors.indices.filter { counts[$0] * Self.frequent >= pixels }
      .sorted { (counts[$0], $1) > (counts[$1], $0) }
    for index in frequent.prefix(64) { isAlone[index] = true }
    func isGray(_ index: Int) -> Bool {
      colors[index][0] == colors[index][1] && colors[index][1] == colors[index][2]
    }
    let others = colors.indices.filter { !isAlone[$0] }
    var groups = [others.filter(isGray), others.filter { !isGray($0) }].filter { !$0.isEmpty }
    groups += colors.indices.filter { isAlone[$0] }.map { [$0] }
    var reaches = groups.map { reach($0, colors, weight: isGray($0[0]) ? 4 : 1) }
    while groups.count < 256 {
      guard let widest = groups.indices.max(by: { reaches[$0].weighted < reaches[$1].weighted }),
        reaches[widest].weighted > 0
      else { break }
      let (component, middle, _) = reaches[widest]
      let members = groups[widest]
      let weight = isGray(members[0]) ? 4 : 1
      groups[widest] = members.filter { Int(colors[$0][component]) <= middle }
      groups.append(members.filter { Int(colors[$0][component]) > middle })
      reaches[widest] = reach(groups[widest], colors, weight: weight)
      reaches.append(reach(groups[groups.count - 1], colors, weight: weight))
    }
    return groups
  }

  /// The component in which some colours differ most, the middle of their range there, and the
  /// range's length times the weight.
  private static func reach(
    _ members: [Int], _ colors: [SIMD4<UInt8>], weight: Int
  ) -> (component: Int, middle: Int, weighted: Int) {
    var low = SIMD4<UInt8>(repeating: 255)
    var high = SIMD4<UInt8>()
    for member in members {
      low = pointwiseMin(low, colors[member])
      high = pointwiseMax(high, colors[member])
    }
    let spread = high &- low
    let component = (0..<4).max { spread[$0] < spread[$1] } ?? 0
    return (
      component, (Int(low[component]) + Int(high[component])) / 2, Int(spread[component]) * weight
    )
  }

  /// The colour of a group: its most frequent one if most pixels have it, else the middle of its
  /// range.
  private static func representative(
    _ members: [Int], _ colors: [SIMD4<UInt8>], _ counts: [Int]
  ) -> SIMD4<UInt8> {
    let total = members.reduce(0) { $0 + counts[$1] }
    if let most = members.max(by: { counts[$0] < counts[$1] }), 2 * counts[most] >= total,
      members.allSatisfy({ distance(colors[$0], colors[most]) <= tolerance })
    {
      return colors[most]
    }
    var low = SIMD4<UInt8>(repeating: 255)
    var high = SIMD4<UInt8>()
    for member in members {
      low = pointwiseMin(low, colors[member])
      high = pointwiseMax(high, colors[member])
    }
    return low &+ (high &- low) / 2
  }
}
