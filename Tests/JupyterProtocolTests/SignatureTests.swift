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

  /// The codes of HMAC-SHA-512 for the same keys and data, from the same section.
  static let codesOfSHA512: [String] = [
    "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
      + "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854",
    "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
      + "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
    "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39"
      + "bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb",
    "b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3db"
      + "a91ca5c11aa25eb4d679275cc5788063a5f19741120c4f2de2adebeb10a298dd",
    "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
      + "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598",
    "e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944"
      + "b6022cac3c4982b10d5eeb55c3e4de15134676fb6de0446065c97440fa8c6a58",
  ]

  /// What Python's `hmac.new(key, data, 'blake2b')` gives for them; no RFC has vectors.
  static let codesOfBLAKE2b: [String] = [
    "358a6a184924894fc34bee5680eedf57d84a37bb38832f288e3b27dc63a98cc8"
      + "c91e76da476b508bc6b2d408a248857452906e4a20b48c6b4b55d2df0fe1dd24",
    "6ff884f8ddc2a6586b3c98a4cd6ebdf14ec10204b6710073eb5865ade37a2643"
      + "b8807c1335d107ecdb9ffeaeb6828c4625ba172c66379efcd222c2de11727ab4",
    "f43bc62c7a99353c3b2c60e8ef24fbbd42e9547866dc9c5be4edc6f4a7d4bc0a"
      + "c620c2c60034d040f0dbaf86f9e9cd7891a095595eed55e2a996215f0c15c018",
    "e5dbb6de2fee42a1caa06e4e7b84ce408ffa5c4a9de2632eca769cde8875014c"
      + "72d0720feaf53f76e6a180357f528d7bf484fa3a14e8cc1f0f3bada717b43491",
    "a54b2943b2a20227d41ca46c0945af09bc1faefb2f49894c23aebc557fb79c48"
      + "89dca74408dc865086667aedee4a3185c53a49c80b814c4c5813ea0c8b38a8f8",
    "ab347980a64b5e825dd10e7d32fd43a01a8e6dea267ab9ad7d91352452661892"
      + "5311afbcb0c49519cbebdd709540a8d725fb911ac2aee9b2a3aa43d796123393",
  ]

  @Test(arguments: vectors.indices)
  func codesOfTheOtherSchemes(_ index: Int) {
    let vector = Self.vectors[index]
    let data = bytes(vector.data)
    for (scheme, codes) in [
      (SignatureScheme.sha512, Self.codesOfSHA512), (.blake2b, Self.codesOfBLAKE2b),
    ] {
      let signature = Signature(key: bytes(vector.key), scheme: scheme)
      let half = data.count / 2
      let code = signature.sign(Array(data[..<half]), [], Array(data[half...]))
      #expect(String(decoding: code, as: UTF8.self) == codes[index])
      #expect(signature.verifies(code, data))
      #expect(!signature.verifies(code, data, [0]))
    }
  }

  /// Keys around the length of a block, where HMAC begins to hash them; from Python.
  @Test(arguments: [
    (1, "58bc130b7cc4e87f309532f121fb0f8e"),
    (127, "d2a9bcb4375df4b09ab293df8a0f6118"),
    (128, "9360b930801a03afbd058728e63e1c99"),
    (129, "e2566c4ea62357fac2f7ad34fd409d7a"),
  ])
  func keysAroundABlockOfBLAKE2b(_ length: Int, _ start: String) {
    let key = [UInt8](repeating: UInt8(ascii: "k"), count: length)
    let code = String(decoding: Signature(key: key, scheme: .blake2b).sign([]), as: UTF8.self)
    #expect(code.hasPrefix(start))
    #expect(code.utf8.count == 128)
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
}
