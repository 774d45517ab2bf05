import Datasets
import JupyterProtocol
import Plotting

/// The card of a data set: what it is, how many images of each class, and some of them.
struct DatasetCard: Displayable {
  private let dataset: Dataset
  /// The classes shown in the picture: a page has room for no more.
  private static let mostClasses = 20
  private static let imagesPerClass = 12

  init(_ dataset: Dataset) { self.dataset = dataset }

  private var counts: (train: [Int], test: [Int]) {
    (dataset.train.classCounts, dataset.test.classCounts)
  }

  /// What it is, in one line.
  static func summary(_ dataset: Dataset) -> String {
    "\(dataset.name): \(Written.count(dataset.train.count)) images to train on, "
      + "\(Written.count(dataset.test.count)) to test on, \(Written.shape(dataset.shape)), "
      + "\(dataset.classNames.count) classes"
  }

  private var table: Table {
    let counts = counts
    return Table(
      Self.summary(dataset),
      columns: [
        .init("class", isNumeric: true), .init("name"), .init("train", isNumeric: true),
        .init("test", isNumeric: true),
      ],
      rows: dataset.classNames.enumerated().map { index, name in
        [
          String(index), name, Written.count(counts.train[index]),
          Written.count(counts.test[index]),
        ]
      }, notes: [dataset.citation])
  }

  /// The first training images of each class, a class a row.
  private func sheet() throws -> ImageSheet {
    let counts = counts
    let classes = min(dataset.classNames.count, Self.mostClasses)
    var places = [[Int]](repeating: [], count: classes)
    for (place, label) in dataset.train.labels.enumerated()
    where label < classes && places[label].count < Self.imagesPerClass {
      places[label].append(place)
    }
    let object = ImageSetObject(dataset.train)
    let left = dataset.classNames.count - classes
    let words = (counts.train.first ?? 0, counts.test.first ?? 0)
    let isEven = Set(counts.train).count == 1 && Set(counts.test).count == 1
    let each =
      isEven
      ? "\(Written.count(words.0)) of each class to train on, \(Written.count(words.1)) to test on"
      : "under each name the images to train and to test on"
    return ImageSheet(
      title: Self.summary(dataset),
      subtitle: (left > 0 ? "the first \(classes) classes; " : "") + each,
      rows: try places.map { row in try row.map { ImageSheet.Tile(try object.bitmap(at: $0)) } },
      rowHeaders: (0..<classes).map { label in
        let name = dataset.classNames[label]
        guard !isEven else { return name }
        return "\(name), \(Written.count(counts.train[label])) + "
          + Written.count(counts.test[label])
      })
  }

  /// The picture, and the table as text.
  func bundle() throws -> MIMEBundle {
    var picture = try Picture(figure: try sheet(), cell: "").bundle()
    picture["text/plain"] = .text(table.text)
    return picture
  }
}
