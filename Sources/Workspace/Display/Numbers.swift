import Glibc

/// How numbers are written in tables and captions.
enum Written {
  /// A count in groups of three: `1,406,000`.
  static func count(_ value: Int) -> String {
    let digits = String(value.magnitude)
    var result = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { result += "," }
      result.append(digit)
    }
    return value < 0 ? "-" + result : result
  }

  /// A number with a fixed number of decimals: `1,406.25`.
  static func decimals(_ value: Double, _ places: Int) -> String {
    guard value.isFinite else { return value.isNaN ? "not a number" : value > 0 ? "∞" : "-∞" }
    let scale = pow(10, Double(places))
    let scaled = (abs(value) * scale).rounded()
    guard scaled < 1e15 else { return "\(value)" }
    let whole = Int(scaled)
    let sign = value < 0 && whole > 0 ? "-" : ""
    guard places > 0 else { return sign + count(whole) }
    let fraction = String(whole % Int(scale))
    let padding = String(repeating: "0", count: places - fraction.count)
    return "\(sign)\(count(whole / Int(scale))).\(padding)\(fraction)"
  }

  /// A share as a percentage with one decimal: `81.2 %`.
  static func percent(_ share: Double, _ places: Int = 1) -> String {
    decimals(100 * share, places) + " %"
  }

  /// A large count with its magnitude: `5.7 million`.
  static func magnitude(_ value: Int) -> String {
    switch value {
    case ..<10_000: count(value)
    case ..<1_000_000: decimals(Double(value) / 1e3, 1) + " thousand"
    case ..<1_000_000_000: decimals(Double(value) / 1e6, 1) + " million"
    default: decimals(Double(value) / 1e9, 1) + " billion"
    }
  }

  /// Images a second: `1,846`; a dash while nothing was measured.
  static func rate(_ value: Double) -> String {
    value > 0 && value < 1e15 ? count(Int(value)) : "–"
  }

  /// Seconds as a person says them: `0:42`, `1:03:20`.
  static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e9 else { return "?" }
    let whole = Int(seconds.rounded())
    let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
    let tail = rest < 10 ? "0\(rest)" : "\(rest)"
    if hours == 0 { return "\(minutes):\(tail)" }
    return "\(hours):\(minutes < 10 ? "0" : "")\(minutes):\(tail)"
  }

  /// A shape: `28×28×1`.
  static func shape(_ sizes: [Int]) -> String { sizes.map(String.init).joined(separator: "×") }
}
