/// How a parameter is labelled in a call.
public enum LabelRule: Sendable, Equatable {
  /// The label is the parameter's name: `epochs: 3`.
  case sameAsName
  /// No label: the argument is found by its place.
  case none
  /// A label of its own: `on: small` for a parameter named `data`.
  case label(String)
}

/// A typed parameter of a command: name, label, default, range, one line of help.
///
///     Parameter<Int>("epochs", default: 1, in: 1..., "passes over the images")
public struct Parameter<Wrapped: CellConvertible & Sendable>: Sendable {
  /// The declaration without its type, for matching, help and completion.
  public let declaration: ParameterDeclaration

  /// Declares a parameter.
  ///
  /// Without a default the argument is required, unless the type is an optional (absent means nil)
  /// or variadic.
  public init(
    _ name: String, label: LabelRule = .sameAsName, default fallback: Wrapped? = nil,
    in range: (any BoundsConvertible)? = nil, _ help: String
  ) {
    declaration = ParameterDeclaration(
      name, label: label, type: Wrapped.self, default: fallback, in: range, help)
  }
}

/// A parameter with its type erased.
public struct ParameterDeclaration: Sendable {
  /// The parameter's name in the signature.
  public let name: String
  /// The label written in a call, or nil for none.
  public let label: String?
  /// What the parameter takes, in words: `whole number`.
  public let typeDescription: String
  /// The range of its numbers, or nil.
  public let bounds: Bounds?
  /// The default as written in a cell, or nil when the argument is required or absent means
  /// nothing.
  public let defaultText: String?
  /// One line of help.
  public let help: String
  /// The implicit members that complete here.
  public let choices: [Choice]
  /// Whether all further unlabelled arguments go to this parameter.
  public let isVariadic: Bool
  /// Whether a trailing closure may go here.
  public let takesFunction: Bool
  /// Whether the argument must be given.
  public var isRequired: Bool { fallback == nil }

  let fallback: (any Sendable)?
  let convert: @Sendable (Value) throws(ConversionError) -> any Sendable

  /// Declares a parameter of a type known at run time only.
  public init<Wrapped: CellConvertible & Sendable>(
    _ name: String, label: LabelRule = .sameAsName, type: Wrapped.Type,
    default fallback: Wrapped? = nil,
    in range: (any BoundsConvertible)? = nil, _ help: String
  ) {
    let limits = range?.bounds
    self.name = name
    switch label {
    case .sameAsName: self.label = name
    case .none: self.label = nil
    case .label(let text): self.label = text
    }
    typeDescription = Wrapped.typeDescription
    bounds = limits
    self.fallback = fallback ?? Wrapped.whenAbsent
    defaultText = fallback?.cellText
    self.help = help
    choices = Wrapped.choices
    isVariadic = Wrapped.isVariadic
    takesFunction = Wrapped.self == Function.self || Wrapped.self == Function?.self
    convert = { value throws(ConversionError) in
      let converted: Wrapped
      do throws(ConversionError) {
        converted = try Wrapped.from(value)
      } catch {
        guard error.kind == .mismatch else { throw error }
        throw ConversionError(
          "\(Self.expectation(Wrapped.typeDescription, limits)), not \(value.phrase)",
          fix: error.fix, kind: .mismatch)
      }
      if let limits, let outside = converted.boundedNumbers.first(where: { !limits.contains($0) }) {
        let shown = Int(exactly: outside).map { "\($0)" } ?? "\(outside)"
        throw ConversionError(
          "\(Self.expectation(Wrapped.typeDescription, limits)), not \(shown)", kind: .outside)
      }
      return converted
    }
  }

  /// The argument that a value stands for.
  ///
  /// - Throws: `ConversionError` when it is of another type or out of the range.
  public func converted(_ value: Value) throws(ConversionError) -> any Sendable {
    try convert(value)
  }

  /// `a whole number at least 1`: what the parameter takes.
  public var expectation: String { Self.expectation(typeDescription, bounds) }

  private static func expectation(_ type: String, _ bounds: Bounds?) -> String {
    withArticle(type) + (bounds.map { " " + $0.phrase } ?? "")
  }

  /// How the argument is named in messages: by its label, or by its name.
  var shownName: String { label ?? name }
}
