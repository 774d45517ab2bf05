/// An enumeration that cells write as implicit members: `.reflect` for a case named `reflect`.
///
///     enum Fill: String, CellChoice {
///       case reflect, clamp
///       static let typeDescription = "fill mode"
///       var help: String { … }
///     }
public protocol CellChoice: CellConvertible, CaseIterable, RawRepresentable, Sendable
where RawValue == String {
  /// One line about the case.
  var help: String { get }
}

extension CellChoice {
  /// The case with the member's name.
  public static func from(_ value: Value) throws(ConversionError) -> Self {
    let names = allCases.map(\.rawValue)
    guard case .implicitMember(let member) = value else {
      throw mismatch(value, fix: "write one of \(listed(names.map { ".\($0)" }))")
    }
    guard let found = Self(rawValue: member.name) else {
      throw ConversionError(
        "there is no \(typeDescription) `.\(member.name)`",
        fix: nearest(member.name, among: names).map { "did you mean `.\($0)`?" }
          ?? "write one of \(listed(names.map { ".\($0)" }))")
    }
    try member.checkLabels([])
    return found
  }

  /// The case with its dot.
  public var cellText: String { ".\(rawValue)" }

  /// One choice a case.
  public static var choices: [Choice] { allCases.map { Choice($0.rawValue, $0.help) } }
}
