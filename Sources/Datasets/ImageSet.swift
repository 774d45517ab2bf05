public import Tensors

/// Labelled images: a split of a data set, or a selection of one.
///
/// A set is cheap to copy: its selections share the pixels, which stay bytes until they are asked for.
/// Values as numbers are byte / 255, so they lie in 0...1.
public struct ImageSet: Sendable {
  /// The split's name, such as `Fashion-MNIST train`; selections keep it.
  public let name: String
  /// The expression that gives this set again, such as `FashionMNIST().train.sample(100, seed: 1)`.
  public let recipe: String
  /// The class of each image, an index of `classNames`.
  public let labels: [Int]
  let store: ImageStore
  let indices: Selection
  let statistics = LazyStatistics()

  /// Which images of the store: all, or some in an order.
  enum Selection: Sendable {
    case all(Int)
    case some([Int])

    var count: Int {
      switch self {
      case .all(let count): count
      case .some(let indices): indices.count
      }
    }

    subscript(_ index: Int) -> Int {
      switch self {
      case .all: index
      case .some(let indices): indices[index]
      }
    }
  }

  /// A whole split.
  init(name: String, recipe: String, store: ImageStore) {
    self.init(
      name: name, recipe: recipe, labels: store.labels, store: store,
      indices: .all(store.labels.count))
  }

  init(name: String, recipe: String, labels: [Int], store: ImageStore, indices: Selection) {
    self.name = name
    self.recipe = recipe
    self.labels = labels
    self.store = store
    self.indices = indices
  }

  /// The number of images.
  public var count: Int { indices.count }
  /// The shape of one image, `[H, W, C]`.
  public var imageShape: [Int] { store.imageShape }
  /// The names of the classes, in the order of their numbers.
  public var classNames: [String] { store.classNames }
  /// The SHA-256 of the split's files, as 64 hexadecimal digits; with `recipe` it identifies the images.
  ///
  /// It is the digest of the digests of the two decompressed files, images first, as text.
  public var checksum: String { store.checksum }

  /// The number of images of each class.
  public var classCounts: [Int] {
    var counts = [Int](repeating: 0, count: classNames.count)
    for label in labels { counts[label] += 1 }
    return counts
  }

  /// What is known of how the images were made, one value for each image; empty for photographs.
  public var factors: [(name: String, values: [Float])] {
    store.factors.map { factor in
      (factor.name, (0..<count).map { factor.values[indices[$0]] })
    }
  }

  /// The bytes of one image, row by row, channels together (`[H, W, C]`).
  ///
  /// - Throws: `DatasetError.selection` when there is no such image.
  public func pixels(at index: Int) throws(DatasetError) -> [UInt8] {
    try check([index], "image")
    let size = store.imageSize
    let start = store.pixels.startIndex + indices[index] * size
    return Array(store.pixels[start..<(start + size)])
  }

  /// The images as numbers in 0...1, `[N, H, W, C]`; all of them, or those at `chosen`, in that order.
  ///
  /// - Throws: `DatasetError.selection` when one does not exist, or when there is no memory for so many.
  public func tensor(at chosen: [Int]? = nil) throws(DatasetError) -> Tensor {
    if let chosen { try check(chosen, "tensor") }
    let number = chosen?.count ?? count
    try checkMemory(number)
    return Tensor(shape: [number] + imageShape) { target in
      if let chosen {
        fill(target, at: chosen)
      } else {
        fill(target, at: 0..<count)
      }
    }
  }

  /// Writes the images at `chosen` as numbers in 0...1, one after the other, `[N, H, W, C]`.
  ///
  /// The buffer must have room for them and the images must exist: this is the inner loop of training, for
  /// indices that come from `Batches`.
  public func fill(
    _ buffer: UnsafeMutableBufferPointer<Float>, at chosen: some Collection<Int>
  ) {
    let size = store.imageSize
    precondition(buffer.count >= chosen.count * size, "the buffer has room for the images")
    store.pixels.withUnsafeBufferPointer { source in
      var place = 0
      for index in chosen {
        precondition(index >= 0 && index < count, "the image is in the set")
        let start = indices[index] * size
        for pixel in 0..<size { buffer[place + pixel] = Float(source[start + pixel]) / 255 }
        place += size
      }
    }
  }

  private func check(_ chosen: [Int], _ operation: String) throws(DatasetError) {
    guard let wrong = chosen.first(where: { $0 < 0 || $0 >= count }) else { return }
    throw .selection(
      operation: operation, set: recipe,
      reason: "there is no image \(wrong) among \(count.grouped)", fix: rangeAdvice)
  }

  /// Refuses more images than fit in memory as numbers.
  private func checkMemory(_ number: Int) throws(DatasetError) {
    let bytes = number * store.imageSize * MemoryLayout<Float>.size
    guard let available = Tensor.availableMemory(lessThan: bytes) else { return }
    throw .selection(
      operation: "tensor", set: recipe,
      reason: "\(number.grouped) images as numbers need \(bytes.grouped) bytes, and "
        + "\(available.grouped) are available",
      fix: "choose fewer of them")
  }

  var rangeAdvice: String {
    count == 0 ? "the set is empty" : "choose from 0 to \((count - 1).grouped)"
  }
}

/// The pixels and labels of a split, shared by everything that is selected from it.
final class ImageStore: Sendable {
  let pixels: ArraySlice<UInt8>
  let labels: [Int]
  let imageShape: [Int]
  let classNames: [String]
  let checksum: String
  let imageSize: Int
  /// What is known of how each image was made, by name: the angle, the place.
  let factors: [(name: String, values: [Float])]

  init(
    pixels: ArraySlice<UInt8>, labels: [Int], imageShape: [Int], classNames: [String],
    checksum: String, factors: [(name: String, values: [Float])] = []
  ) {
    self.factors = factors
    self.pixels = pixels
    self.labels = labels
    self.imageShape = imageShape
    self.classNames = classNames
    self.checksum = checksum
    imageSize = imageShape.product
    precondition(pixels.count == labels.count * imageSize, "a label for every image")
  }
}

extension Int {
  /// The number as it is written in a cell: `10_000`.
  var grouped: String {
    let digits = String(magnitude)
    var result = ""
    for (place, digit) in digits.enumerated() {
      if place > 0, (digits.count - place) % 3 == 0 { result += "_" }
      result.append(digit)
    }
    return (self < 0 ? "-" : "") + result
  }
}
