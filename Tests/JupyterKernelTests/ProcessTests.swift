import Foundation
import Glibc
import Testing

@testable import JupyterKernel

@Suite struct ProcessTests {
  /// A record of another process, or in another folder, is not that of whoever started the kernel.
  @Test func aServerIsKnownByItsRecord() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let connectionFile = "\(folder)/kernel-1.json"
    #expect(!JupyterServer.hasRecord(of: 51, beside: connectionFile))
    try Data("{}".utf8).write(to: URL(filePath: "\(folder)/jpserver-51.json"))
    #expect(JupyterServer.hasRecord(of: 51, beside: connectionFile))
    #expect(!JupyterServer.hasRecord(of: 5, beside: connectionFile))
    #expect(!JupyterServer.hasRecord(of: 51, beside: "\(folder)-2/kernel-1.json"))
  }

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

  /// The end of a parent whose own parent has not asked for its status yet.
  @Test func aZombieIsGone() throws {
    var process: pid_t = 0
    var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("sleep"), strdup("600"), nil]
    defer { for argument in arguments { free(argument) } }
    try #require(posix_spawnp(&process, "sleep", nil, nil, &arguments, environ) == 0)
    let parent = ParentProcess(announced: process, direct: 60)
    #expect(!parent.isGone)
    // Linux 5.3 has descriptors of processes; without, nothing is to be tested.
    let descriptor = parent.openDescriptor()
    var polled = pollfd(fd: descriptor ?? -1, events: Int16(POLLIN), revents: 0)
    #expect(poll(&polled, 1, 0) == 0)
    kill(process, SIGKILL)
    if descriptor != nil {
      #expect(poll(&polled, 1, 5_000) == 1)
    } else {
      usleep(200_000)
    }
    #expect(parent.isGone)
    var status: Int32 = 0
    waitpid(process, &status, 0)
    #expect(parent.isGone)
    if let descriptor { close(descriptor) }
    #expect(ParentProcess(announced: 1, direct: 1).openDescriptor() == nil)
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
