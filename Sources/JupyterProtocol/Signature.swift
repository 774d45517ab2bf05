import CSodium

/// Signs messages with HMAC-SHA256 and checks the signatures of others.
///
/// The signature covers the four dictionaries of a message as raw bytes and nothing else: neither
/// identities nor buffers. With an empty key nothing is signed and nothing is checked, as the connection
/// file then asks.
public struct Signature: Sendable {
  /// Whether there is a key.
  public let isEnabled: Bool

  /// The hash state after the key, copied for every message, which saves two hash blocks each time.
  private let keyed: crypto_auth_hmacsha256_state

  /// Makes a signer from the connection file's key.
  public init(key: [UInt8]) {
    isEnabled = !key.isEmpty
    var state = crypto_auth_hmacsha256_state()
    // Chooses the processor's fast paths; safe to call again and from several threads.
    _ = sodium_init()
    crypto_auth_hmacsha256_init(&state, key, key.count)
    keyed = state
  }

  /// The signature of four frames: 64 lowercase hexadecimal digits, or nothing without a key.
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
    var state = keyed
    for frame in frames {
      crypto_auth_hmacsha256_update(&state, frame, UInt64(frame.count))
    }
    var digest = [UInt8](repeating: 0, count: Int(crypto_auth_hmacsha256_BYTES))
    crypto_auth_hmacsha256_final(&state, &digest)
    var text: [UInt8] = []
    text.reserveCapacity(2 * digest.count)
    for byte in digest {
      text.append(hexadecimalDigit(byte >> 4))
      text.append(hexadecimalDigit(byte & 15))
    }
    return text
  }
}
