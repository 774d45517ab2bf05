/// How messages are signed, under the names that connection files use: `hmac-` and a hash of Python's
/// `hashlib`.
///
/// These are the hashes that libsodium has in the form that HMAC needs. Its `hmacsha512256` is no fourth:
/// it cuts HMAC-SHA-512 short, where Python's `sha512_256` is a hash with starting values of its own.
public enum SignatureScheme: String, Sendable, CaseIterable {
  /// HMAC-SHA-256 (RFC 2104, FIPS 180-4), what launchers ask for unless told otherwise.
  case sha256 = "hmac-sha256"
  /// HMAC-SHA-512.
  case sha512 = "hmac-sha512"
  /// HMAC over unkeyed BLAKE2b with 64 bytes (RFC 7693); not BLAKE2b's own keyed mode.
  case blake2b = "hmac-blake2b"
}
