import CellLanguage
import Formats
import Datasets
import Methods
import Training

/// A model as a safetensors file: PyTorch's names and layouts, and in the metadata how it was made.
enum ModelFile {
  /// Writes all parameters and buffers.
  ///
  /// - Parameter seal: makes the record of where the file comes from.
  static func write(
    _ model: ModelObject, to path: String,
    seal: (_ content: String, _ metadata: String) -> ProvenanceRecord
  ) throws {
    var metadata = [
      "format": "pt", "producer": "orbit", "method": model.card.word,
      "options": JSONText.object(model.options.map { ($0.name, $0.text) }),
      "seed": "\(model.seed)", "steps": "\(model.steps)", "data": model.format.name,
    ]
    if let run = model.currentRuns.last {
      metadata["trained_on"] = run.images.images.recipe
      metadata["run_seed"] = "\(run.run.options.seed)"
      metadata["loss"] = run.finalLoss.map { "\($0)" }
    }
    let entries = StateDictionary(model.method).entries(batches: model.batches)
    try SafetensorsFile(entries: entries, metadata: metadata).sealed(seal).write(to: path)
  }

  /// Reads all parameters and buffers; where the file does not fit, nothing changes.
  ///
  /// - Parameter willApply: called when the file fits, before the model changes.
  /// - Throws: `CellError` that lists the missing, unexpected and misshapen entries.
  /// - Returns: what a reader should know: a prefix that was left off the names, options of the file that
  ///   are not the model's.
  static func read(
    _ path: String, into model: ModelObject, willApply: () -> Void = {}
  ) throws -> String? {
    guard !model.isTraining else { throw BackgroundRun.underWay }
    let file = try SafetensorsFile.read(path)
    let reading: StateDictionary.Reading
    do {
      reading = try StateDictionary(model.method).read(file)
    } catch let mismatch as StateDictionary.Mismatch {
      throw CellError(
        .argumentError,
        "\"\(path)\" does not fit this model; " + mismatch.reasons.joined(separator: "; "),
        fix: file.metadata["options"].map {
          "make the model with the options it was saved with: \($0)"
        }
          ?? "the file does not say which options it was saved with; compare the names and shapes")
    }
    willApply()
    try reading.apply()
    // Bounded, since a file can say anything.
    let steps = file.metadata["steps"].flatMap { Int($0) }.map { min(max(0, $0), 1 << 40) }
    model.came(from: "\"\(path)\"", steps: steps, batches: reading.batches)
    var notes: [String] = []
    if let prefix = reading.prefix {
      notes.append("the names in the file begin with \"\(prefix)\", which was left out")
    }
    let own = JSONText.object(model.options.map { ($0.name, $0.text) })
    if let saved = file.metadata["options"], saved != own {
      notes.append("the file was saved with \(saved), and this model has \(own)")
    }
    return notes.isEmpty ? nil : notes.joined(separator: "; ")
  }
}
