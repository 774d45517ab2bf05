import Formats
import JupyterProtocol
import RunStore
import Synchronization

/// Signs records with the workspace's key, and keeps them as a chain in its database.
final class Ledger: Sendable {
  /// How far the chain leads to a record.
  enum Chain: Equatable {
    /// It leads to it without a break; this many records, itself included.
    case holds(Int)
    /// The record of this place, from 1, is not the one that the next one names.
    case breaks(Int)
    /// The workspace's database does not have the record.
    case absent
  }

  private struct State: Sendable {
    var isOpened = false
    var key: SigningKey?
    var problem: String?
  }

  private let journal: Journal
  private let state = Mutex(State())

  init(_ journal: Journal) { self.journal = journal }

  /// The workspace's key; `nil` where none can be had.
  private var key: SigningKey? {
    // The folder is made with the database.
    let store = journal.opened()
    return state.withLock { state in
      guard !state.isOpened else { return state.key }
      state.isOpened = true
      guard let folder = journal.folder else {
        // Nothing of this workspace stays, and neither does its key.
        state.key = .random()
        return state.key
      }
      do throws(WorkspaceKey.Problem) {
        state.key = try WorkspaceKey.at(folder)
      } catch {
        state.problem = store?.path == nil ? nil : error.description
      }
      return state.key
    }
  }

  /// The public key by which this workspace is known; `nil` where it cannot sign.
  var publicKey: String? { key?.publicKey }

  /// Why nothing can be signed; told once.
  func takeProblem() -> String? {
    _ = key
    return state.withLock { state in
      defer { state.problem = nil }
      return state.problem
    }
  }

  /// The record with its place in the chain and the signature.
  ///
  /// Without a key it is as it was; where the database cannot be written, it is signed but no link of the chain.
  func sealed(_ draft: ProvenanceRecord) -> ProvenanceRecord {
    guard let key else { return draft }
    var record = draft
    func link(_ previous: String?) -> ProvenanceLink {
      var signed = draft
      signed[.previous] = previous
      key.sign(&signed)
      record = signed
      return ProvenanceLink(
        digest: signed.digest, previous: previous, kind: signed[.kind] ?? "", record: signed.text)
    }
    if (try? journal.opened()?.appendProvenance(link)) == nil { _ = link(nil) }
    return record
  }

  /// How far this workspace's chain leads to a record.
  ///
  /// A record names the digest of the one before it, and signs that; so what leads to a right signature is right.
  func chain(to record: ProvenanceRecord) throws -> Chain {
    guard let links = try journal.opened()?.provenance(upTo: record.digest) else { return .absent }
    var expected: String? = record.digest
    for (index, link) in links.enumerated().reversed() {
      guard let digest = expected, let kept = ProvenanceRecord(parsing: link.record),
        kept.digest == digest
      else { return .breaks(index + 1) }
      expected = kept[.previous]
    }
    // The first names none before it.
    return expected == nil ? .holds(links.count) : .breaks(1)
  }
}
