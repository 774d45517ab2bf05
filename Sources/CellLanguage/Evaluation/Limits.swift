/// How much a cell may use; an error that comes from a limit says which one.
public struct Limits: Sendable {
  /// The longest text of a cell, in bytes of UTF-8.
  public var textBytes = 1_048_576
  /// The most calls of functions inside one another.
  public var callDepth = 10_000
  /// The most elements of an array or entries of a dictionary.
  public var elements = 10_000_000
  /// The longest string, in bytes of UTF-8.
  public var stringBytes = 67_108_864
  /// How deeply arrays, dictionaries and tuples may hold one another.
  public var nesting = 500
  /// How much of its thread's stack a cell may use, in bytes.
  ///
  /// The usual 4 MB fit the 8 MB that threads have by default; a host with a larger stack raises
  /// this, and leaves a few megabytes for the commands that cells call.
  public var stackBytes = 4 * 1_048_576
  /// How many functions may hold one another in a row through the names that they keep.
  public var functionChain = 2_000

  /// The usual limits.
  public init() {}
}
