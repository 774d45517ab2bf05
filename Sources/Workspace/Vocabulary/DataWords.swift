import CellLanguage
import Datasets
import Synchronization

/// The words that give data: one for each data set of the catalogue, the user's own images, and made ones.
enum DataWords {
  static let all: [Command] =
    DatasetCatalogue.all.map(published) + [imageFolder, imageArrays, shapes]

  private static func published(_ source: any DatasetSource.Type) -> Command {
    Command(
      source.word, "\(source.summary.prefix(1).uppercased())\(source.summary.dropFirst()).",
      parameters: Parameter<String?>(
        "at",
        "a folder that holds the published files, when they are not where the system keeps them"),
      Parameter<Bool>(
        "download", default: false,
        "whether to fetch the published files (\(source.downloadMegabytes) MB) when they are not there"
      ),
      returns: "Dataset", topic: "data",
      discussion: """
        \(source.citation).

        The files' checksums are verified when they are read. With `download: true` they are fetched from \
        \(source.published.first?.address ?? "their address") into the folder `at`, or into the user's \
        cache; an interrupted download carries on with the next call.
        """,
      example: "let data = \(source.word)()\nshow(data.train.first(16))"
    ) { context, folder, mayFetch in
      let context = try CellContext.of(context)
      return .object(
        try context.workspace.dataset("\(source.word) \(folder ?? "")") {
          guard mayFetch else { return try source.load(from: folder) }
          do throws(DatasetError) {
            return try source.load(from: folder)
          } catch .missing {
            let place = try source.fetch(into: folder, by: download(in: context))
            return try source.load(from: place)
          }
        })
    }
  }

  /// A download that the interrupt stops, and that tells now and then how far it is.
  private static func download(in context: CellContext) -> Download {
    let told = Mutex<(file: String, megabytes: Int)>(("", 0))
    return Download(isStopped: { context.isInterrupted }) { progress in
      let megabytes = progress.bytes >> 20
      let isNews = told.withLock { told in
        guard told.file != progress.file || megabytes >= told.megabytes + 10 else { return false }
        told = (progress.file, megabytes)
        return true
      }
      if isNews { context.write("\(progress.file): \(megabytes) MB\n", to: .standardOutput) }
    }
  }

  static let imageFolder = Command(
    "ImageFolder", "PNG images of your own, one folder a class.",
    parameters: Parameter<String>(
      "at", "the folder; with `train` and `test` in it these are the splits"),
    Parameter<Int?>(
      "size", in: 4...1024,
      "the side in pixels to which images are cut and scaled; without it all must be of one size"),
    Parameter<Double>(
      "test", default: 0.2, in: 0.0...0.9,
      "the share of each class to test on, where the folder has no splits"),
    Parameter<Int>("seed", default: 1, in: 0..., "the seed of the choice of those"),
    returns: "Dataset", topic: "data", example: "let pets = ImageFolder(at: \"pets\", size: 32)"
  ) { context, folder, size, heldOut, seed in
    .object(
      DatasetObject(
        try ImageFolder.load(from: folder, size: size, heldOut: heldOut, seed: UInt64(seed))))
  }

  static let imageArrays = Command(
    "ImageArrays", "Images and labels of a NumPy archive.",
    parameters: Parameter<String>("at", "the file, ending in .npz"),
    Parameter<[String]>(
      "classes", default: [], "the names of the classes; their numbers unless given"),
    Parameter<Double>(
      "test", default: 0.2, in: 0.0...0.9, "the share to test on, where the file has no splits"),
    Parameter<Int>("seed", default: 1, in: 0..., "the seed of the choice of those"),
    returns: "Dataset", topic: "data",
    discussion: """
      The arrays are named as Keras and MedMNIST name theirs: `x_train`, `y_train`, `x_test`, `y_test`, or \
      `train_images`, `train_labels`, `test_images`, `test_labels`, or `images` and `labels` alone. Images are \
      `[N, H, W]` or `[N, H, W, 3]`, bytes or numbers from 0 to 1.
      """,
    example: "let digits = ImageArrays(at: \"mnist.npz\")"
  ) { context, path, classes, heldOut, seed in
    .object(
      DatasetObject(
        try ImageArrays.load(
          from: path, classNames: classes, heldOut: heldOut, seed: UInt64(seed))))
  }

  static let shapes = Command(
    "Shapes",
    "Grey figures under known turns, scalings and shifts; made on the spot, no file needed.",
    parameters: Parameter<Int>(
      "count", default: 6_000, in: 8...1_000_000,
      "the images to learn from; a sixth as many are there to test on"),
    Parameter<Int>("size", default: 28, in: 8...256, "the side of an image in pixels"),
    Parameter<Double>("rotation", default: 180, in: 0...180, "degrees either way"),
    Parameter<ClosedRange<Double>>("scale", default: 0.7...1.2, in: 0.1...4, "factors"),
    Parameter<Double>("translation", default: 0.12, in: 0...1, "part of the side, either way"),
    Parameter<Int>("seed", default: 1, in: 0..., "the seed of all that is drawn"),
    returns: "Dataset", topic: "data",
    discussion: """
      Eight classes: \(Shapes.classNames.joined(separator: ", ")). `shapes.train.factors` has the angle, scale \
      and place of every image, so the true transformation between two images of a class is known.
      """,
    example: "let shapes = Shapes(count: 6_000, seed: 1)\nshow(shapes.train.first(16))"
  ) { context, count, size, rotation, scale, translation, seed in
    var options = Shapes.Options()
    options.count = count
    options.size = size
    options.rotation = Float(rotation)
    options.scale = Float(scale.lowerBound)...Float(scale.upperBound)
    options.translation = Float(translation)
    options.seed = UInt64(seed)
    return .object(DatasetObject(try Shapes.make(options)))
  }
}
