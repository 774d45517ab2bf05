import GRDB

/// A signed record of a figure or a model, as a link of the workspace's chain.
public struct ProvenanceLink: Sendable, Equatable {
  /// The SHA-256 of the record.
  public var digest: String
  /// That of the record before it; `nil` in the first.
  public var previous: String?
  /// `model` or `figure`.
  public var kind: String
  /// The record itself: JSON.
  public var record: String

  /// A link.
  public init(digest: String, previous: String?, kind: String, record: String) {
    (self.digest, self.previous, self.kind, self.record) = (digest, previous, kind, record)
  }
}

extension RunStore {
  /// Adds a link at the end of the chain; no other process adds one meanwhile.
  ///
  /// - Parameter make: makes the link from the digest of the last one, `nil` where there is none.
  /// - Throws: `RunStoreError` when it cannot be written.
  @discardableResult
  public func appendProvenance(
    _ make: (_ previous: String?) -> ProvenanceLink
  ) throws(RunStoreError) -> ProvenanceLink {
    try write("add a provenance record") { database in
      let previous = try String.fetchOne(
        database, sql: "SELECT digest FROM provenance ORDER BY id DESC LIMIT 1")
      let link = make(previous)
      try database.cachedStatement(
        sql: """
          INSERT INTO provenance (digest, previous, kind, made, record) VALUES (?, ?, ?, ?, ?)
          """
      ).execute(
        arguments: [
          link.digest, link.previous, link.kind, secondsSince1970(), link.record.storable,
        ])
      return link
    }
  }

  /// The chain from its first link to the one of a digest; `nil` when there is no such link.
  ///
  /// - Throws: `RunStoreError` when it cannot be read.
  public func provenance(upTo digest: String) throws(RunStoreError) -> [ProvenanceLink]? {
    try read("read the provenance records") { database in
      guard
        let id = try Int.fetchOne(
          database, sql: "SELECT id FROM provenance WHERE digest = ?", arguments: [digest])
      else { return nil }
      return try Row.fetchAll(
        database, sql: "SELECT * FROM provenance WHERE id <= ? ORDER BY id", arguments: [id]
      ).map { row in
        ProvenanceLink(
          digest: try row.decode(forColumn: "digest"),
          previous: try row.decode(forColumn: "previous"),
          kind: try row.decode(forColumn: "kind"), record: try row.decode(forColumn: "record"))
      }
    }
  }
}
