import Formats

/// A data set published as CIFAR-10 is: records of labels and 3 × 32 × 32 bytes, one colour after the other.
struct CIFARDistribution: Sendable {
  let name: String
  /// The word for it in a cell, such as `CIFAR10`.
  let word: String
  let citation: String
  let classNames: [String]
  /// The bytes before the pixels; the last of them is the label.
  let labelBytes: Int
  /// The folder that unpacking the archive makes.
  let folder: String
  let archive: PublishedFile
  /// The files of the splits, in order.
  let train: [String]
  let test: [String]
  /// The images of the splits.
  let counts: (train: Int, test: Int)

  static let imageShape = [32, 32, 3]

  func load(from place: String?) throws(DatasetError) -> Dataset {
    let candidates = DataPlace.candidates([folder, word], at: place, installed: nil)
    let (found, files) = try read(candidates)
    let source = place.map { "\(word)(at: \"\($0)\")" } ?? "\(word)()"
    func split(_ split: String, _ names: [String], _ count: Int) throws(DatasetError) -> ImageSet {
      ImageSet(
        name: "\(name) \(split)", recipe: "\(source).\(split)",
        store: try store(names.map { files[$0] ?? [] }, names, count, in: found))
    }
    return Dataset(
      name: name, train: try split("train", train, counts.train),
      test: try split("test", test, counts.test), citation: citation, folder: found)
  }

  private var advice: String {
    "give the folder of the binary version: \(word)(at: \"folder\"), or fetch it: \(word)(download: true)"
  }

  /// The contents of the files, from the first folder that has them or the archive.
  private func read(
    _ candidates: [String]
  ) throws(DatasetError) -> (folder: String, files: [String: ArraySlice<UInt8>]) {
    let names = train + test
    do throws(FormatError) {
      for folder in candidates {
        if names.allSatisfy({ File.stamp(of: "\(folder)/\($0)") != nil }) {
          var files: [String: ArraySlice<UInt8>] = [:]
          for name in names { files[name] = try File.read("\(folder)/\(name)")[...] }
          return (folder, files)
        }
        let path = "\(folder)/\(archive.name)"
        guard File.stamp(of: path) != nil else { continue }
        let bytes = try File.read(path)
        let checksum = SHA256.hex(of: bytes)
        if let expected = archive.checksum, checksum != expected {
          throw FormatError.damaged(
            format: "archive", path: path, position: nil,
            reason: "its SHA-256 is \(checksum.prefix(12))…, not \(expected.prefix(12))…",
            fix: "fetch it again")
        }
        let unpacked = try Gzip.decompress(bytes, path: path, limit: 1 << 30)
        var files: [String: ArraySlice<UInt8>] = [:]
        for (name, content) in try TarArchive.files(in: unpacked, path: path) {
          files[name.split(separator: "/").last.map(String.init) ?? name] = content
        }
        return (folder, files)
      }
    } catch {
      throw .file(dataset: name, error, fix: advice)
    }
    throw .missing(dataset: name, files: [archive.name], folders: candidates, fix: advice)
  }

  /// The pixels and labels of a split, each image with its colours together.
  private func store(
    _ contents: [ArraySlice<UInt8>], _ names: [String], _ count: Int, in folder: String
  ) throws(DatasetError) -> ImageStore {
    let (plane, size) = (32 * 32, 3 * 32 * 32)
    let record = labelBytes + size
    func refuse(_ reason: String) -> DatasetError {
      .inconsistent(
        dataset: name, path: "\(folder)/\(names.joined(separator: ", "))", reason: reason,
        fix: advice)
    }
    guard contents.allSatisfy({ $0.count % record == 0 }),
      contents.reduce(0, { $0 + $1.count / record }) == count
    else { throw refuse("it does not hold \(count.grouped) records of \(record.grouped) bytes") }
    var labels: [Int] = []
    labels.reserveCapacity(count)
    let pixels = [UInt8](unsafeUninitializedCapacity: count * size) { target, filled in
      var image = 0
      for content in contents {
        content.withUnsafeBufferPointer { source in
          for start in stride(from: 0, to: source.count, by: record) {
            labels.append(Int(source[start + labelBytes - 1]))
            let (from, to) = (start + labelBytes, image * size)
            for pixel in 0..<plane {
              for channel in 0..<3 {
                target[to + 3 * pixel + channel] = source[from + channel * plane + pixel]
              }
            }
            image += 1
          }
        }
      }
      filled = image * size
    }
    guard labels.allSatisfy({ $0 < classNames.count }) else {
      throw refuse("it has labels beyond its \(classNames.count) classes")
    }
    // Every class has as many images as the next: other files of the same size would show here.
    var counts = [Int](repeating: 0, count: classNames.count)
    for label in labels { counts[label] += 1 }
    guard counts.allSatisfy({ $0 == count / classNames.count }) else {
      throw refuse("its classes do not have \(count / classNames.count) images each")
    }
    return ImageStore(
      pixels: pixels[...], labels: labels, imageShape: Self.imageShape, classNames: classNames,
      checksum: SHA256.hex(of: contents.map { SHA256.hex(of: Array($0)) }.joined()))
  }
}
