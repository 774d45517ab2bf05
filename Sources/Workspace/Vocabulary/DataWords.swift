import CellLanguage
import Datasets

/// The words that load data: one for each data set of the catalogue.
enum DataWords {
  static let all: [Command] = DatasetCatalogue.all.map { source in
    Command(
      source.word, "\(source.summary.prefix(1).uppercased())\(source.summary.dropFirst()).",
      parameters: Parameter<String?>(
        "at",
        "a folder that holds the published files, when they are not where the system keeps them"
      ), returns: "Dataset", topic: "data",
      discussion: "\(source.citation).\n\nThe files' checksums are verified when they are read.",
      example: "let fashion = \(source.word)()\nshow(fashion.train.first(16))"
    ) { context, folder in
      .object(try CellContext.of(context).workspace.dataset(source, from: folder))
    }
  }
}
