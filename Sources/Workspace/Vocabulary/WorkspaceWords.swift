import CellLanguage
import Formats
import JupyterKernel
import JupyterProtocol
import Layers
import Methods
import Plotting

/// The words about the workspace itself: what there is, help, and files.
enum WorkspaceWords {
  static let all: [Command] = [models, save, load, help, workspace]

  static let models = Command(
    "models", "Lists the models that have a name.", returns: "Table", topic: "workspace",
    example: "models()"
  ) { context in
    let context = try CellContext.of(context)
    let rows = context.workspace.models.map { name, model in
      let loss = model.currentRuns.last?.finalLoss.map { Written.decimals($0, 4) } ?? ""
      return [
        name, model.card.word, model.format.name,
        Written.count(model.trainableCount), Written.count(model.steps), loss,
        String(model.seed),
      ]
    }
    return .object(
      TableObject(
        Table(
          columns: [
            .init("name"), .init("method"), .init("data"), .init("parameters", isNumeric: true),
            .init("steps", isNumeric: true), .init("loss", isNumeric: true),
            .init("seed", isNumeric: true),
          ], rows: rows,
          notes: rows.isEmpty ? ["No models yet: make one with AET(for: fashion)."] : [])))
  }

  static let save = Command(
    "save", "Writes a model as safetensors, or a figure as PNG, SVG or PDF.",
    parameters: Parameter<Savable>("value", label: .none, "the model or the figure"),
    Parameter<String>(
      "path", label: .label("to"), "the file; its ending chooses a figure's format"),
    returns: "nothing", topic: "workspace",
    discussion: """
      A model's file holds every parameter and buffer under PyTorch's names and in its layouts, and in its \
      metadata the options, seeds and data. Models, PNG and SVG carry a signed record of the cell, the run, the \
      seeds and the data that they come from, which `verify(path)` checks.
      """, example: "save(aet, to: \"aet.safetensors\")"
  ) { context, value, path in
    let cell = try CellContext.of(context)
    cell.tellOfKey()
    switch value {
    case .model(let model):
      try cell.write(model, to: path)
      context.write(
        "saved \(Written.count(model.method.parameters.count)) tensors to \(path)\n",
        to: .standardOutput)
    case .figure(let figure):
      try figure.write(to: path)
      context.write("saved the figure to \(path)\n", to: .standardOutput)
    case .picture(let figure, let png):
      guard path.lowercased().hasSuffix(".png") else {
        throw CellError(
          .argumentError,
          "of the \(figure.typeName.lowercased()) of an earlier session its PNG is kept alone",
          fix: "save it to a file that ends in .png, or draw it again")
      }
      try Formats::File.write(png, to: path)
      context.write("saved the figure to \(path)\n", to: .standardOutput)
    }
    return .none
  }

  static let load = Command(
    "load", "Reads a model's parameters from a safetensors file.",
    parameters: Parameter<ModelObject>("model", label: .none, "a model of the same options"),
    Parameter<String>("path", label: .label("from"), "the file"),
    returns: "nothing", topic: "workspace",
    discussion: "A file that does not fit is refused whole; the message lists what is different.",
    example: "load(aet, from: \"aet.safetensors\")"
  ) { context, model, path in
    let cell = try CellContext.of(context)
    let note = try ModelFile.read(path, into: model) {
      cell.workspace.keeper?.adopt(model, in: cell)
    }
    if let note {
      context.write("note: \(note)\n", to: .standardError)
    }
    context.write(
      "loaded \(Written.count(model.method.parameters.count)) tensors from \(path)\n",
      to: .standardOutput)
    return .none
  }

  static let help = Command(
    "help", "Lists the words, or explains one of them.",
    parameters: Parameter<Value>("word", label: .none, default: Value.none, "the word"),
    Parameter<Bool>("pager", default: false, "whether to open the front end's pager"),
    returns: "nothing", topic: "workspace", example: "help(train)"
  ) { context, word, pager in
    let context = try CellContext.of(context)
    let bundle = try Help.bundle(about: word, in: context.workspace)
    if pager { context.page(bundle) } else { context.execution.display(bundle) }
    return .none
  }

  static let workspace = Command(
    "workspace", "Lists the names of the workspace, what they are, and how much room they take.",
    returns: "Table", topic: "workspace", example: "workspace()"
  ) { context in
    .object(TableObject(try WorkspaceTable.table(of: CellContext.of(context).workspace)))
  }
}

/// What `save` takes.
enum Savable: CellConvertible {
  case model(ModelObject)
  case figure(FigureObject)
  /// What an earlier session drew, and its PNG.
  case picture(RememberedObject, png: [UInt8])

  static let typeDescription = "model or figure"

  static func from(_ value: Value) throws(ConversionError) -> Savable {
    guard case .object(let object) = value else { throw mismatch(value) }
    if let model = object as? ModelObject { return .model(model) }
    if let figure = object as? FigureObject { return .figure(figure) }
    if let remembered = object as? RememberedObject, let png = remembered.picture {
      return .picture(remembered, png: png)
    }
    throw mismatch(value)
  }

  var cellText: String { "" }
}
