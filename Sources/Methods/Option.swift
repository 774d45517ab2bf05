/// The constants of a method, each declared once.
public protocol MethodConfiguration: Sendable {
  /// The defaults of every option.
  init()
  /// Every option: its name, default, range and one line of help. Constructors, help, completion and the
  /// columns of the run history derive from this list.
  static var options: [Option<Self>] { get }
}

/// One constant of a method: where it is stored, what it may be, what it does.
public struct Option<Configuration: Sendable>: Sendable {
  /// The label in a cell: `encoder`.
  public let name: String
  /// What it does, in one line.
  public let help: String
  /// The numbers that it may be, where it is a number.
  public let range: ClosedRange<Double>?
  /// The type of its value.
  public let valueType: any (Sendable.Type)
  private let read: @Sendable (Configuration) -> any Sendable
  private let write: @Sendable (inout Configuration, any Sendable) -> Bool

  /// Declares the option that is stored at `path`.
  public init<Value: Sendable>(
    _ name: String, _ path: any WritableKeyPath<Configuration, Value> & Sendable,
    in range: ClosedRange<Double>? = nil, _ help: String
  ) {
    self.name = name
    self.help = help
    self.range = range
    valueType = Value.self
    read = { $0[keyPath: path] }
    write = { configuration, value in
      guard let value = value as? Value else { return false }
      configuration[keyPath: path] = value
      return true
    }
  }

  /// The value in a configuration.
  public func value(in configuration: Configuration) -> any Sendable { read(configuration) }

  /// Stores a value; false when it is not of the option's type.
  public func set(_ value: any Sendable, in configuration: inout Configuration) -> Bool {
    write(&configuration, value)
  }
}
