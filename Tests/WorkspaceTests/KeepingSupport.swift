import CellLanguage
import Foundation
import JupyterKernel
import JupyterProtocol

@testable import Workspace

/// Gives a new folder to `body` and removes it afterwards.
func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appending(path: "orbit-\(UUID())")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder.path)
}

/// Numbers that are drawn the same way every time (SplitMix64; Steele, Lea and Flood, 2014).
struct Dice: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }

  /// A number from 0, below `end`.
  mutating func below(_ end: Int) -> Int { Int.random(in: 0..<end, using: &self) }

  /// One of some values.
  mutating func one<Value>(of values: [Value]) -> Value { values[below(values.count)] }
}

extension Notebook {
  /// The value of a name.
  func value(_ name: String) -> Value? { interpreter.workspace.evaluator.value(named: name) }

  /// The context of a cell that nobody sees.
  var context: CellContext {
    CellContext(
      execution: Execution(
        count: 1,
        parent: Header(
          messageID: "0", session: "test", username: "test", date: "2026-01-01T00:00:00Z",
          type: "execute_request"), outlet: Recording()),
      workspace: interpreter.workspace, code: "")
  }

  /// Computes an expression of a recipe, among no names but the vocabulary's.
  func computed(_ text: String) throws -> Value {
    try Evaluator(vocabulary: Words.vocabulary).value(ofText: text, context: context)
  }
}
