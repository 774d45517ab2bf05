import CCairo
import Glibc

/// The canvas on a Cairo context: the same drawing for pixels, SVG and PDF.
final class CairoCanvas: Canvas {
  private let context: OpaquePointer

  /// A canvas that draws with a context, which must outlive it.
  init(context: OpaquePointer) { self.context = context }

  func fill(_ path: Path, with color: Color) {
    trace(path)
    use(color)
    cairo_fill(context)
  }

  func stroke(_ path: Path, with stroke: Stroke) {
    trace(path)
    use(stroke.color)
    cairo_set_line_width(context, stroke.width)
    cairo_set_dash(context, stroke.dash, Int32(stroke.dash.count), 0)
    cairo_set_line_cap(
      context, stroke.cap == .round ? CAIRO_LINE_CAP_ROUND : CAIRO_LINE_CAP_BUTT)
    cairo_set_line_join(
      context, stroke.cap == .round ? CAIRO_LINE_JOIN_ROUND : CAIRO_LINE_JOIN_MITER)
    cairo_stroke(context)
  }

  func text(
    _ text: String, at position: Point, style: TextStyle, alignment: Alignment, rotation: Double
  ) {
    let offset = style.offset(of: text, alignment: alignment)
    cairo_save(context)
    defer { cairo_restore(context) }
    cairo_translate(context, position.x, position.y)
    cairo_rotate(context, rotation)
    style.select(in: context)
    use(style.color)
    cairo_move_to(context, offset.x, offset.y)
    cairo_show_text(context, TextStyle.printable(text))
  }

  func image(_ bitmap: Bitmap, in rectangle: Rectangle) {
    guard
      let surface = cairo_image_surface_create(
        CAIRO_FORMAT_RGB24, Int32(bitmap.width), Int32(bitmap.height))
    else { return }
    defer { cairo_surface_destroy(surface) }
    guard let data = cairo_image_surface_get_data(surface) else { return }
    let stride = Int(cairo_image_surface_get_stride(surface))
    for y in 0..<bitmap.height {
      let row = UnsafeMutableRawPointer(data + y * stride)
      for x in 0..<bitmap.width {
        let at = (y * bitmap.width + x) * bitmap.channels
        let (r, g, b) =
          bitmap.channels == 3
          ? (bitmap.pixels[at], bitmap.pixels[at + 1], bitmap.pixels[at + 2])
          : (bitmap.pixels[at], bitmap.pixels[at], bitmap.pixels[at])
        row.storeBytes(
          of: 0xFF00_0000 | UInt32(r) << 16 | UInt32(g) << 8 | UInt32(b), toByteOffset: x * 4,
          as: UInt32.self)
      }
    }
    cairo_surface_mark_dirty(surface)
    cairo_save(context)
    defer { cairo_restore(context) }
    cairo_translate(context, rectangle.x, rectangle.y)
    cairo_scale(
      context, rectangle.width / Double(bitmap.width), rectangle.height / Double(bitmap.height))
    cairo_set_source_surface(context, surface, 0, 0)
    let pattern = cairo_get_source(context)
    let enlarges = rectangle.width >= Double(bitmap.width)
    cairo_pattern_set_filter(pattern, enlarges ? CAIRO_FILTER_NEAREST : CAIRO_FILTER_GOOD)
    cairo_pattern_set_extend(pattern, CAIRO_EXTEND_PAD)
    cairo_rectangle(context, 0, 0, Double(bitmap.width), Double(bitmap.height))
    cairo_fill(context)
  }

  func clipped(to path: Path, _ body: () -> Void) {
    cairo_save(context)
    defer { cairo_restore(context) }
    trace(path)
    cairo_clip(context)
    body()
  }

  func faded(to opacity: Double, _ body: () -> Void) {
    cairo_push_group(context)
    body()
    cairo_pop_group_to_source(context)
    cairo_paint_with_alpha(context, opacity)
  }

  func moved(by x: Double, _ y: Double, _ body: () -> Void) {
    cairo_save(context)
    defer { cairo_restore(context) }
    cairo_translate(context, x, y)
    body()
  }

  private func use(_ color: Color) {
    cairo_set_source_rgba(context, color.red, color.green, color.blue, color.opacity)
  }

  private func trace(_ path: Path) {
    cairo_new_path(context)
    for segment in path.segments {
      switch segment {
      case .move(let p): cairo_move_to(context, p.x, p.y)
      case .line(let p): cairo_line_to(context, p.x, p.y)
      case .curve(let a, let b, let p): cairo_curve_to(context, a.x, a.y, b.x, b.y, p.x, p.y)
      case .close: cairo_close_path(context)
      }
    }
  }
}
