import SwiftParser
import SwiftSyntax
import SwiftOperators
import SwiftParserDiagnostics
import Testing
import CellLanguage
@Test func a() { #expect(Parser.parse(source: "a").statements.count == 1) }
