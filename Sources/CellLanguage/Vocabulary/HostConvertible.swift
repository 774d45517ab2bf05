/// A host object's class that commands take as a parameter's type.
///
/// A class conforms with its description alone: `extension Dataset: HostConvertible { static let
/// typeDescription = "image set" }`.
public protocol HostConvertible: HostObject, CellConvertible {}

extension HostConvertible {
  /// The object itself.
  public static func from(_ value: Value) throws(ConversionError) -> Self {
    guard case .object(let object) = value, let wanted = object as? Self else {
      throw mismatch(value)
    }
    return wanted
  }

  /// The object's summary.
  public var cellText: String { summary }
}
