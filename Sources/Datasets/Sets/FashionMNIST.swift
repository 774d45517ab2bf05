/// Fashion-MNIST: 70,000 grey images of 28 × 28 pixels of clothes, shoes and bags, in ten classes.
///
/// Source: H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine
/// Learning Algorithms", arXiv:1708.07747, 2017. Debian has it in the package `dataset-fashion-mnist`.
public enum FashionMNIST: DatasetSource {
  /// The word for it in a cell.
  public static let word = "FashionMNIST"
  /// The name that people know it by.
  public static let name = "Fashion-MNIST"
  /// What it shows, in one sentence.
  public static let summary =
    "70,000 grey images of 28 × 28 pixels of clothes, shoes and bags in ten classes"
  /// The publication to cite.
  public static let citation =
    "H. Xiao, K. Rasul, R. Vollgraf: Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine "
    + "Learning Algorithms, arXiv:1708.07747, 2017"
  /// What a download takes, in megabytes.
  public static let downloadMegabytes = 31
  /// The shape of one image, `[H, W, C]`.
  public static let imageShape = [28, 28, 1]
  /// The names of the classes, in the order of their numbers.
  public static let classNames = [
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag",
    "Ankle boot",
  ]

  /// Loads it from `folder`, or, without one, from the first place that has it.
  ///
  /// The places are the folder that the environment variable `ORBIT_DATA` names, the user's cache, and where
  /// Debian's package puts it. In a folder, also `fashion-mnist` and `FashionMNIST/raw` (as torchvision has it) are looked in.
  /// The files may be compressed with gzip or not; their content is checked against the published one by
  /// SHA-256.
  ///
  /// - Throws: `DatasetError`, naming the missing or damaged file and the way out.
  public static func load(from folder: String? = nil) throws(DatasetError) -> Dataset {
    try distribution.load(from: folder)
  }

  /// The four files as the authors offer them.
  public static let published = distribution.fileNames.map { name in
    PublishedFile(
      "\(name).gz", from: "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/\(name).gz",
      checksum: nil)
  }

  static let distribution = IDXDistribution(
    name: name, word: word, citation: citation, imageShape: imageShape,
    classNames: classNames,
    folders: ["fashion-mnist", "FashionMNIST/raw"],
    installedFolder: "/usr/share/datasets/fashion-mnist", package: "dataset-fashion-mnist",
    train: .init(
      images: "train-images-idx3-ubyte",
      imagesChecksum: "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
      labels: "train-labels-idx1-ubyte",
      labelsChecksum: "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"),
    test: .init(
      images: "t10k-images-idx3-ubyte",
      imagesChecksum: "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
      labels: "t10k-labels-idx1-ubyte",
      labelsChecksum: "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"))
}
