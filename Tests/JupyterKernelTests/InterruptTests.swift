import Glibc
import JupyterProtocol
import Testing

@testable import JupyterKernel

@Suite struct InterruptTests {
  private struct Nowhere: Outlet {
    func publish(_ output: Output, from execution: Execution) {}
    func requestInput(
      prompt: String, password: Bool, from execution: Execution
    ) throws(InputError) -> String { throw .notAllowed }
  }

  @Test("the second press is told from the first, and from the same one that came by two ways")
  func presses() {
    let execution = Execution(
      count: 1,
      parent: Header(messageID: "1", session: "s", date: "", type: "execute_request"),
      outlet: Nowhere())
    #expect(!execution.isInterrupted)
    execution.interrupt()
    execution.interrupt()
    #expect(execution.isInterrupted)
    #expect(!execution.isAbandoned)
    usleep(250_000)
    execution.interrupt()
    #expect(execution.isAbandoned)
  }
}
