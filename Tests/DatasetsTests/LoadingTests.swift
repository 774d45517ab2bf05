import Formats
import Foundation
import Tensors
import Testing

@testable import Datasets

@Suite("Loading")
struct LoadingTests {
  @Test("files compressed or plain give the images and labels", arguments: [true, false])
  func loads(compressed: Bool) throws {
    let tiny = TinyFiles()
    try withFolder { folder in
      try tiny.write(to: folder, compressed: compressed)
      let data = try tiny.distribution().load(from: folder)
      #expect(data.train.count == 30)
      #expect(data.test.count == 6)
      #expect(data.shape == [2, 3, 1])
      #expect(data.classNames == TinyFiles.classNames)
      #expect(data.train.labels == (0..<30).map { $0 % 3 })
      #expect(data.train.classCounts == [10, 10, 10])
      #expect(data.folder == folder)
      #expect(data.train.name == "Tiny train")
      #expect(data.test.recipe == "Tiny(at: \"\(folder)\").test")
      #expect(data.train.checksum.count == 64)
      #expect(data.train.checksum != data.test.checksum)
      for image in 0..<6 {
        #expect(try data.train.pixels(at: image) == tiny.pixels(image, 0))
        #expect(try data.test.pixels(at: image) == tiny.pixels(image, 100))
      }
    }
  }

  @Test("without a folder, the installed one is used and the recipe is short")
  func installed() throws {
    try withFolder { folder in
      try TinyFiles().write(to: folder)
      let data = try TinyFiles().distribution(installedFolder: folder).load(from: nil)
      #expect(data.train.recipe == "Tiny().train")
      #expect(data.folder == folder)
    }
  }

  @Test("the installed folder comes last, and a folder's own folders are looked in")
  func places() throws {
    let usual = DataPlace.candidates(["tiny"], at: nil, installed: "/installed")
    #expect(usual.last == "/installed")
    #expect(
      DataPlace.candidates(["tiny"], at: "/data", installed: "/installed") == [
        "/data", "/data/tiny",
      ])
    try withFolder { folder in
      let inner = "\(folder)/tiny"
      try FileManager.default.createDirectory(atPath: inner, withIntermediateDirectories: false)
      try TinyFiles().write(to: inner)
      let data = try TinyFiles().distribution().load(from: folder)
      #expect(data.folder == inner)
      #expect(data.train.recipe == "Tiny(at: \"\(folder)\").train")
    }
  }

  @Test("missing files are named, with the places and the way out")
  func missing() throws {
    try withFolder { folder in
      let tiny = TinyFiles()
      try tiny.write(to: folder)
      try FileManager.default.removeItem(atPath: "\(folder)/test-labels.gz")
      let distribution = try tiny.distribution()
      let error = try #require(
        datasetError { () throws(DatasetError) in _ = try distribution.load(from: folder) })
      guard
        case .missing(
          "Tiny", ["test-labels.gz"], [folder, "\(folder)/tiny", "\(folder)/Tiny"], _) = error
      else {
        Issue.record("\(error)")
        return
      }
      #expect(error.description.contains("apt-get install dataset-tiny"))
      #expect(error.description.contains("Tiny(at: \"folder\")"))
      let nowhere = datasetError { () throws(DatasetError) in
        _ = try distribution.load(from: "/no/where")
      }
      #expect(nowhere?.description.contains("\"train-images.gz\"") == true)
      #expect(nowhere?.description.contains("/no/where") == true)
    }
  }

  @Test("a valid file with other content is found by its checksum")
  func checksum() throws {
    try withFolder { folder in
      let tiny = TinyFiles()
      let other = ["test-images": try tiny.images(6, 101)]
      try tiny.write(to: folder, replacing: other)
      let distribution = try tiny.distribution()
      let error = try #require(
        datasetError { () throws(DatasetError) in _ = try distribution.load(from: folder) })
      guard case .checksum("Tiny", let path, let expected, let found, _) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(path == "\(folder)/test-images.gz")
      #expect(expected == distribution.test.imagesChecksum)
      #expect(found == SHA256.hex(of: try #require(other["test-images"])))
    }
  }

  @Test("a damaged file is named with what is wrong", arguments: [true, false])
  func damaged(truncated: Bool) throws {
    try withFolder { folder in
      let tiny = TinyFiles()
      try tiny.write(to: folder)
      let path = "\(folder)/train-images.gz"
      var bytes = try File.read(path)
      if truncated { bytes.removeLast(20) } else { bytes[30] ^= 0xff }
      try File.write(bytes, to: path)
      let distribution = try tiny.distribution()
      let error = try #require(
        datasetError { () throws(DatasetError) in _ = try distribution.load(from: folder) })
      guard case .file("Tiny", .damaged("gzip", path, _, _, _), _) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(error.description.contains("apt-get install dataset-tiny"))
    }
  }

  @Test("files that do not fit together are refused")
  func inconsistent() throws {
    let tiny = TinyFiles()
    let cases: [([String: [UInt8]], String)] = [
      (["train-labels": try tiny.labels(29)], "does not fit 30 images"),
      (["train-images": try tiny.labels(30)], "its images have the shape [], not [2, 3]"),
      (
        ["train-labels": try IDX(shape: [30], values: .init(repeating: 3, count: 30)).encoded],
        "labels beyond its 3 classes"
      ),
    ]
    for (changed, reason) in cases {
      try withFolder { folder in
        try tiny.write(to: folder, replacing: changed)
        let distribution = try tiny.distribution(replacing: changed)
        let error = datasetError { () throws(DatasetError) in
          _ = try distribution.load(from: folder)
        }
        #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
      }
    }
  }

  @Test("the same files loaded twice share memory, changed files do not")
  func shared() throws {
    try withFolder { folder in
      var tiny = TinyFiles()
      try tiny.write(to: folder)
      let first = try tiny.distribution().load(from: folder)
      let second = try tiny.distribution().load(from: "\(folder)/.")
      #expect(first.train.store === second.train.store)
      #expect(first.test.store === second.test.store)
      tiny.salt = 1
      try tiny.write(to: folder)
      let third = try tiny.distribution().load(from: folder)
      #expect(third.train.store !== first.train.store)
      #expect(try third.train.pixels(at: 0) == tiny.pixels(0, 1))
    }
  }

  @Test("memory is given back when nobody uses the images")
  func released() throws {
    try withFolder { folder in
      let tiny = TinyFiles()
      try tiny.write(to: folder)
      weak var store: ImageStore?
      do {
        let data = try tiny.distribution().load(from: folder)
        store = data.train.store
        #expect(store != nil)
      }
      #expect(store == nil)
    }
  }

  @Test("every file of Sets is in the catalogue, and nothing else is")
  func catalogue() throws {
    let sets = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Sources/Datasets/Sets").standardizedFileURL
    let files = try FileManager.default.contentsOfDirectory(atPath: sets.path)
      .filter { $0.hasSuffix(".swift") }.map { String($0.dropLast(6)) }
    #expect(!files.isEmpty)
    #expect(Set(files) == Set(DatasetCatalogue.all.map { String(describing: $0) }))
    #expect(files.count == DatasetCatalogue.all.count)
  }
}
