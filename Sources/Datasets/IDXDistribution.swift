import Dispatch
import Formats
import Synchronization

/// A data set published as four IDX files, as MNIST is and its many successors are.
struct IDXDistribution: Sendable {
  /// The two files of a split, without `.gz`, and the SHA-256 of their decompressed contents.
  struct Files: Sendable {
    let images: String
    let imagesChecksum: String
    let labels: String
    let labelsChecksum: String
  }

  let name: String
  /// The word for it in a cell, such as `FashionMNIST`.
  let word: String
  let citation: String
  let imageShape: [Int]
  let classNames: [String]
  /// Folders in which it may be under a folder with several data sets.
  let folders: [String]
  /// Where the system's package puts it, and the package; `nil` where there is none.
  var installedFolder: String?
  var package: String?
  let train: Files
  let test: Files

  func load(from folder: String?) throws(DatasetError) -> Dataset {
    let place = try find(
      DataPlace.candidates(folders + [word], at: folder, installed: installedFolder))
    let source = folder.map { "\(word)(at: \"\($0)\")" } ?? "\(word)()"
    let splits = [("train", train), ("test", test)]
    let results = Mutex<[Int: Result<ImageStore, DatasetError>]>([:])
    DispatchQueue.concurrentPerform(iterations: splits.count) { number in
      let result = Result { () throws(DatasetError) -> ImageStore in
        try store(splits[number].1, in: place)
      }
      results.withLock { $0[number] = result }
    }
    let stores = results.withLock { $0 }
    var sets: [ImageSet] = []
    for (number, split) in splits.enumerated() {
      guard let result = stores[number] else { preconditionFailure("every split was loaded") }
      sets.append(
        ImageSet(
          name: "\(name) \(split.0)", recipe: "\(source).\(split.0)", store: try result.get()))
    }
    return Dataset(name: name, train: sets[0], test: sets[1], citation: citation, folder: place)
  }

  // MARK: Finding

  var fileNames: [String] { [train.images, train.labels, test.images, test.labels] }

  private var advice: String {
    let install = package.map { "install it with apt-get install \($0), or " } ?? ""
    return install
      + "give its folder: \(word)(at: \"folder\"), or fetch it: \(word)(download: true)"
  }

  /// The first folder with all four files.
  private func find(_ candidates: [String]) throws(DatasetError) -> String {
    var fewest = fileNames
    for folder in candidates {
      let missing = fileNames.filter { path($0, in: folder) == nil }
      if missing.isEmpty { return folder }
      if missing.count < fewest.count { fewest = missing }
    }
    throw .missing(
      dataset: name, files: fewest.map { "\($0).gz" }, folders: candidates, fix: advice)
  }

  private func path(_ file: String, in folder: String) -> String? {
    ["\(folder)/\(file).gz", "\(folder)/\(file)"].first { File.stamp(of: $0) != nil }
  }

  // MARK: Reading

  /// A split's pixels and labels, from memory when the same unchanged files are still in use.
  private func store(_ files: Files, in folder: String) throws(DatasetError) -> ImageStore {
    guard let images = path(files.images, in: folder), let labels = path(files.labels, in: folder)
    else {
      throw .missing(
        dataset: name, files: [files.images, files.labels], folders: [folder], fix: advice)
    }
    let key = [images, labels].compactMap { File.stamp(of: $0) }
    if let known = ImageStoreCache.shared[key] { return known }
    let pixels = try read(images, files.imagesChecksum)
    let numbers = try read(labels, files.labelsChecksum)
    try check(pixels, images, numbers, labels)
    let store = ImageStore(
      pixels: pixels.values, labels: numbers.values.map(Int.init), imageShape: imageShape,
      classNames: classNames,
      checksum: SHA256.hex(of: files.imagesChecksum + files.labelsChecksum))
    return ImageStoreCache.shared.keep(store, for: key)
  }

  private func read(_ path: String, _ checksum: String) throws(DatasetError) -> IDX {
    let (content, found): (IDX, String)
    do throws(FormatError) {
      var bytes = try File.read(path)
      if Gzip.isCompressed(bytes) {
        bytes = try Gzip.decompress(bytes, path: path, limit: 1 << 30)
      }
      // What is not IDX at all says so better than a checksum would.
      content = try IDX(parsing: bytes, path: path)
      found = SHA256.hex(of: bytes)
    } catch {
      throw .file(dataset: name, error, fix: advice)
    }
    guard found == checksum else {
      throw .checksum(
        dataset: name, path: path, expected: checksum, found: found, fix: advice)
    }
    return content
  }

  private func check(
    _ images: IDX, _ imagesPath: String, _ labels: IDX, _ labelsPath: String
  ) throws(DatasetError) {
    func refuse(_ path: String, _ reason: String) -> DatasetError {
      .inconsistent(dataset: name, path: path, reason: reason, fix: advice)
    }
    let shape = imageShape.last == 1 ? Array(imageShape.dropLast()) : imageShape
    guard Array(images.shape.dropFirst()) == shape else {
      throw refuse(
        imagesPath, "its images have the shape \(images.shape.dropFirst()), not \(shape)")
    }
    guard labels.shape == [images.shape[0]] else {
      throw refuse(labelsPath, "its shape \(labels.shape) does not fit \(images.shape[0]) images")
    }
    guard labels.values.allSatisfy({ $0 < classNames.count }) else {
      throw refuse(labelsPath, "it has labels beyond its \(classNames.count) classes")
    }
  }
}

/// The splits that are in memory, held only as long as somebody uses them.
final class ImageStoreCache: Sendable {
  static let shared = ImageStoreCache()

  private struct Reference: Sendable { weak let store: ImageStore? }
  private let references = Mutex<[[File.Stamp]: Reference]>([:])

  subscript(_ key: [File.Stamp]) -> ImageStore? { references.withLock { $0[key]?.store } }

  /// Keeps a store, unless another thread was faster; then its store is given back instead.
  func keep(_ store: ImageStore, for key: [File.Stamp]) -> ImageStore {
    references.withLock { references in
      if let known = references[key]?.store { return known }
      references = references.filter { $0.value.store != nil }
      references[key] = Reference(store: store)
      return store
    }
  }
}
