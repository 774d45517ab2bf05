import CCairo

/// The Cairo surface behind a picture: pixels in memory, or a growing SVG or PDF file.
enum Surface {
  /// The longest side of a picture, in pixels.
  static let limit = 16_384

  /// Draws on pixels and returns them as RGBA rows, opacity not multiplied into the colours.
  static func pixels(
    width: Int, height: Int, scale: Double, draw: (any Canvas) -> Void
  ) throws(RenderingError) -> [UInt8] {
    guard
      let surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, Int32(width), Int32(height))
    else { throw .drawing(format: "PNG", reason: "no surface") }
    defer { cairo_surface_destroy(surface) }
    try use(surface, format: "PNG", scale: scale, draw: draw)
    guard let data = cairo_image_surface_get_data(surface) else {
      throw .drawing(format: "PNG", reason: "the surface has no pixels")
    }
    let stride = Int(cairo_image_surface_get_stride(surface))
    return [UInt8](unsafeUninitializedCapacity: width * height * 4) { bytes, count in
      var at = 0
      for y in 0..<height {
        let row = UnsafeRawPointer(data + y * stride)
        for x in 0..<width {
          let pixel = row.load(fromByteOffset: x * 4, as: UInt32.self)
          let alpha = pixel >> 24
          for shift: UInt32 in [16, 8, 0] {
            let component = (pixel >> shift) & 0xFF
            bytes[at] =
              alpha == 255
              ? UInt8(component)
              : alpha == 0 ? 0 : UInt8(min(255, (component * 255 + alpha / 2) / alpha))
            at += 1
          }
          bytes[at] = UInt8(alpha)
          at += 1
        }
      }
      count = at
    }
  }

  /// Draws an SVG document and returns its bytes as Cairo writes them, in CSS pixels.
  static func svg(_ size: Size, draw: (any Canvas) -> Void) throws(RenderingError) -> [UInt8] {
    let sink = Sink()
    guard
      let surface = cairo_svg_surface_create_for_stream(
        Sink.append, sink.pointer, size.width, size.height)
    else { throw .drawing(format: "SVG", reason: "no surface") }
    defer { cairo_surface_destroy(surface) }
    cairo_svg_surface_set_document_unit(surface, CAIRO_SVG_UNIT_PX)
    try use(surface, format: "SVG", scale: 1, draw: draw)
    return sink.bytes
  }

  /// Draws a PDF document of one page; the date in it is fixed, so that equal pictures are equal
  /// files.
  static func pdf(
    _ size: Size, title: String, description: String, keywords: String,
    draw: (any Canvas) -> Void
  ) throws(RenderingError) -> [UInt8] {
    let sink = Sink()
    guard
      let surface = cairo_pdf_surface_create_for_stream(
        Sink.append, sink.pointer, size.width, size.height)
    else { throw .drawing(format: "PDF", reason: "no surface") }
    defer { cairo_surface_destroy(surface) }
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, title)
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_SUBJECT, description)
    if !keywords.isEmpty {
      cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_KEYWORDS, keywords)
    }
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "Orbit")
    cairo_pdf_surface_set_metadata(
      surface, CAIRO_PDF_METADATA_CREATE_DATE, "2000-01-01T00:00:00Z")
    try use(surface, format: "PDF", scale: 1, draw: draw)
    return sink.bytes
  }

  /// Draws on a surface, finishes it, and reports the first fault that happened on the way.
  private static func use(
    _ surface: OpaquePointer, format: String, scale: Double, draw: (any Canvas) -> Void
  ) throws(RenderingError) {
    guard let context = cairo_create(surface) else {
      throw .drawing(format: format, reason: "no context")
    }
    cairo_scale(context, scale, scale)
    draw(CairoCanvas(context: context))
    var status = cairo_status(context)
    cairo_destroy(context)
    cairo_surface_flush(surface)
    if format != "PNG" { cairo_surface_finish(surface) }
    if status == CAIRO_STATUS_SUCCESS { status = cairo_surface_status(surface) }
    guard status == CAIRO_STATUS_SUCCESS else {
      throw .drawing(format: format, reason: String(cString: cairo_status_to_string(status)))
    }
  }

  /// Collects what Cairo writes.
  private final class Sink {
    var bytes: [UInt8] = []

    var pointer: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

    static let append: cairo_write_func_t = { closure, data, length in
      guard let closure, let data else { return CAIRO_STATUS_WRITE_ERROR }
      Unmanaged<Sink>.fromOpaque(closure).takeUnretainedValue().bytes
        .append(contentsOf: UnsafeBufferPointer(start: data, count: Int(length)))
      return CAIRO_STATUS_SUCCESS
    }
  }
}
