/// The lines above a figure's content: title, subtitle and legend.
struct Header: Sendable {
  let titleLines: [String]
  let subtitleLines: [String]
  let legend: Legend
  /// The height that the header takes, the distance to the content included.
  let height: Double
  /// The place of the legend on the figure.
  let legendFrame: Rectangle
  private let origin: Point
  private let titleStyle: TextStyle

  /// A header at the top of a figure of the given width.
  init(
    title: String, subtitle: String, legend entries: [Legend.Entry] = [], width: Double,
    style: TextStyle = Theme.title
  ) {
    titleStyle = style
    let inner = max(40, width - 2 * Theme.padding)
    origin = Point(Theme.padding, Theme.padding - 2)
    titleLines = style.wrapped(title, width: inner, limit: 2)
    subtitleLines = Theme.subtitle.wrapped(subtitle, width: inner, limit: 3)
    legend = Legend(row: entries, width: inner)
    var y = origin.y
    y += Double(titleLines.count) * style.lineHeight
    if !subtitleLines.isEmpty {
      y += 1 + Double(subtitleLines.count) * Theme.subtitle.lineHeight
    }
    let hasWords = !titleLines.isEmpty || !subtitleLines.isEmpty
    if hasWords, legend.size.height > 0 { y += 5 }
    legendFrame = Rectangle(
      x: origin.x, y: y, width: legend.size.width, height: legend.size.height)
    y += legend.size.height
    height = hasWords || legend.size.height > 0 ? y + 14 : Theme.padding
  }

  func draw(on canvas: any Canvas) {
    var y = origin.y
    for line in titleLines {
      canvas.text(
        line, at: Point(origin.x, y), style: titleStyle, alignment: Alignment(.left, .top))
      y += titleStyle.lineHeight
    }
    y += 1
    for line in subtitleLines {
      canvas.text(
        line, at: Point(origin.x, y), style: Theme.subtitle, alignment: Alignment(.left, .top))
      y += Theme.subtitle.lineHeight
    }
    legend.draw(on: canvas, at: Point(legendFrame.x, legendFrame.y))
  }
}
