import JupyterProtocol
import RunStore

/// How much room what is kept takes.
extension Keeper {
  /// The bytes on disk that a name leads to: its own, and those of the objects that it stands for.
  func bytes(of row: KeptName, sizes: [String: Int]) -> Int {
    guard let text = row.value, let json = try? JSONValue(json: text)
    else { return 0 }
    return text.utf8.count
      + Self.objects(in: json).reduce(0) { sum, id in
        let own = (try? store.object(id)).flatMap(\.blob)
        let state = (try? store.state(of: id)).flatMap(\.blob)
        return sum + [own, state].compactMap { $0 }.reduce(0) { $0 + (sizes[$1] ?? 0) }
      }
  }

  /// The sizes of all blobs, by their SHA-256.
  var sizes: [String: Int] {
    blobs.all.reduce(into: [:]) { $0[$1.hash] = $1.bytes }
  }

  /// The objects that JSON of a value, a recipe or a state names.
  static func objects(in json: JSONValue) -> Set<Int> {
    switch json {
    case .array(let elements):
      return elements.reduce(into: []) { $0.formUnion(objects(in: $1)) }
    case .object(let members):
      if let id = members["object"]?.whole { return [id] }
      // A run names its model, and a model its runs, by their numbers alone.
      var ids = Set((members["runs"]?.elements ?? []).compactMap(\.whole))
      if let model = members["model"]?.whole { ids.insert(model) }
      return members.members.reduce(into: ids) { $0.formUnion(objects(in: $1.value)) }
    default: return []
    }
  }
}

extension Written {
  /// A number of bytes as people say it: `312 KB`.
  static func bytes(_ count: Int) -> String {
    switch count {
    case ..<1_000: "\(count) B"
    case ..<1_000_000: "\(decimals(Double(count) / 1e3, count < 10_000 ? 1 : 0)) KB"
    case ..<1_000_000_000: "\(decimals(Double(count) / 1e6, count < 10_000_000 ? 1 : 0)) MB"
    default: "\(decimals(Double(count) / 1e9, 1)) GB"
    }
  }
}
