/// MNIST: 70,000 grey images of 28 × 28 pixels of handwritten digits.
///
/// Source: Y. LeCun, C. Cortes, C. J. C. Burges, "The MNIST database of handwritten digits", 1998.
public enum MNIST: DatasetSource {
  /// The word for it in a cell.
  public static let word = "MNIST"
  /// The name that people know it by.
  public static let name = "MNIST"
  /// What it shows, in one sentence.
  public static let summary = "70,000 grey images of 28 × 28 pixels of handwritten digits"
  /// The publication to cite.
  public static let citation =
    "Y. LeCun, C. Cortes, C. J. C. Burges: The MNIST database of handwritten digits, 1998"
  /// What a download takes, in megabytes.
  public static let downloadMegabytes = 12
  /// The shape of one image, `[H, W, C]`.
  public static let imageShape = [28, 28, 1]
  /// The names of the classes, in the order of their numbers.
  public static let classNames = (0...9).map { "\($0)" }

  /// Loads it from `folder`, or from the first of the usual places that has it; in a folder, also `mnist` and
  /// `MNIST/raw` (as torchvision has it) are looked in.
  ///
  /// - Throws: `DatasetError`, naming the missing or damaged file and the way out.
  public static func load(from folder: String? = nil) throws(DatasetError) -> Dataset {
    try distribution.load(from: folder)
  }

  /// The four files at the address where they are kept now.
  public static let published = [
    ("train-images-idx3-ubyte", "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
    ("train-labels-idx1-ubyte", "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
    ("t10k-images-idx3-ubyte", "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
    ("t10k-labels-idx1-ubyte", "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
  ].map { name, checksum in
    PublishedFile(
      "\(name).gz", from: "https://storage.googleapis.com/cvdf-datasets/mnist/\(name).gz",
      checksum: checksum)
  }

  static let distribution = IDXDistribution(
    name: name, word: word, citation: citation, imageShape: imageShape, classNames: classNames,
    folders: ["mnist", "MNIST/raw"],
    train: .init(
      images: "train-images-idx3-ubyte",
      imagesChecksum: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
      labels: "train-labels-idx1-ubyte",
      labelsChecksum: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
    test: .init(
      images: "t10k-images-idx3-ubyte",
      imagesChecksum: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
      labels: "t10k-labels-idx1-ubyte",
      labelsChecksum: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"))
}
