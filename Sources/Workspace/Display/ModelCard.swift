import Datasets
import Imaging
import JupyterProtocol
import Layers
import Methods
import Training

/// A model in words: paper, objective, options, the table of layers, and how far it was trained.
struct ModelCard: Displayable {
  let model: ModelObject

  init(_ model: ModelObject) { self.model = model }

  func bundle() throws -> MIMEBundle {
    let card = model.card
    let table = try layers()
    let options = model.options.map { "`\($0.name): \($0.text)`" }.joined(separator: ", ")
    var facts = [
      "**Options:** \(options), `seed: \(model.seed)`",
      "**Images:** \(model.format.name), \(Written.shape(model.format.shape))",
      "**Training:** \(training)",
    ]
    if let decoding = model.method as? any DecodingTransformations {
      // The mode can change the fill that the options name; this is what is drawn.
      facts.insert("**Transformations:** \(decoding.transformation.description)", at: 1)
    }
    let markdown = """
      ### \(card.word) · \(card.title)

      \(card.summary)

      $$\(card.objective)$$

      \(facts.joined(separator: "  \n"))

      \(table.markdown)

      *\(card.paper)*
      """
    let text = """
      \(card.word) · \(card.title)
      \(card.summary)
      objective: \(card.objective)
      \(facts.map { $0.filter { $0 != "*" && $0 != "`" } }.joined(separator: "\n"))

      \(table.text)

      \(card.paper)
      """
    return try Document(markdown: markdown, text: text).bundle()
  }

  private var training: String {
    guard let last = model.currentRuns.last else {
      return model.training == "untrained" ? "none yet" : model.training
    }
    let loss = last.finalLoss.map { ", loss \(Written.decimals($0, 4))" } ?? ""
    return "\(Written.count(model.steps)) steps; last on \(last.images.images.recipe)\(loss)"
  }

  /// The table of layers.
  func layers() throws -> Table {
    let rows = try model.method.layers()
    let total = rows.reduce((0, 0)) { ($0.0 + $1.parameters, $0.1 + $1.multiplyAdds) }
    return Table(
      columns: [
        .init("layer"), .init("what it does"), .init("output"),
        .init("parameters", isNumeric: true),
        .init("multiply-adds", isNumeric: true),
      ],
      rows: rows.map { row in
        [
          row.path, row.title, Written.shape(row.output),
          row.parameters == 0 ? "" : Written.count(row.parameters),
          row.multiplyAdds == 0 ? "" : Written.magnitude(row.multiplyAdds),
        ]
      } + [["", "total", "", Written.count(total.0), Written.magnitude(total.1)]])
  }
}
