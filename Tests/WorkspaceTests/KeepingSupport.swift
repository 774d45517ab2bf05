import CellLanguage
import Foundation
import JupyterKernel
import JupyterProtocol
import Testing

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

extension Notebook {
  /// A little data, a model and a number.
  static let made = [
    "let shapes = Shapes(count: 64, size: 16, seed: 1)",
    "let aet = AET(for: shapes, encoder: NIN(widths: [4, 4]), seed: 1)",
    "var number = 1",
  ]
  static let training = "let run = train(aet, on: shapes.train, epochs: 2, batch: 32, seed: 5)"
  /// Measurements of that model.
  static let measuring = [5, 3].map { "knn(aet, train: shapes.train, test: shapes.test, k: \($0))" }

  /// A notebook whose workspace is kept in `w` of a folder, after some cells.
  static func kept(in folder: String, _ cells: [String] = []) -> Notebook {
    let notebook = Notebook(folder: "\(folder)/w")
    for cell in cells { notebook.succeed(cell) }
    return notebook
  }

  /// The next kernel of that workspace, with all that it keeps.
  static func restored(in folder: String) -> Notebook { kept(in: folder, ["restore()"]) }

  /// Runs a test with a first kernel in a folder, and with what its model is.
  static func withFirst(
    _ cells: [String],
    _ body: (_ folder: String, _ first: Notebook, _ tensors: Data) throws -> Void
  ) throws {
    try withFolder { folder in
      let first = kept(in: folder, made + cells + ["let models = [aet]"])
      try body(folder, first, try first.tensors(of: "aet", by: folder))
      first.close()
    }
  }

  /// Runs a cell that has to succeed.
  @discardableResult
  func succeed(_ cell: String, _ location: SourceLocation = #_sourceLocation) -> Ran {
    let ran = run(cell)
    #expect(ran.error == nil, "\(cell)\n\(ran.error ?? "")", sourceLocation: location)
    return ran
  }

  /// Trains until the first panel was drawn again, then interrupts.
  func interrupted(_ training: String) {
    _ = run(training) { count, execution in
      if count > 1 { execution.interrupt() }
    }
  }

  /// Ends the kernel.
  func close() { interpreter.workspace.journal.close() }

  /// The tensors of a model, as a file has them.
  func tensors(of model: String, by folder: String) throws -> Data {
    let path = "\(folder)/saved.safetensors"
    succeed("save(\(model), to: \"\(path)\")")
    return try Self.tensors(in: path)
  }

  /// The tensors of a safetensors file, without what is told beside them.
  static func tensors(in path: String) throws -> Data {
    let data = try Data(contentsOf: URL(filePath: path))
    let length = data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    return data.dropFirst(8 + length)
  }
}
