import CSodium

/// Signs messages with an HMAC and checks the signatures of others.
///
/// The signature covers the four dictionaries of a message as raw bytes and nothing else: neither
/// identities nor buffers. With an empty key nothing is signed and nothing is checked, as the connection
/// file then asks.
public struct Signature: Sendable {
  /// Whether there is a key.
  public let isEnabled: Bool

  private let keyed: KeyedHash

  /// Makes a signer from the connection file's key.
  public init(key: [UInt8], scheme: SignatureScheme = .sha256) {
    isEnabled = !key.isEmpty
    keyed = KeyedHash(scheme, key: key)
  }

  /// The signature of four frames: lowercase hexadecimal digits, 64 with SHA-256, or nothing without a key.
  public func sign(_ frames: [UInt8]...) -> [UInt8] {
    isEnabled ? hexadecimal(of: frames) : []
  }

  /// Whether a signature belongs to four frames; the time taken does not depend on where they differ.
  public func verifies(_ signature: [UInt8], _ frames: [UInt8]...) -> Bool {
    guard isEnabled else { return true }
    let expected = hexadecimal(of: frames)
    guard signature.count == expected.count else { return false }
    return sodium_memcmp(signature, expected, expected.count) == 0
  }

  private func hexadecimal(of frames: [[UInt8]]) -> [UInt8] {
    let digest = keyed.digest(of: frames)
    var text: [UInt8] = []
    text.reserveCapacity(2 * digest.count)
    for byte in digest {
      text.append(hexadecimalDigit(byte >> 4))
      text.append(hexadecimalDigit(byte & 15))
    }
    return text
  }
}
