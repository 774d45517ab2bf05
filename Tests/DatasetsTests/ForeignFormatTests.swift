import Formats
import Foundation
import Tensors
import Testing

@testable import Datasets

/// A file that `make_files.py` wrote.
func fixture(_ name: String) throws -> String {
  try #require(Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: nil)).path
}

/// The pixels of an image of `make_files.py`.
func expected(_ image: Int, _ places: Int, _ channels: Int, salt: Int = 0) -> [UInt8] {
  (0..<places * channels).map { place in
    UInt8((7 * image + 31 * (place / channels) + 13 * (place % channels) + salt) % 256)
  }
}

@Suite("Data sets in the formats of others")
struct ForeignFormatTests {
  @Test("SVHN's MATLAB files give images row by row and digits as labels")
  func svhn() throws {
    let folder = try fixture("train_32x32.mat").replacing("/train_32x32.mat", with: "")
    let files = ["train_32x32.mat", "test_32x32.mat"].map {
      PublishedFile($0, from: "", checksum: nil)
    }
    let data = try SVHN.load(from: folder, files: files)
    #expect(data.train.count == 5 && data.test.count == 3)
    #expect(data.train.labels == [1, 4, 7, 0, 3])
    for image in 0..<5 {
      #expect(try data.train.pixels(at: image) == expected(image, 1024, 3))
    }
    // The published files have checksums, and these are others.
    let error = datasetError { () throws(DatasetError) in _ = try SVHN.load(from: folder) }
    #expect(error?.description.contains("SHA-256") == true)
    #expect(error?.description.contains("SVHN(download: true)") == true)
  }

  @Test("CIFAR's records come from the archive or from what is in it", arguments: [true, false])
  func cifar(isPacked: Bool) throws {
    let classes = ["one", "two"]
    func records(_ count: Int) -> [UInt8] {
      var bytes: [UInt8] = []
      for image in 0..<count {
        // A coarse label, the fine one, then a plane for each colour.
        bytes += [9, UInt8(image % 2)]
        for channel in 0..<3 {
          bytes += (0..<1024).map { UInt8((7 * image + 31 * $0 + 13 * channel) % 256) }
        }
      }
      return bytes
    }
    let files = ["a.bin": records(2), "b.bin": records(4), "t.bin": records(2)]
    let archive = Gzip.compress(tar(files.map { ("inner/\($0.key)", $0.value) }))
    func distribution(_ checksum: String) -> CIFARDistribution {
      CIFARDistribution(
        name: "Tiny", word: "Tiny", citation: "", classNames: classes, labelBytes: 2,
        folder: "inner", archive: PublishedFile("tiny.tar.gz", from: "", checksum: checksum),
        train: ["a.bin", "b.bin"], test: ["t.bin"], counts: (train: 6, test: 2))
    }
    try withFolder { folder in
      if isPacked {
        try File.write(archive, to: "\(folder)/tiny.tar.gz")
      } else {
        try FileManager.default.createDirectory(
          atPath: "\(folder)/inner", withIntermediateDirectories: false)
        for (name, bytes) in files { try File.write(bytes, to: "\(folder)/inner/\(name)") }
      }
      let data = try distribution(SHA256.hex(of: archive)).load(from: folder)
      #expect(data.train.labels == [0, 1, 0, 1, 0, 1] && data.test.labels == [0, 1])
      #expect(try data.train.pixels(at: 1) == expected(1, 1024, 3))
      #expect(try data.train.pixels(at: 4) == expected(2, 1024, 3))
      let again = datasetError { () throws(DatasetError) in
        _ = try distribution("0").load(from: folder)
      }
      #expect((again != nil) == isPacked)
    }
    // A missing one tells how to get it.
    try withFolder { folder in
      let error = datasetError { () throws(DatasetError) in
        _ = try CIFAR10.load(from: folder)
      }
      #expect(error?.description.contains("cifar-10-binary.tar.gz") == true)
      #expect(error?.description.contains("CIFAR10(download: true)") == true)
    }
  }

  /// An archive of these files, as POSIX describes it.
  private func tar(_ files: [(name: String, bytes: [UInt8])]) -> [UInt8] {
    files.flatMap { file -> [UInt8] in
      var header = [UInt8](repeating: 0, count: 512)
      func put(_ text: String, at place: Int) {
        header.replaceSubrange(place..<place + text.utf8.count, with: Array(text.utf8))
      }
      put(file.name, at: 0)
      put(String(String(file.bytes.count, radix: 8).reversed()).padding(11), at: 124)
      put("        ", at: 148)
      header[156] = 0x30
      let sum = header.reduce(0) { $0 + Int($1) }
      put(String(String(sum, radix: 8).reversed()).padding(6) + "\0 ", at: 148)
      let rest = (512 - file.bytes.count % 512) % 512
      return header + file.bytes + [UInt8](repeating: 0, count: rest)
    } + [UInt8](repeating: 0, count: 1024)
  }

  @Test("NumPy archives give splits, or have a share held out")
  func arrays() throws {
    let keras = try ImageArrays.load(from: try fixture("keras.npz"))
    #expect(keras.train.count == 6 && keras.test.count == 3 && keras.shape == [4, 5, 1])
    #expect(keras.train.labels == [0, 1, 2, 0, 1, 2] && keras.classNames == ["0", "1", "2"])
    #expect(try keras.train.pixels(at: 5) == expected(5, 20, 1))
    #expect(try keras.test.pixels(at: 2) == expected(2, 20, 1, salt: 100))
    let plain = try ImageArrays.load(
      from: try fixture("plain.npz"), classNames: ["even", "odd"], heldOut: 0.3)
    #expect(plain.train.count == 7 && plain.test.count == 3 && plain.shape == [2, 2, 3])
    // Every image is in one of the splits, once.
    var found: [[UInt8]] = []
    for set in [plain.train, plain.test] {
      for image in 0..<set.count { found.append(try set.pixels(at: image)) }
    }
    #expect(Set(found) == Set((0..<10).map { expected($0, 4, 3) }) && found.count == 10)
    for set in [plain.train, plain.test] {
      for image in 0..<set.count {
        let pixels = try set.pixels(at: image)
        let number = try #require((0..<10).first { expected($0, 4, 3) == pixels })
        #expect(set.labels[image] == number % 2)
      }
    }
    let pickled = datasetError { () throws(DatasetError) in
      _ = try ImageArrays.load(from: (try? fixture("pickled.npz")) ?? "")
    }
    #expect(pickled?.description.contains("'|O'") == true, "\(String(describing: pickled))")
    let missing = datasetError { () throws(DatasetError) in
      _ = try ImageArrays.load(from: "/no/such.npz")
    }
    #expect(missing?.description.contains("/no/such.npz") == true)
  }

  @Test("a folder of PNG images has a class for each folder in it")
  func folder() throws {
    let data = try ImageFolder.load(from: try fixture("pictures"), heldOut: 0.4)
    #expect(data.classNames == ["cat", "dog"] && data.shape == [6, 6, 1])
    #expect(data.train.classCounts == [3, 3] && data.test.classCounts == [2, 2])
    let all =
      try (0..<6).map { try data.train.pixels(at: $0) }
      + (0..<4).map { try data.test.pixels(at: $0) }
    let wanted = (0..<2).flatMap { label in
      (0..<5).map { expected(0, 36, 1, salt: 50 * label + $0) }
    }
    #expect(Set(all) == Set(wanted))
    let small = try ImageFolder.load(from: try fixture("pictures"), size: 3)
    #expect(small.shape == [3, 3, 1])
    let none = datasetError { () throws(DatasetError) in
      _ = try ImageFolder.load(from: "/no/such/folder")
    }
    #expect(none?.description.contains("/no/such/folder") == true)
  }

  @Test("images are brought to a size by averaging areas")
  func resizing() throws {
    let image = try PNGImage.read(try fixture("large.png"))
    #expect(image.shape == [12, 18, 1])
    // The square in the middle begins at column 3; a pixel of the small image covers 4 × 4 of it.
    let small = image.resized(to: 3)
    for row in 0..<3 {
      for column in 0..<3 {
        let middle = 4 * (Double(4 * row) + 1.5 + Double(4 * column + 3) + 1.5)
        #expect(Double(small.pixels[row * 3 + column]) == middle)
      }
    }
    #expect(image.resized(to: 12).pixels[0] == 12)
    let see = try PNGImage.read(try fixture("transparent.png"))
    #expect(see.shape == [3, 2, 3])
  }
}

extension String {
  /// The reversed digits as a number of `length` digits with zeros before it.
  fileprivate func padding(_ length: Int) -> String {
    String((self + String(repeating: "0", count: length - count)).reversed())
  }
}
