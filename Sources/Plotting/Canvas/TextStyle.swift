import CCairo

/// The look of a line of text, set in DejaVu Sans, which has Greek letters and mathematical signs.
public struct TextStyle: Sendable, Hashable {
  /// The size in points.
  public var size: Double
  /// Whether the letters are bold.
  public var isBold: Bool
  /// The colour of the letters.
  public var color: Color

  /// A style of the given size and colour.
  public init(size: Double, isBold: Bool = false, color: Color) {
    self.size = size
    self.isBold = isBold
    self.color = color
  }

  /// How far a line of text in a style reaches.
  public struct Extent: Sendable, Hashable {
    /// The advance to the right, in points.
    public var width: Double
    /// The reach of the font above the base line, in points.
    public var ascent: Double
    /// The reach of the font below the base line, in points.
    public var descent: Double

    /// The height of the line in points.
    public var height: Double { ascent + descent }
  }

  /// Measures one line of text.
  ///
  /// Hinting is off, so that the measure is the same for every canvas and every pixel density. Without Cairo
  /// it is nothing: the picture that it is for will be refused.
  public func extent(of text: String) -> Extent {
    guard CairoLibrary.problem == nil,
      let surface = cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1),
      let context = cairo_create(surface)
    else { return Extent(width: 0, ascent: size, descent: size / 4) }
    defer {
      cairo_destroy(context)
      cairo_surface_destroy(surface)
    }
    select(in: context)
    var words = cairo_text_extents_t()
    cairo_text_extents(context, Self.printable(text), &words)
    var font = cairo_font_extents_t()
    cairo_font_extents(context, &font)
    return Extent(width: words.x_advance, ascent: font.ascent, descent: font.descent)
  }

  /// The width of one line of text, in points.
  public func width(of text: String) -> Double { extent(of: text).width }

  /// The height of a line in points.
  public var lineHeight: Double { (size * 1.3).rounded(.up) }

  /// Where a text's base line begins, relative to the position it is aligned to.
  func offset(of text: String, alignment: Alignment) -> Point {
    let extent = extent(of: text)
    let x =
      switch alignment.horizontal {
      case .left: 0.0
      case .center: -extent.width / 2
      case .right: -extent.width
      }
    let y =
      switch alignment.vertical {
      case .top: extent.ascent
      // Half the height of a figure in DejaVu Sans, which is 0.73 of the size.
      case .middle: size * 0.365
      case .baseline: 0.0
      case .bottom: -extent.descent
      }
    return Point(x, y)
  }

  /// The text, shortened with "…" when it is wider than `width` points.
  func fitted(_ text: String, width: Double) -> String {
    guard self.width(of: text) > width else { return text }
    var letters = Array(text)
    while !letters.isEmpty {
      letters.removeLast()
      while letters.last == " " { letters.removeLast() }
      let shorter = String(letters) + "…"
      if self.width(of: shorter) <= width { return shorter }
    }
    return ""
  }

  /// The text broken at spaces into lines of at most `width` points and `limit` lines, the last of
  /// which is shortened if it must be.
  func wrapped(_ text: String, width: Double, limit: Int = 4) -> [String] {
    var lines: [String] = []
    var words = Self.printable(text).split(separator: " ")[...]
    while let first = words.popFirst() {
      if lines.count == limit - 1 {
        lines.append(fitted(([first] + words).joined(separator: " "), width: width))
        return lines
      }
      var line = String(first)
      while let next = words.first, self.width(of: line + " " + next) <= width {
        line += " " + next
        words.removeFirst()
      }
      lines.append(fitted(line, width: width))
    }
    return lines
  }

  /// Makes a drawing context write in this style.
  func select(in context: OpaquePointer) {
    cairo_select_font_face(
      context, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL,
      isBold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL)
    cairo_set_font_size(context, size)
    let options = cairo_font_options_create()
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY)
    cairo_set_font_options(context, options)
    cairo_font_options_destroy(options)
  }

  /// The text with line breaks and other control characters turned into spaces.
  static func printable(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
      return text
    }
    var result = ""
    for scalar in text.unicodeScalars {
      result.unicodeScalars.append(scalar.properties.generalCategory == .control ? " " : scalar)
    }
    return result
  }
}
