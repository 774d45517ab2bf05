/// CIFAR-10: 60,000 colour images of 32 × 32 pixels of vehicles and animals in ten classes.
///
/// Source: A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009.
public enum CIFAR10: DatasetSource {
  /// The word for it in a cell.
  public static let word = "CIFAR10"
  /// The name that people know it by.
  public static let name = "CIFAR-10"
  /// What it shows, in one sentence.
  public static let summary =
    "60,000 colour images of 32 × 32 pixels of vehicles and animals in ten classes"
  /// The publication to cite.
  public static let citation =
    "A. Krizhevsky: Learning Multiple Layers of Features from Tiny Images, 2009"
  /// What a download takes, in megabytes.
  public static let downloadMegabytes = 170
  /// The shape of one image, `[H, W, C]`.
  public static let imageShape = [32, 32, 3]
  /// The names of the classes, in the order of their numbers.
  public static let classNames = [
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
  ]

  /// Loads the binary version from `folder`, or from the first of the usual places that has it: the archive as
  /// it is published, or what is in it, also in the folder `cifar-10-batches-bin`.
  ///
  /// - Throws: `DatasetError`, naming the missing or damaged file and the way out.
  public static func load(from folder: String? = nil) throws(DatasetError) -> Dataset {
    try distribution.load(from: folder)
  }

  /// The archive as it is published.
  public static let published = [distribution.archive]

  static let distribution = CIFARDistribution(
    name: name, word: word, citation: citation, classNames: classNames, labelBytes: 1,
    folder: "cifar-10-batches-bin",
    archive: PublishedFile(
      "cifar-10-binary.tar.gz", from: "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
      checksum: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"),
    train: (1...5).map { "data_batch_\($0).bin" }, test: ["test_batch.bin"],
    counts: (train: 50_000, test: 10_000))
}
