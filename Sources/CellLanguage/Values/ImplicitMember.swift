/// A name after a leading dot with its arguments: `.reflect`, `.crop(size: 32)`.
public struct ImplicitMember: Sendable {
  /// The name after the dot.
  public let name: String
  /// The arguments, empty when none are written.
  public let arguments: [Argument]

  /// Makes an implicit member.
  public init(_ name: String, arguments: [Argument] = []) {
    self.name = name
    self.arguments = arguments
  }

  /// The argument with a label, converted; nil when it is absent.
  ///
  /// - Throws: `ConversionError` when the argument is of the wrong type.
  public func argument<Wanted: CellConvertible>(
    _ label: String?, as type: Wanted.Type = Wanted.self
  )
    throws(ConversionError) -> Wanted?
  {
    for argument in arguments where argument.label == label {
      return try Wanted.from(argument.value)
    }
    return nil
  }

  /// Checks that every argument has one of the labels; nil stands for an argument without a label.
  ///
  /// - Throws: `ConversionError` that names the labels that are known.
  public func checkLabels(_ known: [String?]) throws(ConversionError) {
    for argument in arguments where !known.contains(argument.label) {
      let written = argument.label.map { "`\($0):`" } ?? "an argument without a label"
      let names = known.map { $0.map { "`\($0):`" } ?? "one without a label" }
      throw ConversionError(
        "`.\(name)` does not take \(written); "
          + (names.isEmpty ? "it takes no arguments" : "it takes \(listed(names))"))
    }
  }
}
