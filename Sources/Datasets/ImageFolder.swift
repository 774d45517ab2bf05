import Formats
import Glibc
import Tensors

/// A folder of PNG images, one folder a class.
///
/// With folders `train` and `test` in it these are the splits; otherwise a share of the images of every class is
/// held out to test on.
public enum ImageFolder {
  /// The word for it in a cell.
  public static let word = "ImageFolder"

  /// Loads all images.
  ///
  /// - Parameters:
  ///   - size: the side to which images are brought by cutting the larger side and averaging areas; where it is
  ///     `nil`, all must have the same size.
  ///   - heldOut: the share of each class to test on, where the folder has no splits of its own.
  ///   - seed: the seed of the choice of those.
  /// - Throws: `DatasetError`, naming the file or folder and the way out.
  public static func load(
    from folder: String, size: Int? = nil, heldOut: Double = 0.2, seed: UInt64 = 1
  ) throws(DatasetError) -> Dataset {
    let call =
      "\(word)(at: \"\(folder)\"" + (size.map { ", size: \($0)" } ?? "")
      + ", test: \(heldOut), seed: \(seed))"
    let name = folder.split(separator: "/").last.map(String.init) ?? folder
    let parts = Set(try entries(folder).filter { isFolder("\(folder)/\($0)") })
    let hasSplits = parts.contains("train") && parts.contains("test")
    let classNames = try entries(hasSplits ? "\(folder)/train" : folder)
      .filter { isFolder("\(hasSplits ? "\(folder)/train" : folder)/\($0)") }
    guard !classNames.isEmpty else {
      throw .missing(
        dataset: name, files: ["…/class/image.png"], folders: [folder],
        fix: "put the images of each class into a folder with its name")
    }
    var reader = Reader(dataset: name, size: size)
    var splits: [String: [(label: Int, pixels: [UInt8])]] = ["train": [], "test": []]
    for (label, className) in classNames.enumerated() {
      if hasSplits {
        for split in ["train", "test"] {
          for path in try images("\(folder)/\(split)/\(className)") {
            splits[split]?.append((label, try reader.read(path)))
          }
        }
      } else {
        let paths = try images("\(folder)/\(className)")
        var generator = Generator(seed: seed).split(.sampling, label)
        let held = Set(
          generator.permutation(paths.count).prefix(Int((Double(paths.count) * heldOut).rounded())))
        for (place, path) in paths.enumerated() {
          splits[held.contains(place) ? "test" : "train"]?.append((label, try reader.read(path)))
        }
      }
    }
    func split(_ split: String) throws(DatasetError) -> ImageSet {
      let images = splits[split] ?? []
      guard !images.isEmpty, let shape = reader.shape else {
        throw .inconsistent(
          dataset: name, path: folder, reason: "there are no images to \(split) on",
          fix: split == "test" ? "hold out a larger share: test: 0.2" : "add PNG images")
      }
      return ImageSet(
        name: "\(name) \(split)", recipe: "\(call).\(split)",
        store: ImageStore(
          pixels: images.flatMap(\.pixels)[...], labels: images.map(\.label), imageShape: shape,
          classNames: classNames,
          checksum: SHA256.hex(of: images.map { SHA256.hex(of: $0.pixels) }.joined())))
    }
    return Dataset(
      name: name, train: try split("train"), test: try split("test"),
      citation: "the images in \"\(folder)\"", folder: folder)
  }

  /// Reads images one after the other, all to the same shape.
  private struct Reader {
    let dataset: String
    let size: Int?
    var shape: [Int]?
    var first = ""

    mutating func read(_ path: String) throws(DatasetError) -> [UInt8] {
      var image: PNGImage
      do throws(FormatError) {
        image = try PNGImage.read(path)
      } catch {
        throw .file(dataset: dataset, error, fix: "repair or remove it")
      }
      if let size { image = image.resized(to: size) }
      guard let shape else {
        (shape, first) = (image.shape, path)
        return image.pixels
      }
      if shape.last == 3, image.shape.last == 1 { image = image.coloured }
      guard image.shape == shape else {
        throw .inconsistent(
          dataset: dataset, path: path,
          reason: "its shape is \(image.shape), that of \"\(first)\" is \(shape)",
          fix: image.shape.last == shape.last
            ? "bring all to one size with size: \(min(shape[0], shape[1]))"
            : "make all of them grey, or all of them coloured")
      }
      return image.pixels
    }
  }

  /// The names in a folder in alphabetical order, hidden ones left out.
  private static func entries(_ folder: String) throws(DatasetError) -> [String] {
    do throws(FormatError) {
      return try File.names(in: folder).filter { !$0.hasPrefix(".") }.sorted()
    } catch {
      var reason = "it cannot be read"
      if case .file(_, _, let words, _) = error { reason = words }
      throw .missing(
        dataset: word, files: [folder], folders: ["."], fix: "check the path: \(reason)")
    }
  }

  private static func images(_ folder: String) throws(DatasetError) -> [String] {
    try entries(folder).filter { $0.lowercased().hasSuffix(".png") }.map { "\(folder)/\($0)" }
  }

  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
