import CellLanguage
import Datasets
import JupyterProtocol
import Plotting

/// A data set in a cell: `fashion.train`, `fashion.test`, `fashion.classes`.
final class DatasetObject: HostConvertible, Displayable {
  static let typeDescription = "data set"
  let typeName = "Dataset"
  let dataset: Dataset
  let train: ImageSetObject
  let test: ImageSetObject

  init(_ dataset: Dataset) {
    self.dataset = dataset
    train = ImageSetObject(dataset.train)
    test = ImageSetObject(dataset.test)
  }

  var members: [Member] {
    [
      Member("train", "the images to learn from"),
      Member("test", "the images to measure on"),
      Member("shape", "height, width and channels of an image"),
      Member("classes", "the names of the classes"),
      Member("name", "the name of the data set"),
    ]
  }

  func member(_ name: String) throws -> Value {
    switch name {
    case "train": .object(train)
    case "test": .object(test)
    case "shape": .array(dataset.shape.map { .integer($0) })
    case "classes": .array(dataset.classNames.map { .string($0) })
    default: .string(dataset.name)
    }
  }

  var summary: String { DatasetCard.summary(dataset) }

  /// The counts as a table, and a picture with images of every class.
  func bundle() throws -> MIMEBundle { try DatasetCard(dataset).bundle() }
}

/// A set of images in a cell: `small.first(16)`, `small[0..<64]`, `small.sample(100, seed: 1)`.
final class ImageSetObject: HostConvertible, Displayable {
  static let typeDescription = "set of images"
  let typeName = "ImageSet"
  let images: ImageSet

  init(_ images: ImageSet) { self.images = images }

  var members: [Member] {
    [
      Member("count", "the number of images"),
      Member("shape", "height, width and channels of an image"),
      Member("labels", "the class of each image, as a number"),
      Member("classes", "the names of the classes"),
      Member("factors", "what is known of how each image was made, by name: angles, places"),
      Member("recipe", "the cell text that gives this set"),
      Member("checksum", "the SHA-256 of the data that the set was chosen from"),
    ]
  }

  var methods: [Command] {
    let seed = Parameter<Int>("seed", default: 1, in: 0..., "the seed of the choice")
    return [
      Command(
        "first", "The first images of the set.",
        parameters: Parameter<Int>("count", label: .none, in: 1..., "how many"),
        returns: "ImageSet", topic: "data", example: "fashion.train.first(10_000)"
      ) { [images] _, count in .object(ImageSetObject(try images.first(count))) },
      Command(
        "sample", "Images chosen at random, without repetition.",
        parameters: Parameter<Int>("count", label: .none, in: 1..., "how many"), seed,
        returns: "ImageSet", topic: "data", example: "fashion.train.sample(100, seed: 1)"
      ) { [images] _, count, seed in
        .object(ImageSetObject(try images.sample(count, seed: UInt64(seed))))
      },
      Command(
        "labelled", "Images chosen at random, the same number of every class.",
        parameters: Parameter<Int>(
          "count", label: .none, in: 1..., "how many in all, a multiple of the number of classes"),
        seed, returns: "ImageSet", topic: "data",
        example: "fashion.train.labelled(100, seed: 1)"
      ) { [images] _, count, seed in
        .object(ImageSetObject(try images.labelled(count, seed: UInt64(seed))))
      },
    ]
  }

  func member(_ name: String) throws -> Value {
    switch name {
    case "count": .integer(images.count)
    case "shape": .array(images.imageShape.map { .integer($0) })
    case "labels": .array(images.labels.map { .integer($0) })
    case "classes": .array(images.classNames.map { .string($0) })
    case "factors": .dictionary(factors)
    case "checksum": .string(images.checksum)
    default: .string(images.recipe)
    }
  }

  private var factors: ValueDictionary {
    var dictionary = ValueDictionary()
    for factor in images.factors {
      dictionary[factor.name] = .array(factor.values.map { .number(Double($0)) })
    }
    return dictionary
  }

  func subscripted(_ index: Value) throws -> Value {
    let chosen = try places(index)
    guard !chosen.isEmpty else {
      throw CellError(
        .rangeError, "\(index.cellText) chooses no image", fix: "write small[0..<64]")
    }
    return .object(ImageSetObject(try images[chosen]))
  }

  /// The places that a subscript means: `[3]`, `[0..<64]`, `[10...]`.
  private func places(_ index: Value) throws -> Range<Int> {
    switch index {
    case .integer(let place) where place < Int.max: return place..<place + 1
    case .range(let range):
      if let whole = range.integers { return whole }
      guard case .integers(let lower, let upper) = range.ends else { break }
      let end = upper.map { range.isClosed && $0 < Int.max ? $0 + 1 : $0 } ?? images.count
      guard (lower ?? 0) <= end else { break }
      return (lower ?? 0)..<end
    default: break
    }
    throw CellError(
      .typeError, "a set of images is subscripted by a place or a range, not \(index.phrase)",
      fix: "write small[0..<64]")
  }

  var summary: String {
    "\(Written.count(images.count)) image\(images.count == 1 ? "" : "s") of \(images.name), \(Written.shape(images.imageShape))"
  }

  func bundle() throws -> MIMEBundle {
    let counts = images.classCounts
    let rows = images.classNames.enumerated().map { index, name in
      [String(index), name, Written.count(counts[index])]
    }
    return Table(
      summary,
      columns: [.init("class", isNumeric: true), .init("name"), .init("images", isNumeric: true)],
      rows: rows, notes: [images.recipe]
    ).bundle()
  }

  /// The image at a place, to be drawn.
  func bitmap(at place: Int) throws -> Bitmap {
    let shape = images.imageShape
    return try Bitmap(
      width: shape[1], height: shape[0], channels: shape[2], pixels: images.pixels(at: place))
  }

  /// The name of the class of the image at a place.
  func className(at place: Int) -> String { images.classNames[images.labels[place]] }
}
