import Formats
import Tensors

/// Images and labels in a NumPy archive (`.npz`), under the names that Keras and MedMNIST use.
///
/// `x_train`, `y_train`, `x_test`, `y_test`, or `train_images`, `train_labels`, `test_images`, `test_labels`:
/// images `[N, H, W]` or `[N, H, W, C]` with 1 or 3 channels, as bytes, or as numbers in 0...1; labels as whole
/// numbers. With `images` and `labels` alone a share is held out to test on.
public enum ImageArrays {
  /// The word for it in a cell.
  public static let word = "ImageArrays"

  private static let names = [
    ["x_train", "y_train", "x_test", "y_test"],
    ["train_images", "train_labels", "test_images", "test_labels"],
    ["images", "labels"],
  ]

  /// Loads the archive.
  ///
  /// - Parameters:
  ///   - classNames: the names of the classes; their numbers where there are none.
  ///   - heldOut: the share to test on, where the archive has no splits; `seed` chooses.
  /// - Throws: `DatasetError`, naming the file and the way out.
  public static func load(
    from path: String, classNames: [String] = [], heldOut: Double = 0.2, seed: UInt64 = 1
  ) throws(DatasetError) -> Dataset {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    func refuse(_ reason: String, _ fix: String) -> DatasetError {
      .inconsistent(dataset: word, path: path, reason: reason, fix: fix)
    }
    var arrays: [String: NumPyNumbers] = [:]
    do throws(FormatError) {
      for entry in try ZipArchive.read(path, where: { $0.hasSuffix(".npy") }) {
        arrays[String(entry.name.dropLast(4))] = try NumPyNumbers(
          parsing: entry.bytes, path: "\(path)/\(entry.name)")
      }
    } catch {
      throw .file(
        dataset: word, error, fix: "save it with numpy.savez(\"file.npz\", x_train=…, y_train=…)")
    }
    guard let names = names.first(where: { $0.allSatisfy { arrays[$0] != nil } }) else {
      throw refuse(
        "it holds \(arrays.keys.sorted().joined(separator: ", "))",
        "name the arrays x_train, y_train, x_test and y_test, or images and labels")
    }
    var splits: [(pixels: [UInt8], labels: [Int])] = []
    var shape: [Int] = []
    for pair in stride(from: 0, to: names.count, by: 2) {
      guard let images = arrays[names[pair]], let numbers = arrays[names[pair + 1]] else { break }
      let (found, pixels) = try read(images, names[pair], refuse)
      guard shape.isEmpty || shape == found else {
        throw refuse(
          "its splits have images of the shapes \(shape) and \(found)", "make them equal")
      }
      shape = found
      splits.append((pixels, try labels(numbers, images.shape[0], names[pair + 1], refuse)))
    }
    let size = shape.product
    if splits.count == 1 {
      var generator = Generator(seed: seed).split(.sampling)
      let order = generator.permutation(splits[0].labels.count)
      let held = Int((Double(order.count) * heldOut).rounded())
      let whole = splits[0]
      splits = [order[held...].sorted(), order[..<held].sorted()].map { places in
        (
          places.flatMap { whole.pixels[$0 * size..<($0 + 1) * size] },
          places.map { whole.labels[$0] }
        )
      }
    }
    let classes = (splits.flatMap(\.labels).max() ?? 0) + 1
    guard classNames.isEmpty || classNames.count >= classes,
      splits.allSatisfy({ !$0.labels.isEmpty })
    else {
      throw refuse(
        "it has labels up to \(classes - 1), or a split without images",
        "give \(classes) names: classes: [\"…\"]")
    }
    let known = classNames.isEmpty ? (0..<classes).map { "\($0)" } : classNames
    let call = "\(word)(at: \"\(path)\", test: \(heldOut), seed: \(seed))"
    let sets = zip(splits, ["train", "test"]).map { split, word in
      ImageSet(
        name: "\(name) \(word)", recipe: "\(call).\(word)",
        store: ImageStore(
          pixels: split.pixels[...], labels: split.labels, imageShape: shape, classNames: known,
          checksum: SHA256.hex(
            of: split.pixels + split.labels.map { UInt8(truncatingIfNeeded: $0) })))
    }
    return Dataset(
      name: name, train: sets[0], test: sets[1], citation: "the arrays in \"\(path)\"", folder: path
    )
  }

  /// The images as bytes, with the shape of one.
  private static func read(
    _ array: NumPyNumbers, _ name: String, _ refuse: (String, String) -> DatasetError
  ) throws(DatasetError) -> (shape: [Int], pixels: [UInt8]) {
    let shape = array.shape.count == 3 ? array.shape + [1] : array.shape
    guard shape.count == 4, [1, 3].contains(shape[3]), shape.allSatisfy({ $0 > 0 }) else {
      throw refuse(
        "\(name) has the shape \(array.shape)", "give images as [N, H, W] or [N, H, W, 3]")
    }
    switch array.values {
    case .bytes(let bytes): return (Array(shape[1...]), Array(bytes))
    case .integers(let values) where values.allSatisfy({ (0...255).contains($0) }):
      return (Array(shape[1...]), values.map { UInt8($0) })
    case .floats(let values) where values.allSatisfy({ (0...1).contains($0) }):
      return (Array(shape[1...]), values.map { UInt8(($0 * 255).rounded()) })
    default:
      throw refuse(
        "\(name) has values that are neither bytes nor numbers from 0 to 1",
        "scale them to 0...255 and save them as uint8")
    }
  }

  private static func labels(
    _ array: NumPyNumbers, _ count: Int, _ name: String, _ refuse: (String, String) -> DatasetError
  ) throws(DatasetError) -> [Int] {
    let numbers: [Int] =
      switch array.values {
      case .bytes(let bytes): bytes.map { Int($0) }
      case .integers(let values): values
      case .floats(let values): values.map { $0 == $0.rounded() && abs($0) < 1e9 ? Int($0) : -1 }
      }
    guard array.shape == [count] || array.shape == [count, 1] else {
      throw refuse(
        "\(name) has the shape \(array.shape)", "give one label for each of \(count) images")
    }
    guard numbers.allSatisfy({ (0..<100_000).contains($0) }) else {
      throw refuse(
        "\(name) has labels that are not whole numbers from 0", "number the classes from 0")
    }
    return numbers
  }
}
