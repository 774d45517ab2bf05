import CellLanguage
import Formats
import JupyterKernel
import Methods
import Plotting

extension CellContext {
  /// Writes a model with the record of where it comes from.
  func write(_ model: ModelObject, to path: String) throws {
    var draft = Origin.record(
      kind: "model", title: type(of: model.learner).card.title, of: [model], in: self, call: nil)
    let ledger = workspace.ledger
    try ModelFile.write(model, to: path) { content, metadata in
      draft[.content] = content
      draft[.metadata] = metadata
      return ledger.sealed(draft)
    }
  }

  /// Says once why nothing can be signed, if so.
  func tellOfKey() {
    guard let problem = workspace.ledger.takeProblem() else { return }
    execution.write("note: what is saved is not signed: \(problem)\n", to: .standardError)
  }
}

extension FigureObject {
  /// Writes the picture to a file whose ending names the format: .png, .svg or .pdf.
  ///
  /// PNG and SVG carry the record of where the figure comes from; the PNG is the one that the notebook shows. A PDF
  /// says it in its keywords, unsigned.
  func write(to path: String) throws {
    switch path.split(separator: ".").last?.lowercased() {
    case "png":
      try Formats::File.write(try Picture(figure: figure, cell: cell, seal: seal).png(), to: path)
    case "svg":
      let document = Array(try figure.svg().utf8)
      try Formats::File.write(seal?.svg(document) ?? document, to: path)
    case "pdf":
      try Formats::File.write(try figure.pdf(keywords: seal?.words ?? ""), to: path)
    default: try figure.write(to: path)
    }
  }
}
