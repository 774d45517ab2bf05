import Formats
import Testing

@Suite("IDX")
struct IDXTests {
  @Test(
    "what is encoded is understood again",
    arguments: [[0], [5], [2, 3], [4, 3, 2], [1, 1, 1, 1], [0, 28, 28]])
  func roundTrip(shape: [Int]) throws {
    let array = try IDX(shape: shape, values: mixedBytes(shape.reduce(1, *)))
    let again = try IDX(parsing: array.encoded, path: "x")
    #expect(again == array)
    #expect(again.shape == shape)
  }

  @Test("a file is read plain or compressed")
  func files() throws {
    try withFolder { folder in
      let array = try IDX(shape: [2, 3], values: [1, 2, 3, 4, 5, 250])
      try File.write(array.encoded, to: "\(folder)/plain")
      try File.write(Gzip.compress(array.encoded), to: "\(folder)/packed.gz")
      #expect(try IDX.read("\(folder)/plain") == array)
      #expect(try IDX.read("\(folder)/packed.gz") == array)
    }
  }

  @Test("the bytes of MNIST's own example: a header of 10000 images of 28 by 28")
  func published() throws {
    let header: [UInt8] = [0, 0, 8, 3, 0, 0, 0x27, 0x10, 0, 0, 0, 28, 0, 0, 0, 28]
    let array = try IDX(
      parsing: header + [UInt8](repeating: 9, count: 10_000 * 784), path: "t10k")
    #expect(array.shape == [10_000, 28, 28])
    #expect(array.encoded.prefix(16) == header[...])
  }

  @Test(
    "what is wrong is named",
    arguments: [
      ([], "it ends within the first four bytes"),
      ([0, 0, 8], "it ends within the first four bytes"),
      ([1, 0, 8, 1, 0, 0, 0, 0], "it does not begin with two zero bytes"),
      ([0, 0, 7, 1, 0, 0, 0, 0], "type 7 is not one of the format's"),
      ([0, 0, 13, 1, 0, 0, 0, 0], "its values are floats"),
      ([0, 0, 8, 0], "it has no dimensions"),
      ([0, 0, 8, 2, 0, 0, 0, 1], "it ends within the sizes of its 2 dimensions"),
      ([0, 0, 8, 1, 0, 0, 0, 2, 5], "its shape [2] needs 2 values, it has 1"),
      ([0, 0, 8, 1, 0, 0, 0, 1, 5, 6], "its shape [1] needs 1 values, it has 2"),
      (
        [0, 0, 8, 3] + [UInt8](repeating: 255, count: 12), "is larger than any file"
      ),
    ] as [([UInt8], String)])
  func wrong(bytes: [UInt8], reason: String) {
    let error = formatError { () throws(FormatError) in
      _ = try IDX(parsing: bytes, path: "f.idx")
    }
    #expect(error?.path == "f.idx")
    #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
  }

  @Test("values that do not fill the shape are refused")
  func shape() {
    #expect(
      formatError { () throws(FormatError) in _ = try IDX(shape: [2, 2], values: [1]) } != nil)
    #expect(formatError { () throws(FormatError) in _ = try IDX(shape: [], values: [1]) } != nil)
    #expect(
      formatError { () throws(FormatError) in _ = try IDX(shape: [-1, -1], values: [1]) } != nil)
  }
}
