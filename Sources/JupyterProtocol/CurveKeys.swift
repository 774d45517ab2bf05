import CSodium

/// The key pair with which a kernel's sockets encrypt (CurveZMQ, ZeroMQ RFC 26).
///
/// Both keys are 32 bytes, written as 40 characters of Z85 (ZeroMQ RFC 32).
public struct CurveKeys: Sendable, Equatable {
  /// The key that clients must know to be let in.
  public let publicKey: String
  /// The key that the kernel alone uses.
  public let secretKey: String

  /// Makes a pair from keys that a connection file gives.
  ///
  /// - Throws: `CurveKeyError` when one of them is no key, or the two do not belong together. The error
  ///   never repeats a key: it ends up in logs.
  public init(publicKey: String, secretKey: String) throws(CurveKeyError) {
    guard let publicBytes = Z85.decode(publicKey), publicBytes.count == Self.length else {
      throw .malformed(field: "curve_publickey")
    }
    guard let secretBytes = Z85.decode(secretKey), secretBytes.count == Self.length else {
      throw .malformed(field: "curve_secretkey")
    }
    var derived = [UInt8](repeating: 0, count: Self.length)
    guard crypto_scalarmult_base(&derived, secretBytes) == 0, derived == publicBytes else {
      throw .mismatched
    }
    self.publicKey = publicKey
    self.secretKey = secretKey
  }

  private static let length = Int(crypto_scalarmult_BYTES)
}

/// Why two texts are no key pair.
public enum CurveKeyError: Error, Sendable, Equatable {
  /// A field is not 40 characters of Z85.
  case malformed(field: String)
  /// The public key is not the one of the secret key.
  case mismatched
}

extension CurveKeyError: CustomStringConvertible {
  /// The error in a few words.
  public var description: String {
    switch self {
    case .malformed(let field): "\(field) is no key: it must be 40 characters of Z85"
    case .mismatched: "curve_publickey does not belong to curve_secretkey"
    }
  }
}

/// Z85, the text form of binary keys (ZeroMQ RFC 32): five characters for four bytes.
enum Z85 {
  private static let alphabet = Array(
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#".utf8)

  /// The bytes of a text, or `nil` when it is not Z85.
  static func decode(_ text: String) -> [UInt8]? {
    let digits = text.utf8.map { alphabet.firstIndex(of: $0) }
    guard digits.count % 5 == 0 else { return nil }
    var bytes: [UInt8] = []
    for start in stride(from: 0, to: digits.count, by: 5) {
      var word = 0
      for digit in digits[start..<start + 5] {
        guard let digit else { return nil }
        word = word * 85 + digit
      }
      guard let word = UInt32(exactly: word) else { return nil }
      for shift in [24, 16, 8, 0] as [UInt32] { bytes.append(UInt8(word >> shift & 0xFF)) }
    }
    return bytes
  }
}
