/// A file of a data set as its authors, or those who keep it now, offer it.
public struct PublishedFile: Sendable, Equatable {
  /// Its name in the folder.
  public let name: String
  /// Its address.
  public let address: String
  /// The SHA-256 of the file as it is offered; `nil` where only that of its content is known, which is
  /// compared when the file is read.
  public let checksum: String?

  /// Describes a file.
  public init(_ name: String, from address: String, checksum: String?) {
    self.name = name
    self.address = address
    self.checksum = checksum
  }
}
