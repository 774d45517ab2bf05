import JupyterProtocol
import Testing

@Suite struct SignatureTests {
  private func bytes(_ hexadecimal: String) -> [UInt8] {
    let digits = hexadecimal.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }

  /// Test cases 1 to 4, 6 and 7 of RFC 4231, section 4 (case 5 truncates the output).
  static let vectors: [(key: String, data: String, code: String)] = [
    (
      String(repeating: "0b", count: 20), "4869205468657265",
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    ),
    (
      "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    ),
    (
      String(repeating: "aa", count: 20), String(repeating: "dd", count: 50),
      "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
    ),
    (
      "0102030405060708090a0b0c0d0e0f10111213141516171819", String(repeating: "cd", count: 50),
      "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
    ),
    (
      String(repeating: "aa", count: 131),
      "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368"
        + "204b6579204669727374",
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
    ),
    (
      String(repeating: "aa", count: 131),
      "5468697320697320612074657374207573696e672061206c6172676572207468616e20626c6f636b2d73697a"
        + "65206b657920616e642061206c6172676572207468616e20626c6f636b2d73697a6520646174612e20546865"
        + "206b6579206e6565647320746f20626520686173686564206265666f7265206265696e672075736564206279"
        + "2074686520484d414320616c676f726974686d2e",
      "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
    ),
  ]

  @Test(arguments: vectors.indices)
  func codesOfRFC4231(_ index: Int) {
    let vector = Self.vectors[index]
    let signature = Signature(key: bytes(vector.key))
    let data = bytes(vector.data)
    #expect(String(decoding: signature.sign(data), as: UTF8.self) == vector.code)
    // The frames are hashed one after the other, so that where they are cut does not matter.
    let half = data.count / 2
    #expect(
      signature.sign(Array(data[..<half]), [], Array(data[half...])) == Array(vector.code.utf8))
  }

  @Test func everyChangedBitOfASignatureIsFound() {
    let signature = Signature(key: Array("key".utf8))
    let frames = ["{}", #"{"a":1}"#, "{}", #"{"code":"1+1"}"#].map { Array($0.utf8) }
    let code = signature.sign(frames[0], frames[1], frames[2], frames[3])
    func verifies(_ code: [UInt8]) -> Bool {
      signature.verifies(code, frames[0], frames[1], frames[2], frames[3])
    }
    #expect(verifies(code))
    for index in code.indices {
      for bit in 0..<8 {
        var changed = code
        changed[index] ^= 1 << bit
        #expect(!verifies(changed))
      }
    }
    #expect(!verifies([]))
    #expect(!verifies(Array(code.dropLast())))
    #expect(!verifies(code + [0x30]))
    #expect(!verifies(Array(String(decoding: code, as: UTF8.self).uppercased().utf8)))
    #expect(!Signature(key: Array("other".utf8)).verifies(code, frames[0], frames[1]))
  }

  @Test func anEmptyKeyMeansNoSignatures() {
    let signature = Signature(key: [])
    #expect(!signature.isEnabled)
    #expect(signature.sign([1, 2, 3]).isEmpty)
    #expect(signature.verifies(Array("anything".utf8), [1, 2, 3]))
  }

  @Test func replaysAreFoundUntilTheMemoryIsFull() {
    var memory = ReplayMemory(capacity: 3)
    let signatures = (0..<5).map { [UInt8($0)] }
    func admit(_ signature: [UInt8]) -> Bool { memory.admit(signature) }
    #expect(admit(signatures[0]))
    #expect(!admit(signatures[0]))
    #expect(admit(signatures[1]))
    #expect(admit(signatures[2]))
    for known in signatures[..<3] { #expect(!admit(known)) }
    // The oldest is forgotten first, and only the oldest.
    #expect(admit(signatures[3]))
    #expect(!admit(signatures[1]))
    #expect(!admit(signatures[2]))
    #expect(admit(signatures[0]))
    #expect(admit(signatures[1]))
    #expect(admit([]))
    #expect(admit([]))
  }
}
