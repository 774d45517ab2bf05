import CellLanguage
import Formats
import JupyterProtocol

/// What a file says of where it comes from, and what that is worth: `verify("aet.safetensors")`.
final class VerificationObject: HostConvertible, Displayable {
  static let typeDescription = "verification"
  let typeName = "Verification"
  private let path: String
  private let file: SealedFile
  private let record: ProvenanceRecord?
  private let found: SealedFile.Verdict
  private let isOwn: Bool
  /// How far this workspace's chain leads to the record; `nil` where it cannot be read.
  private let chain: Ledger.Chain?

  init(_ file: SealedFile, path: String, by ledger: Ledger) {
    self.file = file
    self.path = path
    (record, found) = file.verified()
    isOwn = record.map { $0[.publicKey] == ledger.publicKey } ?? false
    chain = isOwn ? record.flatMap { try? ledger.chain(to: $0) } : nil
  }

  /// The verdict in one word, for cells: `intact`, `foreign`, `changed`, `forged`, `unreadable`, `unsigned`.
  private var word: String {
    switch found {
    case .intact: isOwn ? "intact" : "foreign"
    case .changed: "changed"
    case .recordChanged: "forged"
    case .unreadable: "unreadable"
    case .unsigned: "unsigned"
    }
  }

  private var fingerprint: String? { record?[.publicKey].map { SigningKey.fingerprint(of: $0) } }

  /// The verdict in a sentence.
  var verdict: String {
    let key = fingerprint ?? ""
    let who = isOwn ? "this workspace's key (\(key))" : "another key (\(key))"
    switch found {
    case .intact: return "intact, and signed by \(who)"
    case .changed(let content, let metadata):
      let parts = [(content, "content"), (metadata, "metadata")].filter(\.0).map(\.1)
      return "its \(parts.joined(separator: " and ")) changed since it was signed by \(who)"
    case .recordChanged:
      return "its record was changed since it was signed: nothing that it says can be trusted"
    case .unreadable:
      return "what stands in the place of its record is no record: nothing can be said of it"
    case .unsigned:
      return record == nil
        ? "unsigned: it says nothing of where it comes from"
        : "unsigned: what it says of where it comes from, anybody can have written"
    }
  }

  /// What the workspace's database says of it.
  private var chainText: String? {
    switch chain {
    case .holds(let count):
      "the chain of \(Written.count(count)) record\(count == 1 ? "" : "s") up to it holds"
    case .breaks(let place):
      "the chain of this workspace's records is broken at record \(Written.count(place))"
    case .absent: "this workspace's database does not have its record"
    case nil: nil
    }
  }

  var members: [Member] {
    [
      Member("verdict", "intact, foreign (another key), changed, forged, unreadable or unsigned"),
      Member("isIntact", "whether the file is as it was signed, by whichever key"),
      Member("fingerprint", "sixteen digits of the key that signed it"),
      Member("record", "what it says, by name"),
    ]
  }

  func member(_ name: String) throws -> Value {
    switch name {
    case "verdict": return .string(word)
    case "isIntact":
      guard case .intact = found else { return .boolean(false) }
      return .boolean(true)
    case "fingerprint": return fingerprint.map { .string($0) } ?? .none
    default:
      var dictionary = ValueDictionary()
      for (name, text) in (record?.values ?? [:]).sorted(by: { $0.key < $1.key }) {
        dictionary[name] = .string(text)
      }
      return .dictionary(dictionary)
    }
  }

  var summary: String { "\(path): \(verdict)" }

  /// The fields that are shown as they are; the others are checked, or stand below.
  private static let hidden: Set<ProvenanceRecord.Field> = [
    .format, .source, .content, .metadata, .previous, .publicKey, .signature,
  ]

  private var table: Table {
    var rows = ProvenanceRecord.Field.allCases.compactMap { field -> [String]? in
      guard !Self.hidden.contains(field), let text = record?[field] else { return nil }
      return [field.label, Self.readable(text, field)]
    }
    if let fingerprint {
      rows.append(["signed by", fingerprint + (isOwn ? " (this workspace)" : " (another key)")])
    }
    if let chainText { rows.append(["chain", chainText]) }
    return Table(
      "\(path): \(verdict)", columns: rows.isEmpty ? [] : [.init("what"), .init("it says")],
      rows: rows)
  }

  /// A value as people read it.
  private static func readable(_ text: String, _ field: ProvenanceRecord.Field) -> String {
    switch field {
    case .options:
      guard let members = try? JSONValue(json: text).members?.members else {
        return text
      }
      return members.map { "\($0.key): \($0.value.text ?? "")" }.joined(separator: ", ")
    case .loss: return Double(text).map { Written.decimals($0, 4) } ?? text
    case .time:
      // 2026-01-31T14:03:11.123456Z
      return text.count > 19
        ? text.prefix(19).split(separator: "T").joined(separator: " ") + " UTC" : text
    default: return text.split(separator: "\n").joined(separator: " ")
    }
  }

  /// The table, and below it the cell.
  func bundle() throws -> MIMEBundle {
    let table = table
    var (html, text) = (table.rows.isEmpty ? "" : table.html, table.rows.isEmpty ? "" : table.text)
    if table.rows.isEmpty {
      (html, text) = ("<p><b>\(summary.escapedForHTML)</b></p>", summary)
    }
    if let source = record?[.source] {
      html += "\n<p>the cell:</p>\n<pre>\(source.escapedForHTML)</pre>"
      let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
      text += "\n\nthe cell:\n" + lines.map { "  \($0)" }.joined(separator: "\n")
    }
    return MIMEBundle([
      .init(type: "text/html", content: .text(html)),
      .init(type: "text/plain", content: .text(text)),
    ])
  }
}
