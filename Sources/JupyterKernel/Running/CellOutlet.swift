import JupyterProtocol
import Synchronization

/// Sends what one cell publishes to its front ends.
final class CellOutlet: Outlet {
  private let origin: Origin
  private let publisher: Publisher
  private let input: InputExchange
  private let ended = Atomic<Bool>(false)

  init(origin: Origin, publisher: Publisher, input: InputExchange) {
    self.origin = origin
    self.publisher = publisher
    self.input = input
  }

  /// Says that the cell has ended: what it left running may still publish, but not ask.
  func end() {
    ended.store(true, ordering: .releasing)
  }

  func publish(_ output: Output, from execution: Execution) {
    publisher.outbox.waitForRoom { execution.isInterrupted }
    switch output {
    case .stream(let stream, let text):
      publisher.print(text, to: stream, for: origin)
    case .display(let bundle, let id):
      publisher.publish(DisplayData(bundle, displayID: id), for: origin)
    case .update(let bundle, let id):
      publisher.publish(UpdateDisplayData(bundle, displayID: id), for: origin, update: id)
    case .result(let bundle):
      publisher.publish(ExecuteResult(bundle, executionCount: execution.count), for: origin)
    case .clear(let wait):
      publisher.publish(ClearOutput(wait: wait), for: origin)
    }
  }

  func requestInput(
    prompt: String, password: Bool, from execution: Execution
  ) throws(InputError) -> String {
    guard !ended.load(ordering: .acquiring) else { throw .ended }
    publisher.outbox.flush()
    let question = publisher.composer.message(
      InputRequest(prompt: prompt, password: password), prefix: origin.identities,
      parent: origin.headerBytes)
    let answer = input.ask(question: question.id, identities: origin.identities) {
      publisher.outbox.send(Outbox.Reply(channel: .stdin, frames: question.frames))
      // An interrupt that came before anyone waited would otherwise be missed.
      if execution.isInterrupted { input.interrupt() }
    }
    guard let answer else { throw .interrupted }
    return answer
  }
}
