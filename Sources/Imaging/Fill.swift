/// What stands where a transformed image would show something from beyond its frame.
///
/// Out-of-frame pixels betray the transformation: from their outline alone, translation and scale
/// can be read off without a look at the content. The modes differ in how much they give away.
public enum Fill: Sendable, Hashable, CustomStringConvertible {
  /// One value everywhere beyond the frame; at the frame's edge it is interpolated with the
  /// pixels.
  ///
  /// In published mode the edge is hard instead, as Pillow draws it: a position inside the frame
  /// takes the nearest pixels, a position outside takes the value.
  case constant(Float)
  /// The image mirrored at the edges of its frame (at -1/2 and W - 1/2, so edge pixels repeat).
  case reflect
  /// The nearest pixel of the image.
  case clamp
  /// Independent noise, uniform in [0, 1), one draw for every output pixel and channel.
  case noise
  /// The image is a canvas and both views are crops of it: a view shows the middle `view` of the
  /// canvas's height and width, enlarged to the full size, and the transformed view moves that
  /// window over the canvas, so that what comes into view is real image.
  ///
  /// Where a window leaves even the canvas, the canvas is mirrored. Both views are interpolated
  /// alike, so the traces of interpolation give nothing away either.
  case crop(view: Float)

  /// The grey of the released AET code, 128 of 255.
  public static let grey = Fill.constant(128.0 / 255)
  /// Views that show the middle half of the canvas's height and width.
  public static let halfView = Fill.crop(view: 0.5)

  /// The mode in a few words.
  public var description: String {
    switch self {
    case .constant(let value): "constant \(value)"
    case .reflect: "reflect"
    case .clamp: "clamp"
    case .noise: "noise"
    case .crop(let view): "crop of \(view)"
    }
  }

  /// The part of the canvas that a view shows, in [0, 1].
  var view: Double {
    guard case .crop(let view) = self else { return 1 }
    return Double(view)
  }
}

/// How a family draws its transformations and writes them as regression targets.
public enum Convention: String, Sendable, Hashable, CaseIterable {
  /// The frame's true centre, continuous draws, targets in normalised coordinates, whitening from
  /// the sampler.
  case centred
  /// The released AET code (Zhang et al., 2019): centre at W/2 + 1/2, integer translations and
  /// jitter, targets in pixels with the published constants, grey fill with a hard edge.
  case published
}
