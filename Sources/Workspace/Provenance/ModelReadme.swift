import CellLanguage
import Datasets
import Evaluation
import Formats
import JupyterProtocol
import Layers
import Methods
import RunStore
import Training

/// The card of a model for others: a head in YAML as model hubs read it, and below it how the model was made.
struct ModelReadme {
  private let model: ModelObject
  private let name: String
  private let run: RunObject?
  private let record: RunRecord?
  /// The text of the cell that trained it.
  private let cell: String?
  private let scores: [MeasuredScore]
  private let key: String?

  init(_ model: ModelObject, in context: CellContext) {
    let workspace = context.workspace
    self.model = model
    name = workspace.name(of: model) ?? model.card.word.lowercased()
    run = model.currentRuns.last
    scores = model.scores
    key = workspace.ledger.publicKey
    let store = workspace.journal.opened()
    record = run?.record.flatMap { number in try? store?.run(number) ?? nil }
    cell = record?.code
  }

  /// The whole document.
  func markdown() throws -> String { try head() + body() }

  private var dataset: String { model.format.name }

  // MARK: The head

  private func head() -> String {
    let word = model.card.word
    var lines = [
      "---",
      "# license: choose one, such as apache-2.0 or mit, and remove the number sign",
      "library_name: orbit",
      "tags:",
      "- \(YAMLText.quoted("representation-learning"))",
      "- \(YAMLText.quoted(YAMLText.tag(word)))",
      "datasets:",
      "- \(YAMLText.quoted(YAMLText.tag(dataset)))",
    ]
    if !(model.learner is any Classifying) {
      lines.insert("- \(YAMLText.quoted("self-supervised-learning"))", at: 5)
    }
    let results = scores.flatMap(result) + lossResult()
    if !results.isEmpty {
      lines.append("metrics:")
      if !scores.isEmpty { lines.append("- \"accuracy\"") }
      if !lossResult().isEmpty { lines.append("- \"loss\"") }
      lines += ["model-index:", "- name: \(YAMLText.quoted(name))", "  results:"] + results
    }
    return (lines + ["---", ""]).joined(separator: "\n")
  }

  private func entry(
    task: String, type: String, data: String, recipe: String, checksum: String, metric: String,
    name: String, value: Double, details: [(String, String)]
  ) -> [String] {
    [
      "  - task:",
      "      type: \(YAMLText.quoted(type))",
      "      name: \(YAMLText.quoted(task))",
      "    dataset:",
      "      type: \(YAMLText.quoted(YAMLText.tag(dataset)))",
      "      name: \(YAMLText.quoted(data))",
      "      args:",
      "        recipe: \(YAMLText.quoted(recipe))",
      "        sha256: \(YAMLText.quoted(checksum))",
      "    metrics:",
      "    - type: \(YAMLText.quoted(metric))",
      "      value: \(YAMLText.number(value))",
      "      name: \(YAMLText.quoted(name))",
      "      verified: false",
      "      args:",
    ] + details.map { "        \($0.0): \(YAMLText.quoted($0.1))" }
  }

  private func result(_ measured: MeasuredScore) -> [String] {
    let (score, interval) = (measured.score, measured.score.interval)
    return entry(
      task: score.name, type: "image-classification", data: measured.data,
      recipe: measured.recipe, checksum: measured.checksum, metric: "accuracy",
      name: score.name, value: score.accuracy,
      details: [
        ("protocol", score.protocolText), ("images", "\(score.count)"),
        (
          "interval_95",
          "\(Written.decimals(interval.lowerBound, 4)) to \(Written.decimals(interval.upperBound, 4))"
        ),
        ("seed", score.seed.map { "\($0)" } ?? "nothing is drawn"),
      ])
  }

  /// The loss at the end of the training, which is no measure of the features.
  private func lossResult() -> [String] {
    guard let run, let loss = run.finalLoss, loss.isFinite else { return [] }
    return entry(
      task: "training", type: "feature-extraction", data: run.images.images.name,
      recipe: run.images.images.recipe, checksum: run.images.images.checksum, metric: "loss",
      name: "training loss, \(model.card.loss)", value: loss,
      details: [
        ("protocol", "mean over the steps of the last epoch, on the training images"),
        ("seed", "\(run.run.options.seed)"),
      ])
  }

  // MARK: The document

  private func body() throws -> String {
    let card = model.card
    let sections: [(String, String)] = [
      ("How it was made", made()), ("Data", data()), ("Training", try training()),
      ("Results", results()), ("Limits", limits()), ("How to load it", loading()),
      ("Provenance", try provenance()),
    ]
    let intro = """

      # \(name): \(card.title)

      \(card.summary)

      $$\(card.objective)$$

      *\(card.paper)*

      """
    return intro
      + sections.map { "\n## \($0.0)\n\n\($0.1)\n" }.joined()
  }

  private static func code(_ text: String, _ language: String) -> String {
    var longest = 0
    var current = 0
    for character in text {
      current = character == "`" ? current + 1 : 0
      longest = max(longest, current)
    }
    let fence = String(repeating: "`", count: max(3, longest + 1))
    return "\(fence)\(language)\n\(text)\n\(fence)"
  }

  private static func table(_ rows: [(String, String)]) -> String {
    Table(
      columns: [.init("constant"), .init("value")],
      rows: rows.map { [$0.0, $0.1.split(separator: "\n").joined(separator: " ")] }
    ).markdown
  }

  /// The call that makes such a model, as it is written in a cell.
  private var call: String {
    let options = model.options.map { "\($0.name): \($0.text)" } + ["seed: \(model.seed)"]
    // The data set's own word, from what a recipe begins with: `FashionMNIST().train.first(1_000)`.
    let recipe = run?.images.images.recipe
    let set = recipe.flatMap { $0.split(separator: ".train").first.map(String.init) } ?? "…"
    return "\(model.card.word)(for: \(set), \(options.joined(separator: ", ")))"
  }

  private func made() -> String {
    guard let cell else {
      return Self.code(call, "swift")
        + (run == nil ? "\n\nIt is \(model.training)." : "")
    }
    return "The model is `\(call)`; this cell trained it:\n\n" + Self.code(cell, "swift")
  }

  private func data() -> String {
    let format = model.format
    guard let images = run?.images.images else {
      return "It is made for \(format.name), images of \(Written.shape(format.shape))."
    }
    return """
      \(Written.count(images.count)) images of \(images.name), \(Written.shape(images.imageShape)), \
      \(images.classNames.count) classes: `\(images.recipe)`  
      SHA-256 of the files: `\(images.checksum)`
      """
  }

  private func training() throws -> String {
    guard let run else { return "None by this workspace: the model is \(model.training)." }
    var rows: [(String, String)] = [
      ("epochs", "\(run.run.plan.epochs)"),
      ("steps", "\(Written.count(run.run.step)) of \(Written.count(run.run.plan.steps))"),
      ("status", run.run.status.word), ("run seed", "\(run.run.options.seed)"),
    ]
    let own = Set(model.options.map(\.name))
    let json = record.flatMap { try? JSONValue(json: $0.options) }
    for member in json?.members?.members ?? [] where !own.contains(member.key) {
      rows.append((member.key, member.value.text ?? ""))
    }
    let rate = run.run.progress.imagesPerSecond
    if rate > 0 { rows.append(("images a second", Written.rate(rate))) }
    let chance = model.method.constantPredictorLoss.map {
      "\n\nA predictor that always says the mean has a loss of \(Written.decimals($0, 4))."
    }
    let earlier = model.currentRuns.count - 1
    let before =
      earlier > 0
      ? "\n\n\(earlier) run\(earlier == 1 ? "" : "s") went before this one; together they took \(Written.count(model.steps)) steps."
      : ""
    return Self.table(rows) + before + "\n\n" + lossTable(of: run) + (chance ?? "")
  }

  /// The mean loss of each epoch, of at most twelve.
  private func lossTable(of run: RunObject) -> String {
    let losses = run.run.history["loss"] ?? []
    let each = max(1, run.run.plan.stepsPerEpoch)
    let epochs = (losses.count + each - 1) / each
    guard epochs > 0 else { return "No step was taken." }
    let chosen = epochs <= 12 ? Array(0..<epochs) : (0..<12).map { $0 * (epochs - 1) / 11 }
    let rows = chosen.map { epoch in
      let part = losses[epoch * each..<min(losses.count, (epoch + 1) * each)]
      let mean = part.reduce(0.0) { $0 + Double($1) } / Double(part.count)
      return ["\(epoch + 1)", Written.decimals(mean, 4)]
    }
    return Table(
      columns: [
        .init("epoch", isNumeric: true),
        .init("\(model.card.loss), mean of the steps", isNumeric: true),
      ],
      rows: rows
    ).markdown
  }

  private func results() -> String {
    guard !scores.isEmpty else {
      return "Nothing was measured yet: `knn(\(name), train: …, test: …)` and `probe(…)` do."
    }
    let table = Table(
      columns: [
        .init("what"), .init("accuracy", isNumeric: true), .init("95 % interval"),
        .init("protocol"),
      ],
      rows: scores.map { entry in
        let interval = entry.score.interval
        return [
          entry.score.name, Written.percent(entry.score.accuracy),
          "\(Written.percent(interval.lowerBound)) to \(Written.percent(interval.upperBound))",
          entry.score.protocolText + (entry.score.seed.map { "; seed \($0)" } ?? ""),
        ]
      })
    return table.markdown
      + "\n\nThe intervals are for the choice of test images alone: each number is of one trained model."
  }

  private func limits() -> String {
    let format = model.format
    let shape = format.shape
    return """
      - It takes images of exactly \(Written.shape(shape)) (height, width, channels), with values from 0 to 1, like those \
      of \(format.name); nothing is known of what it says of others.
      - All numbers are of one model from one seed.
      - It was made for learning and research. Its features carry whatever the training images carry, their biases included.
      """
  }

  private func loading() -> String {
    let swift = """
      let \(name) = \(call)
      load(\(name), from: "\(name).safetensors")
      """
    let python = """
      from safetensors.torch import load_file

      state = load_file("\(name).safetensors")   # \(model.method.parameters.count) parameters and buffers under PyTorch's names
      encoder = {path.removeprefix("encoder."): value for path, value in state.items() if path.startswith("encoder.")}
      # network.load_state_dict(state, strict=True), where network has the layers of the table below
      """
    return """
      After `save(\(name), to: "\(name).safetensors")`, in Orbit:

      \(Self.code(swift, "swift"))

      In PyTorch, images as `[N, C, H, W]`:

      \(Self.code(python, "python"))

      \((try? ModelCard(model).layers().markdown) ?? "")
      """
  }

  private func provenance() throws -> String {
    let entries = StateDictionary(model.method).entries(batches: model.batches)
    let file = try SealedFile(
      parsing: SafetensorsFile(entries: entries).encoded(), path: "(not yet written)")
    var rows: [(String, String)] = [("content of the file, SHA-256", "`\(file.content)`")]
    if let key {
      rows += [
        ("signed by the key", SigningKey.fingerprint(of: key)), ("public key", "`\(key)`"),
      ]
    }
    if let record {
      rows.append(
        (
          "run, session, cell",
          "\(record.id), \(record.session.map { "\($0)" } ?? "–"), \(record.cell.map { "\($0)" } ?? "–")"
        ))
    }
    rows.append(("made by", "Orbit \(WorkspaceInterpreter.version)"))
    return Self.table(rows)
      + "\n\n`verify(\"\(name).safetensors\")` in Orbit compares the file with its signed record."
  }
}

/// The card in a cell: shown as a document, the head as it is written.
final class ModelReadmeObject: HostConvertible, Displayable {
  static let typeDescription = "model card"
  let typeName = "Document"
  private let markdown: String

  init(_ markdown: String) { self.markdown = markdown }

  var members: [Member] { [Member("text", "the whole document, as it is written to a file")] }

  func member(_ name: String) throws -> Value { .string(markdown) }

  var summary: String { "a model card of \(markdown.utf8.count) bytes" }

  func bundle() throws -> MIMEBundle {
    // A page shows the head as a ruler and one long paragraph, unless it is marked as code.
    let parts = markdown.split(separator: "---\n", maxSplits: 2, omittingEmptySubsequences: false)
    let shown =
      parts.count == 3 ? "```yaml\n---\n\(parts[1])---\n```\n\(parts[2])" : markdown
    return try Document(markdown: shown, text: markdown).bundle()
  }
}
