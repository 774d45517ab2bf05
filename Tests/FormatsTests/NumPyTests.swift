import Formats
import Testing

@Suite("NumPy arrays")
struct NumPyTests {
  @Test("files of NumPy are read, and the same bytes written")
  func golden() throws {
    let array = try NumPyArray(shape: [2, 3], values: [-0.5, -0.25, 0, 0.25, 0.5, 0.75])
    #expect(try NumPyArray.read(try fixture("numpy.npy")) == array)
    #expect(try array.encoded == File.read(try fixture("numpy.npy")))
    let scalar = try NumPyArray(shape: [], values: [2.5])
    #expect(try NumPyArray.read(try fixture("scalar.npy")) == scalar)
    #expect(try scalar.encoded == File.read(try fixture("scalar.npy")))
  }

  @Test("what is written is read again", arguments: [[], [0], [7], [2, 0, 3], [2, 3, 4, 5]])
  func roundTrip(shape: [Int]) throws {
    try withFolder { folder in
      let count = shape.reduce(1, *)
      let array = try NumPyArray(shape: shape, values: (0..<count).map { 0.1 * Float($0) })
      try array.write(to: "\(folder)/a.npy")
      #expect(try NumPyArray.read("\(folder)/a.npy") == array)
    }
  }

  @Test("other orders and types are refused with a way out")
  func unsupported() throws {
    let fortran = formatError { () throws(FormatError) in
      _ = try NumPyArray.read((try? fixture("fortran.npy")) ?? "")
    }
    #expect(fortran?.description.contains("numpy.ascontiguousarray") == true)
    let double = formatError { () throws(FormatError) in
      _ = try NumPyArray.read((try? fixture("double.npy")) ?? "")
    }
    #expect(double?.description.contains("its type is '<f8'") == true)
  }

  @Test("a file cut or changed anywhere is an error or another array, never a crash")
  func damaged() throws {
    let bytes = try NumPyArray(shape: [3], values: [1, 2, 3]).encoded
    for length in 0..<bytes.count {
      #expect(
        formatError { () throws(FormatError) in
          _ = try NumPyArray(parsing: Array(bytes.prefix(length)), path: "a.npy")
        }?.path == "a.npy")
    }
    var refused = 0
    for index in bytes.indices {
      for bit in 0..<8 {
        var wrong = bytes
        wrong[index] ^= 1 << UInt8(bit)
        if formatError({ () throws(FormatError) in
          _ = try NumPyArray(parsing: wrong, path: "a.npy")
        }) != nil {
          refused += 1
        }
      }
    }
    // The magic, the version and the length of the header at the very least.
    #expect(refused >= 8 * 9)
  }
}
