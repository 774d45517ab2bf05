/// A mistake in the use of tensors; carries the operation, the shapes and the way out.
public enum TensorError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Shapes that do not fit together; `fix` says what would.
  case shape(operation: String, shapes: [[Int]], fix: String)
  /// An argument outside its range.
  case argument(operation: String, name: String, value: String, fix: String)
  /// A derivative was asked for where none was recorded.
  case derivative(operation: String, fix: String)
  /// A number that is not finite, with the path of what produced it.
  case notFinite(path: String, fix: String)
  /// Somebody asked to give up what was being computed.
  case abandoned
  /// An error with the path of the layer that it happened in, outermost first.
  indirect case within(path: String, TensorError)

  /// Whether the cause is a number that is not finite.
  public var isNotFinite: Bool {
    switch self {
    case .notFinite: true
    case .within(_, let error): error.isNotFinite
    default: false
    }
  }

  /// Whether it stands for nothing wrong: the work was given up on request.
  public var isAbandonment: Bool {
    switch self {
    case .abandoned: true
    case .within(_, let error): error.isAbandonment
    default: false
    }
  }

  /// The whole message: where, what, and what to do.
  public var description: String {
    switch self {
    case .shape(let operation, let shapes, let fix):
      let list = shapes.map { "[\($0.map(String.init).joined(separator: ", "))]" }
      return "\(operation): shapes \(list.joined(separator: " and ")) do not fit: \(fix)"
    case .argument(let operation, let name, let value, let fix):
      return "\(operation): \(name) is \(value): \(fix)"
    case .derivative(let operation, let fix): return "\(operation): \(fix)"
    case .notFinite(let path, let fix): return "\(path) is not finite: \(fix)"
    case .abandoned: return "given up on request"
    case .within(let path, let error): return "in \(path): \(error)"
    }
  }
}
