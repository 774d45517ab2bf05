private import CSodium

/// SHA-256 (FIPS 180-4), through libsodium, of bytes that may come in pieces.
public struct SHA256: Sendable {
  private var state = crypto_hash_sha256_state()

  /// Starts with no bytes.
  public init() { crypto_hash_sha256_init(&state) }

  /// Adds bytes at the end.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.baseAddress else { return }
    crypto_hash_sha256_update(
      &state, base.assumingMemoryBound(to: UInt8.self), UInt64(bytes.count))
  }

  /// The digest of everything added so far, as 64 hexadecimal digits in lower case.
  public func hex() -> String {
    var copy = state
    var digest = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_BYTES))
    crypto_hash_sha256_final(&copy, &digest)
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// The digest of `bytes`, as 64 hexadecimal digits in lower case.
  public static func hex(of bytes: [UInt8]) -> String {
    var hash = SHA256()
    bytes.withUnsafeBytes { hash.update($0) }
    return hash.hex()
  }

  /// The digest of the UTF-8 of `text`, as 64 hexadecimal digits in lower case.
  public static func hex(of text: String) -> String { hex(of: Array(text.utf8)) }
}
