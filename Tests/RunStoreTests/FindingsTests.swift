import RunStore
import Testing

@Suite("Probes and figures")
struct FindingsTests {
  let store: RunStore

  init() throws { store = try RunStore.inMemory() }

  @Test("measurements come back in their order, NaN and infinity too")
  func probes() throws {
    let runs = try (0..<2).map { _ in try store.begin(sampleRun()) }
    let values: [Double] = [0.8, .nan, .infinity, -0.25, 0.1 + 0.2]
    let all = values.enumerated().map { index, value in
      ProbeRecord(
        run: runs[index % 2], name: "knn", value: value, protocolText: "k = 5, “größe”; '\(index)'",
        step: 100 * index, time: 1_700_000_000.25 + Double(index))
    }
    for probe in all { try store.append(probe) }
    func text(_ probes: [ProbeRecord]) -> [String] { probes.map { "\($0)" } }
    #expect(try text(store.probes()) == text(all))
    for run in runs {
      #expect(try text(store.probes(of: run)) == text(all.filter { $0.run == run }))
    }
    #expect(try store.probes(of: 99).isEmpty)
  }

  @Test("pictures come back in their order")
  func figures() throws {
    let session = try store.beginSession()
    let run = try store.begin(sampleRun())
    let all = (0..<3).map {
      FigureRecord(
        run: run, session: $0 == 1 ? nil : session, cell: $0, word: "latents",
        caption: "features, \"\($0)\"", time: Double($0))
    }
    for figure in all { try store.append(figure) }
    #expect(try store.figures(of: run) == all)
    #expect(try store.figures(of: run + 1).isEmpty)
  }

  @Test("what belongs to no run is refused")
  func noRun() throws {
    let probe = storeError { () throws(RunStoreError) in
      try store.append(ProbeRecord(run: 9, name: "knn", value: 1, protocolText: "", step: 0))
    }
    let figure = storeError { () throws(RunStoreError) in
      try store.append(FigureRecord(run: 9, word: "plot", caption: ""))
    }
    #expect(probe?.description.contains("add a probe of run 9") == true)
    #expect(figure?.description.contains("add a figure of run 9") == true)
    #expect(try store.probes().isEmpty)
  }
}
