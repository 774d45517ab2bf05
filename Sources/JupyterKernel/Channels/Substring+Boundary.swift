extension Substring {
  /// The last boundary between two Unicode scalars that has at most so many bytes before it.
  func boundary(bytes: Int) -> Index {
    guard var index = utf8.index(startIndex, offsetBy: bytes, limitedBy: endIndex) else {
      return endIndex
    }
    // The bytes of a scalar after its first begin with the bits 10.
    while index < endIndex, utf8[index] & 0xC0 == 0x80 { index = utf8.index(before: index) }
    return index
  }
}
