import Formats

/// SVHN: 99,289 colour images of 32 × 32 pixels of house numbers, cropped to one digit each.
///
/// Source: Y. Netzer, T. Wang, A. Coates, A. Bissacco, B. Wu, A. Y. Ng, "Reading Digits in Natural Images with
/// Unsupervised Feature Learning", 2011. The published labels 1 to 10 become 1 to 9 and 0: the digits.
public enum SVHN: DatasetSource {
  /// The word for it in a cell.
  public static let word = "SVHN"
  /// The name that people know it by.
  public static let name = "SVHN"
  /// What it shows, in one sentence.
  public static let summary =
    "99,289 colour images of 32 × 32 pixels of digits in house numbers, as cameras saw them"
  /// The publication to cite.
  public static let citation =
    "Y. Netzer, T. Wang, A. Coates, A. Bissacco, B. Wu, A. Y. Ng: Reading Digits in Natural Images with "
    + "Unsupervised Feature Learning, NIPS workshop, 2011"
  /// What a download takes, in megabytes.
  public static let downloadMegabytes = 246
  /// The shape of one image, `[H, W, C]`.
  public static let imageShape = [32, 32, 3]
  /// The names of the classes, in the order of their numbers.
  public static let classNames = (0...9).map { "\($0)" }

  /// The two files with cropped digits.
  public static let published = [
    ("train_32x32.mat", "435e94d69a87fde4fd4d7f3dd208dfc32cb6ae8af2240d066de1df7508d083b8"),
    ("test_32x32.mat", "cdce80dfb2a2c4c6160906d0bd7c68ec5a99d7ca4831afa54f09182025b6a75b"),
  ].map { name, checksum in
    PublishedFile(
      name, from: "http://ufldl.stanford.edu/housenumbers/\(name)", checksum: checksum)
  }

  /// Loads the cropped digits from `folder`, or from the first of the usual places that has them.
  ///
  /// - Throws: `DatasetError`, naming the missing or damaged file and the way out.
  public static func load(from folder: String? = nil) throws(DatasetError) -> Dataset {
    try load(from: folder, files: published)
  }

  static func load(
    from folder: String?, files: [PublishedFile]
  ) throws(DatasetError) -> Dataset {
    let candidates = DataPlace.candidates(["svhn", word], at: folder, installed: nil)
    guard
      let place = candidates.first(where: { place in
        files.allSatisfy { File.stamp(of: "\(place)/\($0.name)") != nil }
      })
    else {
      throw .missing(dataset: name, files: files.map(\.name), folders: candidates, fix: advice)
    }
    let source = folder.map { "\(word)(at: \"\($0)\")" } ?? "\(word)()"
    var sets: [ImageSet] = []
    for (file, split) in zip(files, ["train", "test"]) {
      sets.append(
        ImageSet(
          name: "\(name) \(split)", recipe: "\(source).\(split)",
          store: try store(file, in: place)))
    }
    return Dataset(name: name, train: sets[0], test: sets[1], citation: citation, folder: place)
  }

  private static let advice =
    "give its folder: SVHN(at: \"folder\"), or fetch it: SVHN(download: true)"

  private static func store(
    _ file: PublishedFile, in folder: String
  ) throws(DatasetError) -> ImageStore {
    let path = "\(folder)/\(file.name)"
    let (images, numbers, checksum): (MATArray, MATArray, String)
    do throws(FormatError) {
      checksum = SHA256.hex(of: try File.read(path))
      guard file.checksum == nil || checksum == file.checksum else {
        throw FormatError.damaged(
          format: "MAT", path: path, position: nil,
          reason:
            "its SHA-256 is \(checksum.prefix(12))…, not \((file.checksum ?? "").prefix(12))…",
          fix: "fetch it again")
      }
      images = try MATArray.read("X", from: path)
      numbers = try MATArray.read("y", from: path)
    } catch {
      throw .file(dataset: name, error, fix: advice)
    }
    let count = numbers.values.count
    guard images.shape == [32, 32, 3, count], numbers.values.allSatisfy({ (1...10).contains($0) })
    else {
      throw .inconsistent(
        dataset: name, path: path,
        reason: "images of the shape \(images.shape) do not go with \(count) labels from 1 to 10",
        fix: advice)
    }
    let size = 32 * 32 * 3
    let pixels = [UInt8](unsafeUninitializedCapacity: count * size) { target, filled in
      images.values.withUnsafeBufferPointer { source in
        for image in 0..<count {
          for (row, column) in (0..<1024).lazy.map({ ($0 / 32, $0 % 32) }) {
            for channel in 0..<3 {
              // MATLAB's first index changes fastest.
              target[image * size + (row * 32 + column) * 3 + channel] =
                source[row + 32 * (column + 32 * (channel + 3 * image))]
            }
          }
        }
      }
      filled = count * size
    }
    return ImageStore(
      pixels: pixels[...], labels: numbers.values.map { Int($0) % 10 }, imageShape: imageShape,
      classNames: classNames, checksum: checksum)
  }
}
