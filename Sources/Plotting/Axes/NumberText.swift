import Glibc

/// Numbers as people write them: thousands apart, a true minus sign, powers of ten for the
/// extremes.
enum NumberText {
  /// A number with a fixed count of digits after the point: `12,345.60`.
  static func fixed(_ value: Double, decimals: Int) -> String {
    guard value.isFinite else { return value.isNaN ? "not a number" : value < 0 ? "−∞" : "∞" }
    let scaled = (value.magnitude * power(decimals)).rounded()
    guard scaled < 1e15 else { return scientific(value, decimals: 2) }
    var digits = Array(String(Int(scaled)))
    while digits.count <= decimals { digits.insert("0", at: 0) }
    var result = ""
    for (index, digit) in digits.enumerated() {
      let left = digits.count - decimals - index
      if left == 0 { result.append(".") }
      if left > 0, left % 3 == 0, index > 0 { result.append(",") }
      result.append(digit)
    }
    return value < 0 && scaled > 0 ? "−" + result : result
  }

  /// A number as a product with a power of ten: `1.5×10⁻⁷`.
  static func scientific(_ value: Double, decimals: Int) -> String {
    guard value.isFinite, value != 0 else { return fixed(value, decimals: 0) }
    var exponent = Int(log10(value.magnitude).rounded(.down))
    var mantissa = value / power(exponent)
    if (mantissa.magnitude * power(decimals)).rounded() >= 10 * power(decimals) {
      exponent += 1
      mantissa /= 10
    }
    let number = fixed(mantissa, decimals: decimals)
    return (number == "1" ? "" : number == "−1" ? "−" : number + "×") + "10" + raised(exponent)
  }

  /// A number with about three digits that matter: `0.583`, `12.4`, `1,235`, `2.5×10⁻⁵`.
  static func short(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return fixed(value, decimals: 0) }
    let exponent = Int(log10(value.magnitude).rounded(.down))
    guard (-4..<6).contains(exponent) else { return trimmed(value, decimals: 2, scientific) }
    return trimmed(value, decimals: max(0, 2 - exponent), fixed)
  }

  /// 10 to an integer power, exact wherever a `Double` can be.
  static func power(_ exponent: Int) -> Double {
    exponent < 0 ? 1 / pow(10, Double(-exponent)) : pow(10, Double(exponent))
  }

  /// The number with as few digits after the point as say the same.
  private static func trimmed(
    _ value: Double, decimals: Int, _ write: (Double, Int) -> String
  ) -> String {
    let full = write(value, decimals)
    for fewer in 0..<decimals {
      let scale = power(decimals)
      let unit =
        value.magnitude >= 1e6 || value.magnitude < 1e-4
        ? power(Int(log10(value.magnitude).rounded(.down))) : 1
      let mantissa = value / unit
      let (a, b) = ((mantissa * scale).rounded(), (mantissa * power(fewer)).rounded())
      if a == b * power(decimals - fewer) { return write(value, fewer) }
    }
    return full
  }

  private static func raised(_ exponent: Int) -> String {
    let digits: [Character: Character] = [
      "-": "⁻", "0": "⁰", "1": "¹", "2": "²", "3": "³", "4": "⁴", "5": "⁵", "6": "⁶", "7": "⁷",
      "8": "⁸", "9": "⁹",
    ]
    return String(String(exponent).compactMap { digits[$0] })
  }
}
