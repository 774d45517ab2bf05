import CLibFuzzer

/// What libFuzzer calls with each input.
typealias Examination =
  @convention(c) @Sendable (_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt

/// Where bytes of strangers are read: the surfaces that can be fuzzed, by name.
let surfaces: [String: Examination] = [
  "wire": { examine($0, $1, by: WireSurface.examine) },
  "message": { examine($0, $1, by: MessageSurface.examine) },
  "cell": { examine($0, $1, by: CellSurface.examine) },
  "answers": { examine($0, $1, by: AnswersSurface.examine) },
  "evaluation": { examine($0, $1, by: EvaluationSurface.examine) },
  "canary": { examine($0, $1, by: Canary.examine) },
]

private func examine(
  _ data: UnsafePointer<UInt8>?, _ size: Int, by body: ([UInt8]) -> Void
) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: data, count: size))
  let start = Processor.milliseconds
  Memory.begin()
  body(bytes)
  let most = Memory.mostPerInput + size * Memory.mostPerByte
  law(Memory.peak <= most, "\(size) bytes took \(Memory.peak) bytes of memory, more than \(most)")
  let time = Processor.milliseconds - start
  law(time <= Processor.mostMilliseconds, "\(size) bytes took \(time) ms")
  return 0
}

/// States what holds for every input; libFuzzer reports and keeps an input for which it does not.
func law(
  _ holds: Bool, _ words: @autoclosure () -> String, file: StaticString = #fileID,
  line: UInt = #line
) {
  if !holds { fatalError("broken law: \(words())", file: file, line: line) }
}

/// A mistake that one who follows the coverage soon finds, so that a run which reports nothing has looked.
enum Canary {
  static func examine(_ bytes: [UInt8]) {
    guard bytes.count > 1 else { return }
    // A comparison each, as turns of one loop are counted in rough steps only.
    guard bytes[0] == UInt8(ascii: "b") else { return }
    guard bytes[1] == UInt8(ascii: "i") else { return }
    law(false, "the canary was found")
  }
}
