/// A colour in sRGB with an opacity, each component from 0 to 1.
public struct Color: Sendable, Hashable {
  /// The red component.
  public var red: Double
  /// The green component.
  public var green: Double
  /// The blue component.
  public var blue: Double
  /// The opacity: 0 is invisible, 1 hides what lies below.
  public var opacity: Double

  /// The colour with the given components.
  public init(red: Double, green: Double, blue: Double, opacity: Double = 1) {
    self.red = red
    self.green = green
    self.blue = blue
    self.opacity = opacity
  }

  /// The colour of a hexadecimal number, as in style sheets: `Color(0x0072B2)`.
  public init(_ hexadecimal: UInt32, opacity: Double = 1) {
    self.init(
      red: Double((hexadecimal >> 16) & 0xFF) / 255, green: Double((hexadecimal >> 8) & 0xFF) / 255,
      blue: Double(hexadecimal & 0xFF) / 255, opacity: opacity)
  }

  /// The same colour with another opacity.
  public func opacity(_ opacity: Double) -> Color {
    var copy = self
    copy.opacity = opacity
    return copy
  }

  /// The mixture of this colour with another: `amount` 0 gives this one, 1 the other.
  public func mixed(with other: Color, by amount: Double) -> Color {
    func mix(_ a: Double, _ b: Double) -> Double { a + (b - a) * amount }
    return Color(
      red: mix(red, other.red), green: mix(green, other.green), blue: mix(blue, other.blue),
      opacity: mix(opacity, other.opacity))
  }

  /// The colour as a style sheet writes it, without the opacity: `#0072b2`.
  public var hexadecimal: String {
    let digits = [red, green, blue].map { component -> String in
      let byte = Int((min(max(component, 0), 1) * 255).rounded())
      return (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
    return "#" + digits.joined()
  }
}
