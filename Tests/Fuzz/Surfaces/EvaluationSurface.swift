import Synchronization

@testable import CellLanguage

/// The text of a cell that is run, with little memory and for a few steps: whatever it says, it ends with a
/// value or an error.
enum EvaluationSurface {
  private static let limits: Limits = {
    var limits = Limits()
    limits.callDepth = 100
    limits.elements = 1_000
    limits.stringBytes = 10_000
    limits.nesting = 50
    limits.functionChain = 50
    limits.stackBytes = 1 << 20
    return limits
  }()

  static func examine(_ input: [UInt8]) {
    let text = String(decoding: input, as: UTF8.self)
    let evaluator = Evaluator(vocabulary: SampleWorkspace.vocabulary, limits: limits)
    for name in SampleWorkspace.names.names {
      if let value = SampleWorkspace.names[name] { evaluator.set(name, to: value) }
    }
    let context = SampleContext(interruptAfter: 50)
    do throws(CellError) {
      let outcome = try evaluator.run(text, context: context)
      _ = outcome.value.description
    } catch {
      CellSurface.examine(error, text.unicodeScalars.count)
    }
    for name in evaluator.names.names {
      if let value = evaluator.names[name] { _ = oneLine(value) }
    }
    law(evaluator.depth.load(ordering: .relaxed) == 0, "every call has ended")
  }
}
