/// Base64 as RFC 4648 section 4 defines it, without line breaks.
public enum Base64 {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// Encodes bytes.
  public static func encode(_ bytes: [UInt8]) -> String {
    String(unsafeUninitializedCapacity: (bytes.count + 2) / 3 * 4) { output in
      var position = 0
      func put(_ digit: UInt32) {
        output[position] = alphabet[Int(digit & 63)]
        position += 1
      }
      var index = 0
      while index + 2 < bytes.count {
        let group =
          UInt32(bytes[index]) << 16 | UInt32(bytes[index + 1]) << 8 | UInt32(bytes[index + 2])
        put(group >> 18)
        put(group >> 12)
        put(group >> 6)
        put(group)
        index += 3
      }
      switch bytes.count - index {
      case 1:
        let group = UInt32(bytes[index]) << 16
        put(group >> 18)
        put(group >> 12)
        output[position] = UInt8(ascii: "=")
        output[position + 1] = UInt8(ascii: "=")
        position += 2
      case 2:
        let group = UInt32(bytes[index]) << 16 | UInt32(bytes[index + 1]) << 8
        put(group >> 18)
        put(group >> 12)
        put(group >> 6)
        output[position] = UInt8(ascii: "=")
        position += 1
      default: break
      }
      return position
    }
  }
}
