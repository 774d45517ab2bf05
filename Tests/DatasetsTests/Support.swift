import Foundation
import Formats
import Tensors
import Testing

@testable import Datasets

/// Gives a new folder to `body` and removes it afterwards.
func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appending(path: "orbit-\(UUID())")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder.path)
}

/// The `DatasetError` that `body` throws.
func datasetError(_ body: () throws(DatasetError) -> Void) -> DatasetError? {
  do throws(DatasetError) {
    try body()
    return nil
  } catch {
    return error
  }
}

/// A small data set in the manner of MNIST: images of 2 × 3 pixels in three classes.
///
/// Pixel `p` of image `i` is `(i * 7 + p * 31 + salt) % 256`; its class is `i % 3`.
struct TinyFiles {
  var trainCount = 30
  var testCount = 6
  var salt = 0

  static let shape = [2, 3, 1]
  static let classNames = ["round", "square", "flat"]

  func pixels(_ image: Int, _ salt: Int) -> [UInt8] {
    (0..<6).map { UInt8((image * 7 + $0 * 31 + salt) % 256) }
  }

  func images(_ count: Int, _ salt: Int) throws -> [UInt8] {
    try IDX(shape: [count, 2, 3], values: (0..<count).flatMap { pixels($0, salt) }).encoded
  }

  func labels(_ count: Int) throws -> [UInt8] {
    try IDX(shape: [count], values: (0..<count).map { UInt8($0 % 3) }).encoded
  }

  /// The contents of the four files by name.
  func contents() throws -> [String: [UInt8]] {
    [
      "train-images": try images(trainCount, salt), "train-labels": try labels(trainCount),
      "test-images": try images(testCount, salt + 100), "test-labels": try labels(testCount),
    ]
  }

  /// The description whose checksums are those of `contents()`, or of what replaces some of them.
  func distribution(
    replacing changed: [String: [UInt8]] = [:], installedFolder: String = "/no/such/folder"
  ) throws -> IDXDistribution {
    let all = try contents().merging(changed) { $1 }
    func files(_ split: String) throws -> IDXDistribution.Files {
      IDXDistribution.Files(
        images: "\(split)-images",
        imagesChecksum: SHA256.hex(of: try #require(all["\(split)-images"])),
        labels: "\(split)-labels",
        labelsChecksum: SHA256.hex(of: try #require(all["\(split)-labels"])))
    }
    return IDXDistribution(
      name: "Tiny", word: "Tiny", citation: "nobody", imageShape: Self.shape,
      classNames: Self.classNames, folders: ["tiny"], installedFolder: installedFolder,
      package: "dataset-tiny", train: try files("train"), test: try files("test"))
  }

  func write(
    to folder: String, compressed: Bool = true, replacing changed: [String: [UInt8]] = [:]
  ) throws {
    for (name, bytes) in try contents().merging(changed, uniquingKeysWith: { $1 }) {
      if compressed {
        try File.write(Gzip.compress(bytes), to: "\(folder)/\(name).gz")
      } else {
        try File.write(bytes, to: "\(folder)/\(name)")
      }
    }
  }

  /// The data set, loaded from a folder that is gone again.
  func load() throws -> Dataset {
    try withFolder { folder in
      try write(to: folder)
      return try distribution().load(from: folder)
    }
  }
}
