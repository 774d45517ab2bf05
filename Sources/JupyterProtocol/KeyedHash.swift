import CSodium

/// An HMAC (RFC 2104) that has taken its key and waits for the message.
///
/// Where libsodium keeps the state after the key, it is copied for every message, which saves two hash
/// blocks each time.
enum KeyedHash: Sendable {
  case sha256(crypto_auth_hmacsha256_state)
  case sha512(crypto_auth_hmacsha512_state)
  case blake2b(KeyedBLAKE2b)

  init(_ scheme: SignatureScheme, key: [UInt8]) {
    // Chooses the processor's fast paths; safe to call again and from several threads.
    _ = sodium_init()
    switch scheme {
    case .sha256:
      var state = crypto_auth_hmacsha256_state()
      crypto_auth_hmacsha256_init(&state, key, key.count)
      self = .sha256(state)
    case .sha512:
      var state = crypto_auth_hmacsha512_state()
      crypto_auth_hmacsha512_init(&state, key, key.count)
      self = .sha512(state)
    case .blake2b:
      self = .blake2b(KeyedBLAKE2b(key: key))
    }
  }

  /// The code of frames, hashed one after the other.
  func digest(of frames: [[UInt8]]) -> [UInt8] {
    switch self {
    case .sha256(var state):
      for frame in frames { crypto_auth_hmacsha256_update(&state, frame, UInt64(frame.count)) }
      var digest = [UInt8](repeating: 0, count: Int(crypto_auth_hmacsha256_BYTES))
      crypto_auth_hmacsha256_final(&state, &digest)
      return digest
    case .sha512(var state):
      for frame in frames { crypto_auth_hmacsha512_update(&state, frame, UInt64(frame.count)) }
      var digest = [UInt8](repeating: 0, count: Int(crypto_auth_hmacsha512_BYTES))
      crypto_auth_hmacsha512_final(&state, &digest)
      return digest
    case .blake2b(let keyed):
      return keyed.digest(of: frames)
    }
  }
}

/// HMAC over BLAKE2b, which libsodium does not have: `H(outer ‖ H(inner ‖ message))`, where `inner` and
/// `outer` are the key in one block of 128 bytes, with every byte changed by 0x36 and 0x5C.
struct KeyedBLAKE2b: Sendable {
  private static let blockLength = 128
  private static let digestLength = Int(crypto_generichash_BYTES_MAX)

  private let inner: [UInt8]
  private let outer: [UInt8]

  init(key: [UInt8]) {
    let short = key.count > Self.blockLength ? Self.hash([key]) : key
    let block = short + [UInt8](repeating: 0, count: Self.blockLength - short.count)
    inner = block.map { $0 ^ 0x36 }
    outer = block.map { $0 ^ 0x5C }
  }

  func digest(of frames: [[UInt8]]) -> [UInt8] {
    Self.hash([outer, Self.hash([inner] + frames)])
  }

  private static func hash(_ parts: [[UInt8]]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: digestLength)
    // The state must lie at a multiple of 64, which no Swift variable promises; Swift does not even see
    // the type, and passes a pointer to something opaque.
    let length = crypto_generichash_statebytes()
    withUnsafeTemporaryAllocation(byteCount: length, alignment: 64) { raw in
      guard let state = raw.baseAddress.map({ OpaquePointer($0) }) else { return }
      crypto_generichash_init(state, nil, 0, digestLength)
      for part in parts { crypto_generichash_update(state, part, UInt64(part.count)) }
      crypto_generichash_final(state, &digest, digestLength)
    }
    return digest
  }
}
