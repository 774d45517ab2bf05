import Foundation
import JupyterKernel
import Synchronization
import Testing

@testable import Workspace

@Suite struct JournalCloseTests {
  /// What is committed may be a list of runs, which asks the journal for its members.
  @Test func aCommitUnderWayMayAskTheJournalThatIsClosed() throws {
    try withFolder { folder in
      let notebook = Notebook(folder: "\(folder)/w")
      notebook.run("let x = 1")
      let journal = notebook.interpreter.workspace.journal
      let keeper = try #require(journal.keeper)
      let answered = DispatchSemaphore(value: 0)
      let closed = DispatchSemaphore(value: 0)
      let hasAnswer = keeper.committing.withLock { _ in
        Thread.detachNewThread {
          journal.close()
          closed.signal()
        }
        // The journal waits for the commit by now.
        usleep(100_000)
        Thread.detachNewThread {
          _ = journal.session
          answered.signal()
        }
        return answered.wait(timeout: .now() + 10) == .success
      }
      #expect(hasAnswer)
      #expect(closed.wait(timeout: .now() + 10) == .success)
    }
  }
}
