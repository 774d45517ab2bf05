import CSodium

/// Random identifiers.
public enum Identifier {
  /// A random UUID (version 4, RFC 9562) in lowercase.
  public static func random() -> String {
    var bytes = [UInt8](repeating: 0, count: 16)
    _ = sodium_init()
    randombytes_buf(&bytes, bytes.count)
    bytes[6] = bytes[6] & 0x0F | 0x40
    bytes[8] = bytes[8] & 0x3F | 0x80
    var text: [UInt8] = []
    for (index, byte) in bytes.enumerated() {
      if index == 4 || index == 6 || index == 8 || index == 10 { text.append(UInt8(ascii: "-")) }
      text.append(hexadecimalDigit(byte >> 4))
      text.append(hexadecimalDigit(byte & 15))
    }
    return String(decoding: text, as: UTF8.self)
  }
}
