import Glibc
import Testing

@testable import JupyterKernel

@Suite struct ProcessTests {
  @Test func whomToWatchFollowsFromTheNumbers() {
    #expect(ParentProcess(announced: 50, direct: 50).sign == .changedParent(50))
    #expect(ParentProcess(announced: 50, direct: 60).sign == .missing(50))
    #expect(ParentProcess(announced: nil, direct: 60).sign == .changedParent(60))
    #expect(ParentProcess(announced: 1, direct: 1).sign == .none)
    #expect(ParentProcess(announced: 1, direct: 60).sign == .none)
    #expect(ParentProcess(announced: nil, direct: 1).sign == .none)
    #expect(ParentProcess(announced: 50, direct: 1).sign == .missing(50))
  }

  @Test func aParentThatIsThereIsNotGone() {
    #expect(!ParentProcess(announced: nil, direct: getppid()).isGone)
    #expect(!ParentProcess(announced: getpid(), direct: getppid()).isGone)
    // Process numbers end far below this one.
    #expect(ParentProcess(announced: .max, direct: 60).isGone)
  }

  @Test func textThatIsCutInsideACharacterIsWhole() {
    let text = "aé€😀﷽z"
    for size in 1...5 {
      var unfinished: [UInt8] = []
      var joined = ""
      let bytes = Array(text.utf8)
      for start in stride(from: 0, to: bytes.count, by: size) {
        joined += NativeOutput.wholeText(
          &unfinished, bytes[start..<min(start + size, bytes.count)])
      }
      #expect(joined == text)
      #expect(unfinished.isEmpty)
    }
    // Bytes that never become a character do not pile up.
    var unfinished: [UInt8] = []
    #expect(NativeOutput.wholeText(&unfinished, [0x80, 0x80, 0x80, 0x80, 0x80]).count == 5)
    #expect(unfinished.isEmpty)
  }
}
