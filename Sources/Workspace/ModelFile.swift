import CellLanguage
import Datasets
import Formats
import Layers
import Methods
import Tensors
import Training

/// A model as a safetensors file: PyTorch's names and layouts, and in the metadata how it was made.
enum ModelFile {
  /// Writes all parameters and buffers.
  static func write(_ model: ModelObject, to path: String) throws {
    let entries = model.method.parameters.map { named in
      let value = named.parameter.value
      return SafetensorsFile.Entry(named.name, shape: value.shape, floats: value.scalars)
    }
    var metadata = [
      "format": "pt", "producer": "orbit", "method": model.card.word,
      "options": JSONText.object(model.options.map { ($0.name, $0.text) }),
      "seed": "\(model.seed)", "steps": "\(model.steps)", "data": model.method.format.name,
    ]
    if let run = model.currentRuns.last {
      metadata["trained_on"] = run.images.images.recipe
      metadata["run_seed"] = "\(run.run.options.seed)"
      metadata["loss"] = run.finalLoss.map { "\($0)" }
    }
    try SafetensorsFile(entries: entries, metadata: metadata).write(to: path)
  }

  /// Reads all parameters and buffers; where the file does not fit, nothing changes.
  ///
  /// - Throws: `CellError` that lists the missing, unexpected and misshapen entries.
  /// - Returns: what a reader should know: options of the file that are not the model's.
  static func read(_ path: String, into model: ModelObject) throws -> String? {
    let file = try SafetensorsFile.read(path)
    let parameters = model.method.parameters
    let known = Set(parameters.map(\.name))
    // PyTorch counts the batches that a normalisation has seen; nothing here depends on that number.
    let given = file.entries.filter { !$0.name.hasSuffix("num_batches_tracked") }
    let missing = parameters.map(\.name).filter { name in file[name] == nil }
    let unexpected = given.map(\.name).filter { !known.contains($0) }
    var misshapen: [String] = []
    var values: [(Layers::Parameter, Tensor)] = []
    for named in parameters {
      guard let entry = file[named.name] else { continue }
      guard entry.shape == named.parameter.shape, let floats = entry.floats else {
        misshapen.append(
          "\(named.name) is \(entry.shape), not \(named.parameter.shape)")
        continue
      }
      values.append((named.parameter, try Tensor(floats, shape: entry.shape)))
    }
    guard missing.isEmpty, unexpected.isEmpty, misshapen.isEmpty else {
      func list(_ title: String, _ names: [String]) -> String? {
        guard !names.isEmpty else { return nil }
        let more = names.count > 4 ? ", … (\(names.count) in all)" : ""
        return "\(title): " + names.prefix(4).joined(separator: ", ") + more
      }
      let parts = [
        list("missing", missing), list("unexpected", unexpected), list("misshapen", misshapen),
      ]
      throw CellError(
        .argumentError,
        "\"\(path)\" does not fit this model; " + parts.compactMap { $0 }.joined(separator: "; "),
        fix: "make the model with the options it was saved with: "
          + (file.metadata["options"] ?? "the file does not say which"))
    }
    for (parameter, value) in values { try parameter.assign(value) }
    // Bounded, since a file can say anything.
    let steps = file.metadata["steps"].flatMap { Int($0) }.map { min(max(0, $0), 1 << 40) }
    model.loaded(from: path, steps: steps)
    let own = JSONText.object(model.options.map { ($0.name, $0.text) })
    guard let saved = file.metadata["options"], saved != own else { return nil }
    return "the file was saved with \(saved), and this model has \(own)"
  }
}
