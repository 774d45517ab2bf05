import Foundation
import GRDB
import Testing

@testable import RunStore

/// The tables as the database has them, and as `docs/workspace.md` and `Schema` describe them.
@Suite("The description of the tables")
struct DocumentationTests {
  private let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// The columns of every table, as the database itself tells them.
  private func tables() throws -> [String: [String]] {
    try RunStore.inMemory().read("look") { database in
      let names = try String.fetchAll(
        database,
        sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
      return try Dictionary(
        uniqueKeysWithValues: names.map { ($0, try database.columns(in: $0).map(\.name)) })
    }
  }

  @Test("the page for users has every table and column, and no others")
  func page() throws {
    let text = try String(contentsOf: root.appending(path: "docs/workspace.md"), encoding: .utf8)
    var described: [String: [String]] = [:]
    var table: String?
    for line in text.split(separator: "\n") {
      if line.hasPrefix("#") {
        table = line.wholeMatch(of: /### `(\w+)`/).map { String($0.1) }
        if let table { described[table] = [] }
      } else if let table, let row = line.firstMatch(of: /^\| `(\w+)` \| .+ \|$/) {
        described[table]?.append(String(row.1))
      }
    }
    let tables = try tables()
    #expect(tables.count >= 6)
    #expect(described == tables)
  }

  @Test("the table beside the steps has every column")
  func comment() throws {
    let text = try String(
      contentsOf: root.appending(path: "Sources/RunStore/Schema.swift"), encoding: .utf8)
    for (table, columns) in try tables() {
      let row = text.split(separator: "\n").first { $0.hasPrefix("/// | `\(table)` |") } ?? ""
      for column in columns { #expect(row.contains("`\(column)`"), "\(table).\(column)") }
    }
  }
}
