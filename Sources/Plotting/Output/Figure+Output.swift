import Glibc

extension Figure {
  /// The picture as a PNG file.
  ///
  /// The file carries the words for the picture (`Title`, `Description`) and its pixel density; the
  /// same figure always gives the same bytes. Outside of the background's round corners it is
  /// transparent.
  ///
  /// - Parameters:
  ///   - scale: pixels per point; 2 is sharp on dense screens.
  ///   - text: further entries by key, for example the cell that made the picture.
  ///   - compression: whether the file should be small, or soon there.
  /// - Throws: `RenderingError`.
  public func png(
    scale: Double = 2, text: [String: String] = [:], compression: Compression = .small
  ) throws(RenderingError) -> [UInt8] {
    let (width, height) = (
      (size.width * scale).rounded(.up), (size.height * scale).rounded(.up)
    )
    try check(width, height)
    let pixels = try Surface.pixels(
      width: Int(width), height: Int(height), scale: scale, draw: drawWithBackground)
    var entries = text
    if !title.isEmpty { entries["Title"] = entries["Title"] ?? title }
    entries["Description"] = entries["Description"] ?? alternativeText
    entries["Software"] = entries["Software"] ?? "Orbit"
    return try PNGEncoder.encode(
      rgba: pixels, width: Int(width), height: Int(height),
      pixelsPerMetre: Int((96 * scale / 0.0254).rounded()),
      texts: entries.sorted { $0.key < $1.key }.map { ($0.key, $0.value) },
      compression: compression)
  }

  /// The picture as an SVG document that can stand in a file or within a page.
  ///
  /// - Throws: `RenderingError`.
  public func svg() throws(RenderingError) -> String {
    try check(size.width, size.height)
    return SVGDocument.complete(
      try Surface.svg(size, draw: drawWithBackground), title: title, description: alternativeText)
  }

  /// The picture as a PDF document of one page.
  ///
  /// - Parameter keywords: what its entry of that name says, such as the cell that made the picture.
  /// - Throws: `RenderingError`.
  public func pdf(keywords: String = "") throws(RenderingError) -> [UInt8] {
    try check(size.width, size.height)
    return try Surface.pdf(
      size, title: title, description: alternativeText, keywords: keywords,
      draw: drawWithBackground)
  }

  /// Writes the picture to a file whose ending names the format: .png, .svg or .pdf.
  ///
  /// The file appears whole or not at all.
  ///
  /// - Throws: `RenderingError.unknownFormat`, `RenderingError.file`, or the fault of the drawing.
  public func write(to path: String) throws(RenderingError) {
    let bytes: [UInt8]
    switch path.split(separator: ".").last?.lowercased() {
    case "png": bytes = try png()
    case "svg": bytes = try Array(svg().utf8)
    case "pdf": bytes = try pdf()
    default: throw .unknownFormat(path: path)
    }
    try File.write(bytes, to: path)
  }

  private func check(_ width: Double, _ height: Double) throws(RenderingError) {
    let sides = 1...Double(Surface.limit)
    guard sides.contains(width), sides.contains(height) else {
      throw .size(width: width, height: height, limit: Surface.limit)
    }
    if let problem = CairoLibrary.problem {
      throw .drawing(
        format: "picture", reason: "it takes Cairo (\(problem)); orbit doctor names the package")
    }
  }

  private func drawWithBackground(on canvas: any Canvas) {
    canvas.fill(
      .rectangle(
        Rectangle(x: 0, y: 0, width: size.width, height: size.height), radius: Theme.cornerRadius),
      with: Theme.background)
    draw(on: canvas)
  }
}

/// Files of pictures.
enum File {
  /// Writes bytes to a temporary neighbour and renames it, so that no half file is ever seen.
  static func write(_ bytes: [UInt8], to path: String) throws(RenderingError) {
    let temporary = "\(path).\(getpid()).partial"
    func reason() -> String { String(cString: strerror(errno)) }
    guard let file = fopen(temporary, "wb") else { throw .file(path: path, reason: reason()) }
    let written = fwrite(bytes, 1, bytes.count, file)
    guard fclose(file) == 0, written == bytes.count, rename(temporary, path) == 0 else {
      let reason = reason()
      unlink(temporary)
      throw .file(path: path, reason: reason)
    }
  }
}
