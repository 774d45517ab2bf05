import Formats
import JupyterProtocol
import Tensors
import Training

/// A checkpoint as a safetensors file: every tensor that the next step depends on, and the losses so far.
///
/// | entry | what it is |
/// |---|---|
/// | `parameters/PATH` | a parameter or buffer of the method |
/// | `optimiser/SLOT/PATH` | what the optimiser keeps for a parameter |
/// | `averages/PATH` | the moving average of a parameter |
/// | `history/TERM` | the values of a term of the loss by step |
///
/// Steps, seconds and counts stand in the metadata; seconds as the bits of their number.
enum CheckpointFile {
  static func encoded(_ checkpoint: Checkpoint, slots: [String], parts: Parts = .all)
    throws -> [UInt8]
  {
    var entries: [SafetensorsFile.Entry] = []
    func append(_ name: String, _ value: Tensor) {
      entries.append(.init(name, shape: value.shape, floats: value.scalars))
    }
    if parts.contains(.parameters) {
      for entry in checkpoint.parameters { append("parameters/\(entry.name)", entry.value) }
    }
    var steps: [JSONObject.Member] = []
    if parts.contains(.optimiser) {
      for state in checkpoint.optimiserState {
        for (slot, value) in zip(slots, state.values) {
          append("optimiser/\(slot)/\(state.name)", value)
        }
        steps.append(.init(key: state.name, value: .integer(state.steps)))
      }
    }
    for entry in checkpoint.averages { append("averages/\(entry.name)", entry.value) }
    for (term, values) in checkpoint.history {
      entries.append(.init("history/\(term)", shape: [values.count], floats: values))
    }
    let metadata = [
      "format": "pt", "producer": "orbit", "step": "\(checkpoint.step)",
      "seconds": "\(checkpoint.seconds.bitPattern)", "optimiser": checkpoint.optimiser,
      "optimiser_steps": JSONObject(steps).jsonText,
      "average_steps": "\(checkpoint.averageSteps)",
    ]
    return try SafetensorsFile(entries: entries, metadata: metadata).encoded()
  }

  /// Which parts of a checkpoint are written: a run that has ended needs no optimiser, and the parameters of a
  /// model stand in a file of their own.
  struct Parts: OptionSet {
    let rawValue: Int
    static let parameters = Parts(rawValue: 1)
    static let optimiser = Parts(rawValue: 2)
    static let all: Parts = [.parameters, .optimiser]
  }

  /// Reads a checkpoint.
  ///
  /// - Parameters:
  ///   - names: the method's parameters, in their order.
  ///   - averaged: those that are averaged, in their order.
  /// - Throws: `FormatError` for a file that is not one.
  static func decode(
    _ bytes: [UInt8], path: String, names: [String], averaged: [String], slots: [String]
  ) throws -> Checkpoint {
    let file = try SafetensorsFile(parsing: bytes, path: path)
    func damaged(_ reason: String) -> FormatError {
      .damaged(
        format: "checkpoint", path: path, position: nil, reason: reason,
        fix: "it was not written by this version; train again")
    }
    var found: [String: SafetensorsFile.Entry] = [:]
    for entry in file.entries { found[entry.name] = entry }
    func tensor(_ name: String) throws -> Tensor? {
      guard let entry = found[name], let floats = entry.floats else { return nil }
      return try Tensor(floats, shape: entry.shape)
    }
    guard let step = file.metadata["step"].flatMap({ Int($0) }),
      let seconds = file.metadata["seconds"].flatMap({ UInt64($0) }),
      let optimiser = file.metadata["optimiser"],
      let counts = try? JSONValue(json: file.metadata["optimiser_steps"] ?? "")
    else { throw damaged("its metadata is not whole") }
    func entries(_ prefix: String, _ names: [String]) throws -> [Checkpoint.Entry] {
      try names.compactMap { name in
        try tensor("\(prefix)/\(name)").map { Checkpoint.Entry(name: name, value: $0) }
      }
    }
    let states = try names.compactMap { name -> OptimiserState? in
      guard let steps = counts[name]?.whole else { return nil }
      let values = try slots.map { slot in
        guard let value = try tensor("optimiser/\(slot)/\(name)") else {
          throw damaged("\(slot) of \(name) is missing")
        }
        return value
      }
      return OptimiserState(name: name, steps: steps, values: values)
    }
    var history: [String: [Float]] = [:]
    for entry in file.entries where entry.name.hasPrefix("history/") {
      history[String(entry.name.dropFirst("history/".count))] = entry.floats
    }
    return Checkpoint(
      step: step, seconds: Double(bitPattern: seconds), history: history,
      parameters: try entries("parameters", names), optimiser: optimiser, optimiserState: states,
      averages: try entries("averages", averaged),
      averageSteps: file.metadata["average_steps"].flatMap { Int($0) } ?? 0)
  }
}
