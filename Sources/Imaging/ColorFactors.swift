public import Tensors

/// One of the four blends that change an image's colours: out = d + f (image - d), clamped to 0...1, with
/// a degenerate image d and a factor f, as Pillow's `ImageEnhance` has them.
///
/// The factor 1 changes nothing, 0 gives the degenerate image, above 1 it is left behind. The cases stand
/// in the order in which they are applied, that of the released code of EnAET (Wang et al., 2020).
public enum ColorBlend: String, Sendable, Hashable, CaseIterable {
  /// d is the grey image, 0.299 R + 0.587 G + 0.114 B; grey images have none.
  case saturation
  /// d is the mean of the grey image everywhere.
  case contrast
  /// d is black.
  case brightness
  /// d is smoothed by the window (1, 1, 1; 1, 5, 1; 1, 1, 1) / 13; the border's pixels stay.
  case sharpness
}

/// The factors of the four blends.
///
/// They compose by multiplication. As long as nothing is clamped that is exact for saturation, contrast
/// and brightness, which also commute; two changes of sharpness multiply where the window keeps a
/// frequency or erases it, and nearly so between.
public struct ColorFactors: Sendable, Hashable {
  /// In the order of `ColorBlend`.
  private var values: SIMD4<Float>

  private init(values: SIMD4<Float>) { self.values = values }

  /// Takes the four factors.
  ///
  /// - Throws: `TensorError.argument` when one is not positive and finite: a factor of 0 cannot be
  ///   undone.
  public init(
    saturation: Float = 1, contrast: Float = 1, brightness: Float = 1, sharpness: Float = 1
  ) throws(TensorError) {
    values = SIMD4(saturation, contrast, brightness, sharpness)
    for blend in ColorBlend.allCases where !(self[blend] > 0 && self[blend].isFinite) {
      throw .argument(
        operation: "ColorFactors", name: blend.rawValue, value: "\(self[blend])",
        fix: "give a positive factor; 1 changes nothing")
    }
  }

  /// Change nothing.
  public static let identity = ColorFactors(values: SIMD4(repeating: 1))

  /// The smallest factor that a number is read as.
  static let smallest: Float = 0.01

  /// The factor of a blend; a number below 0.01 is stored as 0.01, so that every change can be undone.
  public internal(set) subscript(blend: ColorBlend) -> Float {
    get { values[blend.place] }
    set { values[blend.place] = max(newValue, Self.smallest) }
  }

  /// This change, then another.
  public func followed(by next: ColorFactors) -> ColorFactors {
    ColorFactors(values: values * next.values)
  }

  /// The change that undoes this one, but for what was clamped.
  public func inverse() -> ColorFactors { ColorFactors(values: 1 / values) }
}

extension ColorBlend {
  /// Its place in the order of application.
  fileprivate var place: Int {
    switch self {
    case .saturation: 0
    case .contrast: 1
    case .brightness: 2
    case .sharpness: 3
    }
  }
}
