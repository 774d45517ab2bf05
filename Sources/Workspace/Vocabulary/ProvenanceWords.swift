import CellLanguage
import Formats

/// The words about where things come from: checking a file, and the card of a model for others.
enum ProvenanceWords {
  static let all: [Command] = [verify, card]

  static let verify = Command(
    "verify",
    "Tells what a saved model or figure says of where it comes from, and whether it is so.",
    parameters: Parameter<String>(
      "path", label: .none, "the file: .safetensors, or a figure's .png or .svg"),
    returns: "Verification", topic: "workspace",
    discussion: """
      Every model and every figure that Orbit makes carries a record: the cell and its text, the model and its \
      options, the run, the seeds, the recipe and checksum of the data, the time. The record holds the SHA-256 of \
      what the file contains and of its other metadata, and that of the record before it, and is signed (Ed25519) \
      with the key of the workspace, `.orbit/NAME/key`. So a changed weight, pixel or word shows, and so does a \
      record that someone else wrote: compare the sixteen digits of the key with those you know.
      """, example: "verify(\"aet.safetensors\")"
  ) { context, path in
    let file = try SealedFile.read(path)
    return .object(
      VerificationObject(file, path: path, by: try CellContext.of(context).workspace.ledger))
  }

  static let card = Command(
    "card", "Writes the card of a model for others, in Markdown as model hubs read it.",
    parameters: Parameter<ModelObject>("model", label: .none, "the model"),
    Parameter<String?>(
      "path", label: .label("to"), "the file, such as README.md; shown unless given"),
    returns: "Document", topic: "workspace",
    discussion: """
      The head of the card (YAML) names data sets, tags and the measured scores with their protocol; the license is \
      left to be filled in. Below stand the cell that made the model, the data, the constants of the training, the \
      loss, limits, and how it is loaded here and in PyTorch.
      """, example: "card(aet, to: \"README.md\")"
  ) { context, model, path in
    let context = try CellContext.of(context)
    let card = try ModelReadme(model, in: context).markdown()
    guard let path else { return .object(ModelReadmeObject(card)) }
    try File.write(Array(card.utf8), to: path)
    context.write("wrote the card to \(path)\n", to: .standardOutput)
    return .none
  }
}
