/// A refusal by one of the libraries below, or a shape that no kernel can serve.
public struct ComputeError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What was being done and why it could not be.
  public let description: String

  init(_ description: String) { self.description = description }
}
