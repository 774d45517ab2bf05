/// A Swift type that arguments of commands are converted to.
public protocol CellConvertible {
  /// What a value of the type is called in messages, with its article left out: `whole number`,
  /// `image set`.
  static var typeDescription: String { get }
  /// Converts a value.
  static func from(_ value: Value) throws(ConversionError) -> Self
  /// How the value is written in a cell, for help and completion: `0.8...1.2`, `.reflect`.
  var cellText: String { get }
  /// The implicit members that complete where a value of this type is expected.
  static var choices: [Choice] { get }
  /// What a parameter of this type takes when the argument is absent and no default is declared;
  /// nil if it is required.
  static var whenAbsent: Self? { get }
  /// The numbers inside the value that a parameter's bounds apply to.
  var boundedNumbers: [Double] { get }
  /// The element type's conversion if the parameter takes any number of unlabelled arguments.
  static var isVariadic: Bool { get }
}

extension CellConvertible {
  /// No choices unless the type declares some.
  public static var choices: [Choice] { [] }
  /// Required unless the type says otherwise.
  public static var whenAbsent: Self? { nil }
  /// Nothing that bounds apply to.
  public var boundedNumbers: [Double] { [] }
  /// One argument.
  public static var isVariadic: Bool { false }

  /// The error for a value that cannot be converted: what was expected, and what was given.
  public static func mismatch(_ value: Value, fix: String? = nil) -> ConversionError {
    ConversionError(
      "expected \(withArticle(typeDescription)), not \(value.phrase)", fix: fix, kind: .mismatch)
  }
}

/// An implicit member that completes, with a line of help.
public struct Choice: Sendable, Equatable {
  /// The name after the dot.
  public let name: String
  /// One line of help.
  public let help: String
  /// What follows the name, such as `(size: 32)`; empty for a plain name.
  public let arguments: String

  /// Declares a choice.
  public init(_ name: String, _ help: String, arguments: String = "") {
    self.name = name
    self.help = help
    self.arguments = arguments
  }
}

/// The reason why a value cannot be converted.
public struct ConversionError: Error, Sendable {
  /// The reason, a sentence without its full stop.
  public var reason: String
  /// What to do, or the nearest name.
  public var fix: String?
  /// What is wrong; a parameter words the message of a plain mismatch itself.
  var kind: Kind

  enum Kind {
    case mismatch, outside, other
  }

  /// Makes a reason.
  public init(_ reason: String, fix: String? = nil) {
    self.init(reason, fix: fix, kind: .other)
  }

  init(_ reason: String, fix: String? = nil, kind: Kind) {
    self.reason = reason
    self.fix = fix
    self.kind = kind
  }
}
