private import CSodium

/// An Ed25519 key (RFC 8032) that signs provenance records, through libsodium.
public struct SigningKey: Sendable {
  /// The 32 secret bytes that the pair of keys is made from.
  public let seed: [UInt8]
  /// The public key, as 64 hexadecimal digits.
  public let publicKey: String
  private let secret: [UInt8]

  /// The number of bytes of a seed.
  public static let seedLength = Int(crypto_sign_SEEDBYTES)

  /// The key of a seed; `nil` when it has not 32 bytes.
  public init?(seed: [UInt8]) {
    guard seed.count == Self.seedLength else { return nil }
    _ = sodium_init()
    var publicBytes = [UInt8](repeating: 0, count: Int(crypto_sign_PUBLICKEYBYTES))
    var secret = [UInt8](repeating: 0, count: Int(crypto_sign_SECRETKEYBYTES))
    guard crypto_sign_seed_keypair(&publicBytes, &secret, seed) == 0 else { return nil }
    (self.seed, self.secret, publicKey) = (seed, secret, Hexadecimal.text(publicBytes))
  }

  /// A key that nobody has had before.
  public static func random() -> SigningKey {
    _ = sodium_init()
    var seed = [UInt8](repeating: 0, count: seedLength)
    randombytes_buf(&seed, seed.count)
    guard let key = SigningKey(seed: seed) else { preconditionFailure("32 bytes make a key") }
    return key
  }

  /// Signs a record: its public key and its signature are this key's.
  public func sign(_ record: inout ProvenanceRecord) {
    record[.publicKey] = publicKey
    let bytes = record.signedBytes
    var signature = [UInt8](repeating: 0, count: Int(crypto_sign_BYTES))
    crypto_sign_detached(&signature, nil, bytes, UInt64(bytes.count), secret)
    record[.signature] = Hexadecimal.text(signature)
  }

  /// Sixteen digits by which people tell keys apart: the first of the SHA-256 of the public key's bytes, in fours.
  public static func fingerprint(of publicKey: String) -> String {
    let digits = Array(
      SHA256.hex(of: Hexadecimal.bytes(publicKey) ?? Array(publicKey.utf8)).prefix(16))
    return stride(from: 0, to: 16, by: 4).map { String(digits[$0..<$0 + 4]) }
      .joined(separator: " ")
  }
}

extension ProvenanceRecord {
  /// Whether its signature is its public key's, over what it says; `nil` when it is not signed.
  public var isSignatureRight: Bool? {
    guard let signature = self[.signature] else { return nil }
    guard let signature = Hexadecimal.bytes(signature),
      let key = self[.publicKey].flatMap({ Hexadecimal.bytes($0) }),
      signature.count == Int(crypto_sign_BYTES), key.count == Int(crypto_sign_PUBLICKEYBYTES)
    else { return false }
    let bytes = signedBytes
    return crypto_sign_verify_detached(signature, bytes, UInt64(bytes.count), key) == 0
  }
}

/// Bytes as hexadecimal digits in lower case.
public enum Hexadecimal {
  /// Two digits a byte.
  public static func text(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// The bytes of a text of such digits; `nil` when it is none.
  public static func bytes(_ text: String) -> [UInt8]? {
    let digits = text.utf8.map { digit -> UInt8? in
      switch digit {
      case 0x30...0x39: digit - 0x30
      case 0x61...0x66: digit - 0x61 + 10
      default: nil
      }
    }
    guard digits.count % 2 == 0 else { return nil }
    var bytes: [UInt8] = []
    for place in stride(from: 0, to: digits.count, by: 2) {
      guard let high = digits[place], let low = digits[place + 1] else { return nil }
      bytes.append(high << 4 | low)
    }
    return bytes
  }
}
