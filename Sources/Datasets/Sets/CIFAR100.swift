/// CIFAR-100: 60,000 colour images of 32 × 32 pixels in a hundred classes.
///
/// Source: A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009. The labels are the
/// hundred fine ones.
public enum CIFAR100: DatasetSource {
  /// The word for it in a cell.
  public static let word = "CIFAR100"
  /// The name that people know it by.
  public static let name = "CIFAR-100"
  /// What it shows, in one sentence.
  public static let summary =
    "60,000 colour images of 32 × 32 pixels of things and creatures in a hundred classes"
  /// The publication to cite.
  public static let citation = CIFAR10.citation
  /// What a download takes, in megabytes.
  public static let downloadMegabytes = 169
  /// The shape of one image, `[H, W, C]`.
  public static let imageShape = [32, 32, 3]
  /// The names of the classes, in the order of their numbers.
  public static let classNames = """
    apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel \
    can castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur \
    dolphin elephant flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion \
    lizard lobster man maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree \
    pear pickup_truck pine_tree plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea \
    seal shark shrew skunk skyscraper snail snake spider squirrel streetcar sunflower sweet_pepper table \
    tank telephone television tiger tractor train trout tulip turtle wardrobe whale willow_tree wolf woman \
    worm
    """.split(separator: " ").map { String($0).replacing("_", with: " ") }

  /// Loads the binary version from `folder`, or from the first of the usual places that has it: the archive as
  /// it is published, or what is in it, also in the folder `cifar-100-binary`.
  ///
  /// - Throws: `DatasetError`, naming the missing or damaged file and the way out.
  public static func load(from folder: String? = nil) throws(DatasetError) -> Dataset {
    try distribution.load(from: folder)
  }

  /// The archive as it is published.
  public static let published = [distribution.archive]

  static let distribution = CIFARDistribution(
    name: name, word: word, citation: citation, classNames: classNames, labelBytes: 2,
    folder: "cifar-100-binary",
    archive: PublishedFile(
      "cifar-100-binary.tar.gz", from: "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz",
      checksum: "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec"),
    train: ["train.bin"], test: ["test.bin"], counts: (train: 50_000, test: 10_000))
}
