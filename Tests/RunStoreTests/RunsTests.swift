import RunStore
import Testing

@Suite("Runs")
struct RunsTests {
  let store: RunStore

  init() throws { store = try RunStore.inMemory() }

  @Test("a run comes back as it was", arguments: [0, 1, 1 << 63, UInt64.max])
  func roundTrip(seed: UInt64) throws {
    let session = try store.beginSession()
    var run = sampleRun(seed: seed)
    run.session = session
    run.cell = 4
    run.id = try store.begin(run)
    #expect(try store.run(run.id) == run)
    try store.finish(
      run.id, status: .finished, finalLoss: 0.25, imagesPerSecond: 1234.5, finished: 42)
    run.status = .finished
    run.finished = 42
    run.finalLoss = 0.25
    run.imagesPerSecond = 1234.5
    #expect(try store.runs() == [run])
    #expect(try store.run(run.id + 1) == nil)
  }

  @Test("a run that ends now ended after it began")
  func times() throws {
    let id = try store.begin(sampleRun())
    try store.finish(id, status: .failed, finalLoss: .nan, imagesPerSecond: nil)
    let run = try #require(try store.run(id))
    #expect(try #require(run.finished) >= run.started)
    #expect(run.started > 1_700_000_000)
    #expect(run.finalLoss == nil)
    #expect(run.status == .failed)
  }

  @Test("metrics come back in the order of steps, NaN and infinity too")
  func metrics() throws {
    let id = try store.begin(sampleRun())
    let other = try store.begin(sampleRun())
    let values: [Double] = [1, 0.5, .nan, .infinity, -.infinity, .leastNonzeroMagnitude, -0.0]
    let all = values.enumerated().map {
      Metric(step: $0.offset, epoch: $0.offset / 3, name: "loss", value: $0.element)
    }
    try store.append(Array(all[3...]), to: id)
    try store.append(Array(all[..<3]), to: id)
    try store.append([Metric(step: 2, epoch: 0, name: "corner error", value: 3)], to: id)
    try store.append([Metric(step: 0, epoch: 0, name: "loss", value: 9)], to: other)
    try store.append([], to: id)
    let found = try store.metrics(of: id, name: "loss")
    #expect(found.map(\.step) == Array(0..<7))
    #expect(found.map(\.epoch) == all.map(\.epoch))
    #expect(found.map(\.value.isNaN) == values.map(\.isNaN))
    #expect(found.filter { !$0.value.isNaN } == all.filter { !$0.value.isNaN })
    #expect(try store.metrics(of: id).count == 8)
    #expect(try store.metrics(of: other).map(\.value) == [9])
  }

  @Test("a value of the same name and step is replaced, as a resumed run needs it")
  func replaced() throws {
    let id = try store.begin(sampleRun())
    try store.append([Metric(step: 1, epoch: 0, name: "loss", value: 1)], to: id)
    try store.append([Metric(step: 1, epoch: 0, name: "loss", value: 2)], to: id)
    #expect(try store.metrics(of: id).map(\.value) == [2])
  }

  @Test("metrics of no run are refused, and none of the batch is kept")
  func noRun() throws {
    let error = storeError { () throws(RunStoreError) in
      try store.append(
        (0..<10).map { Metric(step: $0, epoch: 0, name: "loss", value: 1) }, to: 99)
    }
    #expect(error?.description.contains("add metrics of run 99") == true)
    #expect(try store.metrics(of: 99).isEmpty)
    let finishing = storeError { () throws(RunStoreError) in
      try store.finish(99, status: .finished, finalLoss: nil, imagesPerSecond: nil)
    }
    #expect(finishing?.description.contains("there is no such run") == true)
  }

  @Test("runs are filtered, ordered and limited")
  func listing() throws {
    let session = try store.beginSession()
    func add(
      _ name: String, _ method: String, _ started: Double, _ loss: Double?, _ rate: Double?,
      _ session: Int? = nil
    ) throws {
      var run = sampleRun(name, method: method)
      run.started = started
      run.session = session
      let id = try store.begin(run)
      guard loss != nil || rate != nil else { return }
      try store.finish(id, status: .finished, finalLoss: loss, imagesPerSecond: rate)
    }
    try add("a", "AET", 10, 0.5, 100, session)
    try add("b", "AVT", 30, 0.1, 300, session)
    try add("c", "AET", 20, nil, nil)
    try add("d", "AET", 40, 0.9, nil)
    func names(
      _ filter: RunFilter = RunFilter(), _ order: RunOrder = .newest, _ limit: Int? = nil
    ) throws -> String { try store.runs(filter, order: order, limit: limit).map(\.name).joined() }
    #expect(try names() == "dbca")
    #expect(try names(.init(), .oldest) == "acbd")
    #expect(try names(.init(), .lowestLoss) == "badc")
    #expect(try names(.init(), .fastest) == "bacd")
    #expect(try names(.init(), .newest, 2) == "db")
    #expect(try names(.init(), .newest, 0) == "")
    #expect(try names(.init(), .newest, -1) == "")
    #expect(try names(.init(method: "AET")) == "dca")
    #expect(try names(.init(method: "aet")) == "")
    #expect(try names(.init(name: "b")) == "b")
    #expect(try names(.init(status: .running)) == "c")
    #expect(try names(.init(session: session)) == "ba")
    #expect(try names(.init(method: "AET", status: .finished), .lowestLoss, 1) == "a")
  }
}
