import Glibc
import JupyterKernel
import RunStore
import Synchronization
import Training

/// What the workspace remembers in its database: the cells that ran and the models that were trained.
///
/// The file lies beside the notebook, in `.orbit/NAME/`, where NAME is the notebook's own. It is opened
/// when it is first needed, so that a kernel starts at once. Where it cannot be opened, a database in
/// memory takes its place and the first cell is told why. Beside it a `RunningRecord` says what runs, for the
/// kernel after one that crashes.
final class Journal: Sendable {
  /// A run as it begins.
  struct RunStart {
    let name: String
    let method: String
    let options: String
    let data: String
    let checksum: String
    let seed: UInt64
    let plan: RunPlan
    let line: Int
    let code: String
  }

  private struct State: Sendable {
    var store: RunStore?
    var history: HistoryWriter?
    var cell: RunStore::HistoryEntry?
    var keeper: Keeper?
    var session = 0
    var warning: String?
    var isOpened = false
    var running: RunningRecord?
    var areEndsTold = false
    var isInvited = false
  }

  /// The workspace's folder; `nil` when nothing is kept.
  let folder: String?
  private let state = Mutex(State())
  /// How earlier kernels of this workspace ended that did not say goodbye.
  let suddenEnds: [SuddenEnd]

  /// Keeps the database in `folder`; in memory when it is `nil`.
  init(folder: String?) {
    self.folder = folder
    suddenEnds = folder.map { SuddenEnd.found(in: $0) } ?? []
  }

  /// The database of the notebook that the kernel was started for.
  static func beside(notebook: String?) -> Journal {
    let file = notebook?.split(separator: "/").last.map(String.init) ?? ""
    let stem = file.hasSuffix(".ipynb") ? String(file.dropLast(6)) : file
    let name = stem.isEmpty || stem.hasPrefix(".") ? "default" : stem
    return Journal(folder: ".orbit/\(name)")
  }

  /// The number of this life of the kernel in the workspace.
  var session: Int {
    _ = opened()
    return state.withLock { $0.session }
  }

  /// The database, opened when it is needed first; `nil` after the end.
  func opened() -> RunStore? {
    state.withLock { state in
      guard !state.isOpened else { return state.store }
      state.isOpened = true
      do {
        state.store =
          try folder.map { try RunStore(path: "\($0)/workspace.sqlite") } ?? RunStore.inMemory()
        state.session = try state.store?.beginSession() ?? 0
        if let folder, let store = state.store {
          (state.keeper, state.warning) = Keeper.opened(in: folder, history: store)
        }
        let session = state.session
        state.running = folder.flatMap {
          RunningRecord(folder: $0, version: WorkspaceInterpreter.version, session: session)
        }
      } catch {
        state.warning =
          "The workspace's database cannot be used, so history and runs are kept in memory only: "
          + "\(error)"
        state.store = try? RunStore.inMemory()
        state.session = (try? state.store?.beginSession()) ?? 0
        if let folder, let copy = try? RunStore(copying: "\(folder)/workspace.sqlite") {
          state.keeper = .reading(copy, in: folder)
        }
      }
      state.history = state.store.map { HistoryWriter($0) }
      return state.store
    }
  }

  /// What earlier kernels left that can be brought back; told once, by the first cell.
  func takeInvitation() -> String? {
    _ = opened()
    let keeper: Keeper? = state.withLock { state in
      defer { state.isInvited = true }
      return state.isInvited ? nil : state.keeper
    }
    return keeper?.invitation()
  }

  /// Why the database is not where it should be, and how earlier kernels ended; told once.
  func takeWarning() -> String? {
    let store = opened()
    let (warning, isFirst) = state.withLock { state in
      defer { (state.warning, state.areEndsTold) = (nil, true) }
      return (state.warning, !state.areEndsTold)
    }
    guard isFirst else { return warning }
    // Of several kernels that start after a crash, the one that can forget it tells it.
    let ends = suddenEnds.filter { $0.forget() }
    for end in ends {
      guard let cell = end.cell else { continue }
      try? store?.died(session: end.session, line: cell, output: end.sentence)
    }
    let lines = (warning.map { [$0] } ?? []) + ends.map(\.sentence)
    return lines.isEmpty ? nil : lines.joined(separator: "\n")
  }

  /// Says which cell runs, for whoever comes after a crash; `nil` when none does.
  func note(runningCell cell: Int?) {
    _ = opened()
    state.withLock { $0.running }?.note(cell: cell)
  }

  /// Says how many steps a training has taken; `nil` when none trains.
  func note(trainingStep step: Int?) { state.withLock { $0.running }?.note(step: step) }

  /// What keeps the values of the workspace; `nil` where nothing is kept.
  var keeper: Keeper? {
    _ = opened()
    return state.withLock { $0.keeper }
  }

  /// Notes a cell before it runs.
  func begin(line: Int, source: String) {
    guard opened() != nil else { return }
    let (history, cell) = state.withLock { state in
      let cell = RunStore::HistoryEntry(session: state.session, line: line, source: source)
      state.cell = cell
      return (state.history, cell)
    }
    history?.write(cell)
  }

  /// Notes how a cell ended.
  func finish(line: Int, outcome: ExecutionOutcome, output: String?) {
    let status: CellStatus =
      switch outcome {
      case .success: .ok
      case .failure: .error
      case .interrupted: .interrupted
      }
    let (history, cell) = state.withLock { state in
      defer { state.cell = nil }
      return (state.history, state.cell)
    }
    guard let history, var cell, cell.line == line else { return }
    (cell.status, cell.output) = (status, output)
    history.write(cell)
  }

  /// The database with every cell that has begun or ended until now.
  func upToDate() -> RunStore? {
    let store = opened()
    state.withLock { $0.history }?.drain()
    return store
  }

  /// Answers a front end's question for earlier cells.
  func history(_ query: HistoryQuery) -> [JupyterKernel::HistoryEntry] {
    guard let store = opened() else { return [] }
    state.withLock { $0.history }?.drain()
    let found: [RunStore::HistoryEntry]? =
      switch query.access {
      case .tail(let count): try? store.tail(count)
      case .range(let session, let start, let stop):
        try? store.range(session: session, start: start, stop: stop)
      case .search(let pattern, let count, let unique):
        try? store.search(pattern, n: count, unique: unique)
      }
    return (found ?? []).map { entry in
      JupyterKernel::HistoryEntry(
        session: entry.session, line: entry.line, input: entry.source,
        output: query.includesOutput ? entry.output : nil)
    }
  }

  /// Records that a run begins; its number, or `nil` where it cannot be recorded.
  func begin(_ start: RunStart) -> Int? {
    guard let store = opened() else { return nil }
    var record = RunRecord(
      name: start.name, method: start.method, options: start.options, data: start.data,
      checksum: start.checksum, seed: start.seed, epochs: start.plan.epochs,
      session: state.withLock { $0.session }, cell: start.line)
    record.code = start.code
    record.build = Build.current
    record.host = Host.current
    record.batch = start.plan.batch
    record.planned = start.plan.steps
    return try? store.begin(record)
  }

  /// Records how far a run is, with values by step; false where it cannot be recorded now.
  func advance(
    _ run: Int, by values: [(step: Int, epoch: Int, name: String, value: Float)],
    progress: RunProgress, loss: Double?
  ) -> Bool {
    guard let store = opened() else { return true }
    do {
      try store.advance(
        run,
        adding: values.map {
          Metric(step: $0.step, epoch: $0.epoch, name: $0.name, value: Double($0.value))
        }, steps: progress.step, seconds: progress.seconds, loss: loss,
        imagesPerSecond: progress.imagesPerSecond > 0 ? progress.imagesPerSecond : nil)
      return true
    } catch {
      return false
    }
  }

  /// Records how a run ended.
  func finish(_ run: Int, status word: String, loss: Double?, rate: Double) {
    try? opened()?.finish(
      run, status: word == "completed" ? .finished : RunStore::RunStatus(rawValue: word) ?? .failed,
      finalLoss: loss, imagesPerSecond: rate)
  }

  /// Records a measurement of a model that a run trained.
  func append(_ probe: ProbeRecord) { try? opened()?.append(probe) }

  /// Records a picture that a cell drew of a run or its model.
  func append(figureOf run: Int, line: Int, word: String, caption: String) {
    try? opened()?.append(
      FigureRecord(
        run: run, session: state.withLock { $0.session }, cell: line, word: word, caption: caption))
  }

  /// The recorded runs of this workspace in an order, with what was measured of them; those that died with their
  /// process say so.
  func runs(in order: RunOrder = .newest) throws -> [RecordedRun] {
    guard let store = opened() else { return [] }
    try? store.noteBrokenRuns()
    let records = try store.runs(order: order)
    let probes = Dictionary(grouping: try store.probes(), by: \.run)
    let words = RecordedRun.measuringWords
    let names = words + Set(probes.values.joined().map(\.name)).subtracting(words).sorted()
    return records.map {
      RecordedRun($0, probes: probes[$0.id] ?? [], names: names, in: self)
    }
  }

  /// The values of a run by step, by their names.
  func metrics(of run: Int) throws -> [String: [Metric]] {
    Dictionary(grouping: try opened()?.metrics(of: run) ?? [], by: \.name)
  }

  /// The pictures of a run and its model.
  func figures(of run: Int) throws -> [FigureRecord] { try opened()?.figures(of: run) ?? [] }

  /// Ends the session.
  func close() {
    // Outside the lock: the history's thread may take its time, and a commit under way may ask the journal.
    let (history, keeper) = state.withLock { state in
      defer { (state.history, state.keeper) = (nil, nil) }
      return (state.history, state.keeper)
    }
    history?.close()
    keeper?.close()
    state.withLock { state in
      try? state.store?.endSession()
      state.store = nil
      state.running?.close()
      state.running = nil
    }
  }
}
