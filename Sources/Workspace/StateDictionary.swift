import CellLanguage
import Formats
import Layers
import Tensors

/// The parameters and buffers of a module as PyTorch's `state_dict` has them: names, layouts, and the
/// counter that PyTorch keeps beside the running statistics of each batch normalisation.
struct StateDictionary {
  let parameters: [NamedParameter]

  init(_ module: any Module) { parameters = module.parameters }

  private static let counter = "num_batches_tracked"

  /// The paths of PyTorch's counters, one for each running variance.
  private var counters: [String] {
    let statistic = "running_var"
    return parameters.compactMap { named in
      guard named.name == statistic || named.name.hasSuffix(".\(statistic)") else { return nil }
      return named.name.dropLast(statistic.count) + Self.counter
    }
  }

  /// All entries, the counters at `batches`.
  func entries(batches: Int) -> [SafetensorsFile.Entry] {
    parameters.map { named in
      let value = named.parameter.value
      return SafetensorsFile.Entry(named.name, shape: value.shape, floats: value.scalars)
    } + counters.map { SafetensorsFile.Entry($0, shape: [], values: .int64([Int64(batches)])) }
  }

  /// What a file holds for a module.
  struct Reading {
    let values: [(parameter: Layers::Parameter, value: Tensor)]
    /// The batches that its normalisations have seen; `nil` when the file does not tell.
    let batches: Int?
    /// What was left off the names; `nil` when they were as they should be.
    let prefix: String?

    /// Gives the values to the parameters.
    func apply() throws(TensorError) {
      for (parameter, value) in values { try parameter.assign(value) }
    }
  }

  /// Why a file does not fit: one sentence a kind of mistake.
  struct Mismatch: Error {
    let reasons: [String]
  }

  /// Finds a value for every parameter; nothing changes.
  ///
  /// The counters may be absent, since nothing here depends on them.
  ///
  /// - Throws: `Mismatch` that lists the missing, unexpected and misshapen entries.
  func read(_ file: SafetensorsFile) throws -> Reading {
    let prefix = wrapping(of: file)
    var given: [String: SafetensorsFile.Entry] = [:]
    for entry in file.entries { given[String(entry.name.dropFirst(prefix?.count ?? 0))] = entry }
    let known = Set(parameters.map(\.name))
    let expected = known.union(counters)
    let missing = parameters.map(\.name).filter { given[$0] == nil }
    let unexpected = given.keys.filter { !expected.contains($0) }.sorted()
    var misshapen: [String] = []
    var values: [(parameter: Layers::Parameter, value: Tensor)] = []
    for named in parameters {
      guard let entry = given[named.name] else { continue }
      guard let floats = entry.floats, entry.shape == named.parameter.shape else {
        let type = entry.floats == nil ? "of type \(entry.dtype), not F32" : "\(entry.shape)"
        misshapen.append(
          "\(named.name) is \(type)"
            + (entry.floats == nil ? "" : ", not \(named.parameter.shape)"))
        continue
      }
      values.append((named.parameter, try Tensor(floats, shape: entry.shape)))
    }
    guard missing.isEmpty, unexpected.isEmpty, misshapen.isEmpty else {
      throw Mismatch(
        reasons: [
          Self.list("missing", missing, near: unexpected, "the file has"),
          Self.list("unexpected", unexpected, near: missing, "the model has"),
          Self.list("misshapen", misshapen),
        ].compactMap { $0 })
    }
    return Reading(values: values, batches: batches(in: given), prefix: prefix)
  }

  /// What PyTorch's wrappers (`DataParallel`, `compile`) put before every name, where only that differs.
  private func wrapping(of file: SafetensorsFile) -> String? {
    guard let first = parameters.first?.name, file[first] == nil else { return nil }
    return ["module.", "_orig_mod."].first { prefix in
      file[prefix + first] != nil && file.entries.allSatisfy { $0.name.hasPrefix(prefix) }
    }
  }

  /// The largest count, bounded, since a file can say anything.
  private func batches(in given: [String: SafetensorsFile.Entry]) -> Int? {
    let counts = counters.compactMap { name -> Int64? in
      guard case .int64(let values)? = given[name]?.values else { return nil }
      return values.first
    }
    return counts.max().map { Int(min(max(0, $0), 1 << 40)) }
  }

  /// `missing: a.weight (the file has a.wieght), b`, at most four of them.
  private static func list(
    _ title: String, _ names: [String], near others: [String] = [], _ who: String = ""
  ) -> String? {
    guard !names.isEmpty else { return nil }
    let shown = names.prefix(4).map { name in
      nearest(name, among: others).map { "\(name) (\(who) \($0))" } ?? name
    }
    let more = names.count > 4 ? ", … (\(names.count) in all)" : ""
    return "\(title): " + shown.joined(separator: ", ") + more
  }
}
