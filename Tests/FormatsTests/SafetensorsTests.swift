import Formats
import Testing

@Suite("Safetensors")
struct SafetensorsTests {
  typealias Entry = SafetensorsFile.Entry

  /// 3e-40, which is subnormal.
  static let tiny = Float(bitPattern: 214_087)

  /// The arrays of `make_fixtures.py`, made anew each time: the address sanitizer would take those that last until
  /// the end for lost, since their pointers carry the case of an enumeration in their spare bits.
  static var golden: [Entry] {
    [
      Entry("none", shape: [0, 4], floats: []),
      Entry("größe \"q\"", shape: [], floats: [7.5]),
      Entry("encoder.0.weight", shape: [2, 3], floats: [-0.5, -0.25, 0, 0.25, 0.5, 0.75]),
      Entry("encoder.0.bias", shape: [3], floats: [0.1, -.infinity, tiny]),
      Entry(
        "encoder.1.num_batches_tracked", shape: [], values: .int64([-1_099_511_627_776])),
    ]
  }

  static func file() throws -> SafetensorsFile {
    try SafetensorsFile(entries: golden, metadata: ["format": "pt – \"π\"\n"])
  }

  @Test("a file of the reference implementation is read")
  func readsReference() throws {
    let file = try SafetensorsFile.read(try fixture("reference.safetensors"))
    #expect(file == (try Self.file()))
    #expect(file["encoder.0.bias"]?.floats == [0.1, -.infinity, Self.tiny])
    #expect(file["encoder.1.num_batches_tracked"]?.dtype == "I64")
    #expect(file["absent"] == nil)
  }

  @Test("the same bytes are written as by the reference implementation")
  func writesReference() throws {
    #expect(try Self.file().encoded() == File.read(try fixture("reference.safetensors")))
  }

  @Test("what is written is read again, NaN and all")
  func roundTrip() throws {
    try withFolder { folder in
      let bits: [UInt32] = [0x7fc0_0001, 0xff80_0000, 1, 0x8000_0000, 0x3f80_0000]
      let floats = bits.map { Float(bitPattern: $0) }
      let texts = ["": "", "a\u{0}\u{1f}\\/\"": "\r\n\t\u{8}\u{c}\u{7f}é🪐", "é": "e\u{301}"]
      let file = try SafetensorsFile(
        entries: [
          Entry("b", shape: [5], floats: floats),
          Entry("a", shape: [2], values: .int64([.min, .max])),
          Entry("", shape: [1, 1, 1], floats: [2]), Entry("🪐", shape: [3, 0], floats: []),
        ], metadata: texts)
      try file.write(to: "\(folder)/f.safetensors")
      let again = try SafetensorsFile.read("\(folder)/f.safetensors")
      #expect(again.entries.map(\.name) == ["a", "", "b", "🪐"])
      #expect(again["b"]?.floats?.map(\.bitPattern) == bits)
      #expect(again["a"]?.values == .int64([.min, .max]))
      #expect(again.metadata == texts)
      #expect(try again.encoded() == file.encoded())
    }
  }

  @Test("nothing at all is a file too")
  func empty() throws {
    let file = try SafetensorsFile(entries: [])
    #expect(try file.encoded() == [8, 0, 0, 0, 0, 0, 0, 0] + Array("{}      ".utf8))
    #expect(try SafetensorsFile(parsing: file.encoded(), path: "f") == file)
  }

  @Test("the order of entries does not change the bytes, and values are aligned")
  func stable() throws {
    let bytes = try Self.file().encoded()
    for _ in 0..<10 {
      let shuffled = try SafetensorsFile(
        entries: Self.golden.shuffled(), metadata: ["format": "pt – \"π\"\n"])
      #expect(try shuffled.encoded() == bytes)
    }
    #expect((8 + Int(bytes[0]) + Int(bytes[1]) << 8) % 8 == 0)
  }

  @Test("entries that cannot be written are refused")
  func refused() {
    func refusal(_ entries: [Entry]) -> String? {
      formatError { () throws(FormatError) in _ = try SafetensorsFile(entries: entries) }?
        .description
    }
    #expect(
      refusal([Entry("a", shape: [2], floats: [1])])?.contains("1 values for the shape [2]") == true
    )
    #expect(refusal([Entry("a", shape: [-1, -1], floats: [1])]) != nil)
    #expect(refusal([Entry("a", shape: [.max, .max], floats: [])]) != nil)
    #expect(refusal([Entry("__metadata__", shape: [], floats: [1])]) != nil)
    let twice = Entry("a", shape: [], floats: [1])
    #expect(refusal([twice, twice])?.contains("two entries are called \"a\"") == true)
  }
}
