/// A data set as its authors published it: images to learn from and images to test on.
public struct Dataset: Sendable {
  /// The name, such as `Fashion-MNIST`.
  public let name: String
  /// The images to learn from.
  public let train: ImageSet
  /// The images to test on.
  public let test: ImageSet
  /// The publication to cite.
  public let citation: String
  /// The folder that it was loaded from.
  public let folder: String

  /// The shape of one image, `[H, W, C]`.
  public var shape: [Int] { train.imageShape }
  /// The names of the classes, in the order of their numbers.
  public var classNames: [String] { train.classNames }
}

/// A data set that can be loaded by name; one file in `Sets`, one line of `DatasetCatalogue`.
public protocol DatasetSource: Sendable {
  /// The word for it in a cell: `FashionMNIST`.
  static var word: String { get }
  /// The name that people know it by, such as `Fashion-MNIST`.
  static var name: String { get }
  /// What it shows, in one sentence.
  static var summary: String { get }
  /// The publication to cite.
  static var citation: String { get }
  /// The shape of one image, `[H, W, C]`.
  static var imageShape: [Int] { get }
  /// The names of the classes, in the order of their numbers.
  static var classNames: [String] { get }
  /// Loads it from a folder, or from where it is usually found.
  ///
  /// - Throws: `DatasetError`, naming the missing or damaged file and the way out.
  static func load(from folder: String?) throws(DatasetError) -> Dataset
  /// What a download of all of them takes, in megabytes.
  static var downloadMegabytes: Int { get }
  /// The files as they are offered for download.
  static var published: [PublishedFile] { get }
}

extension DatasetSource {
  /// Fetches the published files into `folder`, or into the user's cache, unless they are there already.
  ///
  /// - Returns: the folder, when it is the one to load from.
  /// - Throws: `DatasetError` of the download.
  public static func fetch(
    into folder: String?, by download: Download
  ) throws(DatasetError) -> String? {
    guard let place = DataPlace.downloads(word, at: folder) else {
      throw .download(
        dataset: name, file: published.first?.name ?? "", reason: "there is no folder for it",
        fix: "give one with at: \"folder\"")
    }
    try download.fetch(published, of: name, into: place)
    return folder
  }
}
