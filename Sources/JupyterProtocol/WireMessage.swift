/// Why the frames of a message were not accepted.
public enum WireError: Error, Sendable, Equatable {
  /// The `<IDS|MSG>` frame is missing within the first frames.
  case noDelimiter
  /// Fewer frames follow the delimiter than a message has.
  case tooFewFrames(Int)
  /// More frames, or longer identities, than any client sends.
  case tooLarge(String)
  /// The signature is not the one of the frames.
  case badSignature
  /// The header is no JSON object with the fields of a header.
  case badHeader(String)
}

extension WireError: CustomStringConvertible {
  /// The error in a few words.
  public var description: String {
    switch self {
    case .noDelimiter: "no <IDS|MSG> frame"
    case .tooFewFrames(let count): "only \(count) frames after the delimiter"
    case .tooLarge(let what): "too large: \(what)"
    case .badSignature: "the signature does not verify"
    case .badHeader(let reason): "bad header: \(reason)"
    }
  }
}

/// The frames of a message, told apart but not yet read.
public struct WireMessage: Sendable, Equatable {
  /// The frame between the identities and the message.
  public static let delimiter = Array("<IDS|MSG>".utf8)
  /// Identities before the delimiter: one per hop, so a handful at most.
  public static let maximumIdentities = 16
  /// The longest identity that ZeroMQ allows, in bytes.
  public static let maximumIdentityLength = 255
  /// Frames in all; buffers of widgets are a few dozen.
  public static let maximumFrames = 1_024

  /// The way back to the sender.
  public var identities: [[UInt8]]
  /// Hexadecimal HMAC of the four dictionaries.
  public var signature: [UInt8]
  /// The header as it was sent.
  public var header: [UInt8]
  /// The header of the message that this one answers.
  public var parentHeader: [UInt8]
  /// The metadata as it was sent.
  public var metadata: [UInt8]
  /// The content as it was sent.
  public var content: [UInt8]
  /// Binary buffers, which no signature covers.
  public var buffers: [[UInt8]]

  /// Makes a signed message.
  public init(
    identities: [[UInt8]], header: [UInt8], parentHeader: [UInt8], metadata: [UInt8],
    content: [UInt8], buffers: [[UInt8]] = [], signedBy signer: Signature
  ) {
    self.identities = identities
    self.header = header
    self.parentHeader = parentHeader
    self.metadata = metadata
    self.content = content
    self.buffers = buffers
    signature = signer.sign(header, parentHeader, metadata, content)
  }

  /// Tells the frames of a message apart and checks its signature, before anything is parsed.
  ///
  /// - Throws: `WireError` when frames are missing, too many, or wrongly signed.
  public init(frames: [[UInt8]], verifiedBy signer: Signature) throws(WireError) {
    guard frames.count <= Self.maximumFrames else { throw .tooLarge("\(frames.count) frames") }
    let head = frames.prefix(Self.maximumIdentities + 1)
    guard let split = head.firstIndex(of: Self.delimiter) else { throw .noDelimiter }
    guard frames.count >= split + 6 else { throw .tooFewFrames(frames.count - split - 1) }
    identities = Array(frames[..<split])
    if let long = identities.first(where: { $0.count > Self.maximumIdentityLength }) {
      throw .tooLarge("an identity of \(long.count) bytes")
    }
    signature = frames[split + 1]
    header = frames[split + 2]
    parentHeader = frames[split + 3]
    metadata = frames[split + 4]
    content = frames[split + 5]
    buffers = Array(frames[(split + 6)...])
    guard signer.verifies(signature, header, parentHeader, metadata, content) else {
      throw .badSignature
    }
  }

  /// All frames in the order in which they are sent.
  public var frames: [[UInt8]] {
    identities + [Self.delimiter, signature, header, parentHeader, metadata, content] + buffers
  }
}
