/// What a file says of where it comes from: the cell, the model, the run, the seeds, the data, and who signed it.
///
/// In a file it is one JSON object of strings (`text`): in the metadata of safetensors under `orbit_provenance`, in a PNG
/// as the iTXt chunk `Provenance`, in an SVG as the element `metadata`.
///
/// The bytes that are signed (`signedBytes`) are that object without its member `signature`, in UTF-8, without blanks,
/// its members in the order of their names' bytes; in strings `"` and `\` are escaped by `\`, the characters below U+0020 as
/// `\b`, `\t`, `\n`, `\f`, `\r` or `\u00xx` with small letters, and nothing else is. In Python:
///
/// ```python
/// json.dumps({k: v for k, v in record.items() if k != "signature"},
///            sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
/// ```
///
/// `signature` is Ed25519 (RFC 8032) over them by `public_key`; both are hexadecimal digits. `previous` is the `digest` of
/// the record that the same workspace made before, so that a record vouches for all earlier ones.
public struct ProvenanceRecord: Sendable, Equatable {
  /// The members of the object, in the order in which people read them.
  public enum Field: String, Sendable, CaseIterable {
    /// The version of this list: 1.
    case format = "provenance"
    /// `model` or `figure`.
    case kind
    /// What it shows, or the method's name written out.
    case title
    /// The name of the workspace, its number of the kernel's life, and the number of the cell in it.
    case workspace, session, cell
    /// The text of the cell.
    case source
    /// The command that made it, with its arguments, and the seed that it drew by.
    case call, seed
    /// The name of the model in the cells, its method, its options, the seed of its first weights, the steps behind them.
    case model, method, options
    case modelSeed = "model_seed"
    case steps
    /// The number of the run in the workspace, its seed, how it stood, and its loss.
    case run
    case runSeed = "run_seed"
    case runStatus = "run_status"
    case loss
    /// The recipe of the images that the run learned from, and the SHA-256 of their files.
    case trainedOn = "trained_on"
    case trainedOnChecksum = "trained_on_checksum"
    /// The recipe of the images that are shown or measured, and the SHA-256 of their files.
    case data
    case dataChecksum = "data_checksum"
    /// The version of Orbit, and when it was made.
    case version, time
    /// The SHA-256 of what the file holds, and of what else stands in its metadata (`ProvenanceSeal`).
    case content, metadata
    /// The digest of the workspace's record before this one; absent in its first.
    case previous
    /// Who signed, and the signature.
    case publicKey = "public_key"
    case signature

    /// What it is called on a card.
    public var label: String {
      switch self {
      case .format: "format"
      case .kind, .title, .workspace, .session, .cell, .call, .seed, .model, .method, .options,
        .steps, .run, .loss, .data, .content, .metadata, .previous, .signature:
        rawValue
      case .source: "text of the cell"
      case .modelSeed: "seed of the model"
      case .runSeed: "seed of the run"
      case .runStatus: "the run"
      case .trainedOn: "trained on"
      case .trainedOnChecksum: "its SHA-256"
      case .dataChecksum: "its SHA-256"
      case .version: "made by Orbit"
      case .time: "made at"
      case .publicKey: "signed by"
      }
    }
  }

  /// All members by name, those that this version does not know among them.
  public private(set) var values: [String: String]

  /// A record that says nothing yet but its format.
  public init() { values = [Field.format.rawValue: "1"] }

  /// The value of a field; `nil` when it says nothing of it.
  public subscript(field: Field) -> String? {
    get { values[field.rawValue] }
    set { values[field.rawValue] = newValue }
  }

  /// Understands the JSON of a file; `nil` when it is not an object of strings.
  public init?(parsing text: String) {
    guard let json = try? HeaderJSON(parsing: Array(text.utf8)[...]),
      case .object(let members) = json
    else { return nil }
    values = [:]
    for (name, value) in members {
      guard case .string(let text) = value, values.updateValue(text, forKey: name) == nil
      else { return nil }
    }
    // What is signed must be what is written: other blanks, orders and escapes are not of this format.
    guard self.text.utf8.elementsEqual(text.utf8) else { return nil }
  }

  /// The whole record as it stands in a file.
  public var text: String { Self.json(values) }

  /// What the signature is over.
  public var signedBytes: [UInt8] {
    var values = values
    values[Field.signature.rawValue] = nil
    return Array(Self.json(values).utf8)
  }

  /// The SHA-256 of the whole record, by which the next one names it.
  public var digest: String { SHA256.hex(of: text) }

  /// An object of strings in the order of its names' bytes.
  static func json(_ values: [String: String]) -> String {
    let members = values.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    return HeaderJSON.object(members.map { ($0.key, .string($0.value)) }).text
  }
}
