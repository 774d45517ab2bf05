import Foundation
import RunStore
import Testing

@Suite("Runs and the processes that train them")
struct BrokenRunTests {
  /// Begins a run in a session of its own.
  private func begin(in store: RunStore) throws -> Int {
    var run = sampleRun()
    run.session = try store.beginSession()
    return try store.begin(run)
  }

  @Test("a run is asked from another store while it goes on, and stays running")
  func alive() throws {
    try withFolder { folder in
      let path = "\(folder)/store.sqlite"
      let trainer = try RunStore(path: path)
      let run = try begin(in: trainer)
      let other = try RunStore(path: path)
      try other.beginSession()
      for step in 1...5 {
        try trainer.advance(
          run, adding: [Metric(step: step, epoch: 0, name: "loss", value: 1 / Double(step))],
          steps: step, seconds: Double(step), loss: 1 / Double(step), imagesPerSecond: 10)
        try other.noteBrokenRuns()
        let found = try #require(try other.run(run))
        #expect(found.status == .running && found.steps == step)
        #expect(found.finalLoss == 1 / Double(step) && found.seconds == Double(step))
        #expect(try other.metrics(of: run).count == step)
      }
    }
  }

  @Test("a run whose store is gone is broken, whether or not its session ended in order")
  func dead() throws {
    try withFolder { folder in
      let path = "\(folder)/store.sqlite"
      let watching = try RunStore(path: path)
      let ids = try [true, false].map { isOrderly in
        let store = try RunStore(path: path)
        let id = try begin(in: store)
        let finished = try store.begin(sampleRun())
        try store.finish(finished, status: .finished, finalLoss: 1, imagesPerSecond: 1)
        if isOrderly { try store.endSession() }
        return id
      }
      // Opening the second store was a look at the first one's runs; nobody has looked at the second one's.
      #expect(try ids.map { try watching.run($0)?.status } == [.broken, .running])
      try watching.noteBrokenRuns()
      #expect(try ids.map { try watching.run($0)?.status } == [.broken, .broken])
      #expect(try watching.runs(.init(status: .finished)).count == 2)
      // Who opens the store sees it at once.
      #expect(try RunStore(path: path).runs(.init(status: .broken)).count == 2)
    }
  }

  @Test("a run that another session carries on is that session's")
  func carriedOn() throws {
    try withFolder { folder in
      let path = "\(folder)/store.sqlite"
      let id = try begin(in: RunStore(path: path))
      let store = try RunStore(path: path)
      #expect(try store.run(id)?.status == .broken)
      try store.beginSession()
      try store.advance(
        id, adding: [], steps: 3, seconds: 1, loss: nil, imagesPerSecond: nil)
      _ = try RunStore(path: path)
      #expect(try store.run(id)?.status == .running)
      #expect(try store.run(id)?.session == 1)
    }
  }

  @Test("a run in memory is never broken")
  func memory() throws {
    let store = try RunStore.inMemory()
    let id = try begin(in: store)
    try store.noteBrokenRuns()
    #expect(try store.run(id)?.status == .running)
  }

  @Test("to advance no run is refused, and none of its values is kept")
  func noRun() throws {
    let store = try RunStore.inMemory()
    let error = storeError { () throws(RunStoreError) in
      try store.advance(
        9, adding: [Metric(step: 1, epoch: 0, name: "loss", value: 1)], steps: 1, seconds: 1,
        loss: 1, imagesPerSecond: 1)
    }
    #expect(error?.description.contains("there is no such run") == true)
    #expect(try store.metrics(of: 9).isEmpty)
  }
}
