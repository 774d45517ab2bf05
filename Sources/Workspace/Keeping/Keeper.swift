import CellLanguage
import Formats
import Glibc
import JupyterProtocol
import RunStore
import Synchronization

/// Keeps the values of the workspace, so that a later kernel has them.
///
/// After each cell it commits what the cell changed: names as JSON, models as weights, data by the call that
/// gives it and its checksum, runs by what was asked for and how far they are, figures and scores as what they
/// show. Blobs are written first, then one transaction makes the commit; what a crash in between leaves is a
/// blob that nothing needs. Of an object that is there twice one copy is kept.
final class Keeper: Sendable {
  struct Known {
    weak var object: (any HostObject)?
    let id: Int
    /// The state of the object that is in the store; `nil` while none is.
    var revision: Revision?
  }

  struct State {
    var known: [ObjectIdentifier: Known] = [:]
    var places: [Int: ObjectIdentifier] = [:]
    /// What was loaded, as long as names are left that may lead to it.
    var loaded: [Int: any HostObject] = [:]
    /// The names whose values are not in the store yet.
    var pending: Set<String> = []
    /// Why some names cannot be kept.
    var refused: [String: String] = [:]
    var commits = 0
    var trouble: String?
    /// How many cells can be undone.
    var depth = Keeper.undoable
    /// The commit that the cell under way takes back, and states of objects that do not live.
    var undoing: (commit: Int, line: Int, states: [KeptState])?
    /// The commits up to this one cannot be undone: what they replaced is forgotten.
    var floor = 0
    /// The runs that ended in this process and whose checkpoints are over with the next commit.
    var ended: Set<Int> = []
  }

  let store: RunStore
  let blobs: BlobFolder
  /// The workspace's folder.
  let folder: String
  /// The workspace that another kernel is writing into: it is read, and what is new goes to this one.
  let other: Keeper?
  private let lock: FolderLock?
  let state = Mutex(State())
  /// Held while numbers are given out and states are written.
  let committing = Mutex<Void>(())
  /// Held while a checkpoint's blob is written and named, and while blobs that have no name are removed.
  let sweeping = Mutex<Void>(())

  private init(store: RunStore, folder: String, lock: FolderLock?, other: Keeper? = nil) {
    self.store = store
    self.lock = lock
    self.other = other
    self.folder = folder
    blobs = BlobFolder(path: "\(folder)/blobs")
  }

  /// The keeper of a folder, or, where a living kernel writes into that, of the next one that is free.
  ///
  /// - Returns: what the user should know beside it, if anything.
  static func opened(in folder: String, history: RunStore) -> (keeper: Keeper?, note: String?) {
    do {
      if let lock = try FolderLock(folder: folder) {
        let keeper = Keeper(store: history, folder: folder, lock: lock)
        keeper.collect()
        return (keeper, nil)
      }
    } catch {
      return (
        reading(history, in: folder),
        "Names of this session are not kept for later, those of earlier ones can be restored: \(error)"
      )
    }
    let busy = Keeper(store: history, folder: folder, lock: nil)
    for number in 2...99 {
      let own = "\(folder)-\(number)"
      guard let store = try? RunStore(path: "\(own)/workspace.sqlite") else { break }
      guard let lock = try? FolderLock(folder: own) else { continue }
      _ = try? store.beginSession()
      return (
        Keeper(store: store, folder: own, lock: lock, other: busy),
        "Another kernel is writing into the workspace \(folder): its names can be restored here, "
          + "and what is new here is kept in \(own)."
      )
    }
    return (nil, "The names of this workspace are not kept: \(folder) cannot be locked.")
  }

  /// A keeper of what was kept, which writes nothing.
  static func reading(_ store: RunStore, in folder: String) -> Keeper {
    Keeper(store: store, folder: folder, lock: nil)
  }

  /// Whether what is new is kept.
  var writes: Bool { lock != nil }

  func close() {
    committing.withLock { _ in tidy() }
    lock?.release()
  }

  // MARK: What is known

  /// The living object of a number.
  func living(_ id: Int) -> (any HostObject)? {
    state.withLock { state in
      state.loaded[id] ?? state.places[id].flatMap { state.known[$0]?.object }
    }
  }

  /// Notes that an object has a number, and which of its states is in the store.
  func know(_ object: any HostObject, as id: Int, revision: Revision? = nil) {
    let place = ObjectIdentifier(object)
    state.withLock { state in
      state.known[place] = Known(object: object, id: id, revision: revision)
      state.places[id] = place
    }
  }

  /// The number of an object that has one.
  func number(of object: any HostObject) -> Int? {
    state.withLock { state in
      state.known[ObjectIdentifier(object)].flatMap { $0.object === object ? $0.id : nil }
    }
  }

  /// Forgets those that are gone, whose places in memory others may take.
  private func forgetGone() {
    state.withLock { state in
      for (place, known) in state.known where known.object == nil {
        state.known[place] = nil
        if state.places[known.id] == place { state.places[known.id] = nil }
      }
    }
  }

  /// Lets go of what was loaded, once no name is left that waits to be: names and runs hold what they need.
  private func letGo(_ names: NameTable?) {
    other?.letGo(names)
    guard let names, state.withLock({ !$0.loaded.isEmpty }) else { return }
    let waits = names.names.contains { name in
      guard case .object(let object)? = names[name] else { return false }
      return object is KeptValue
    }
    // Freed outside the lock: what is freed may ask for it.
    let loaded =
      waits
      ? [:]
      : state.withLock { state in
        defer { state.loaded = [:] }
        return state.loaded
      }
    withExtendedLifetime(loaded) {}
  }

  // MARK: Commits

  /// Commits what a cell changed; before it, in a commit of its own, what models were measured to.
  ///
  /// - Parameters:
  ///   - changed: the names that it declared, changed or forgot; those of commits that failed are added.
  ///   - names: the names as they are; `nil` where only what changed of objects is committed.
  ///   - objects: the objects whose states are committed; `nil` for all.
  ///   - isTold: whether somebody reads what is returned; if not, the next commit says it.
  /// - Returns: what the user should know: why something cannot be kept, told once, and that it is kept again.
  func commit(
    _ changed: Set<String>, of names: NameTable?, line: Int, isTold: Bool,
    only objects: [any HostObject]? = nil
  ) -> String? {
    guard writes else { return nil }
    return committing.withLock { _ in
      defer { letGo(names) }
      forgetGone()
      // Names that wait are read from the table of a cell: without one they would look forgotten.
      let wanted = names == nil ? [] : state.withLock { $0.pending.union(changed) }
      var building = Building(keeper: self)
      // Asked before the states are written: who ends meanwhile has none among them.
      let ended = settled(state.withLock { $0.ended }, among: objects)
      do {
        let kept = try names.map { try building.names(wanted, of: $0) } ?? []
        try building.addStates(only: objects)
        let undoing = state.withLock { state in
          names != nil && state.undoing?.line == line ? state.undoing : nil
        }
        for past in undoing?.states ?? [] where building.states[past.object] == nil {
          building.states[past.object] = past
        }
        let measured = building.states.values.filter { !$0.endsCheckpoints }
        let changed = building.states.values.filter { $0.endsCheckpoints }
        if !measured.isEmpty {
          try store.commit(line: KeptCommit.noCell, names: [], states: measured)
        }
        if kept.isEmpty, changed.isEmpty, undoing == nil {
          try store.endCheckpoints(of: ended)
        } else {
          try store.commit(
            line: line, names: kept, states: changed, ended: ended, undoes: undoing?.commit)
        }
        state.withLock { state in
          if names != nil { (state.pending, state.undoing) = ([], nil) }
          state.ended.subtract(ended)
          if !kept.isEmpty || !building.states.isEmpty { state.commits += 1 }
          for (id, revision) in building.revisions {
            if let place = state.places[id] { state.known[place]?.revision = revision }
          }
        }
        if !kept.isEmpty || !building.states.isEmpty, state.withLock({ $0.commits % 20 }) == 0 {
          tidy()
        }
        return isTold
          ? Self.lines([troubleIsOver(), refusals(of: wanted, building.refused)]) : nil
      } catch {
        return state.withLock { state in
          if names != nil { state.pending = wanted }
          guard isTold else { return nil }
          let told = state.trouble
          state.trouble = "\(error)"
          return told == state.trouble
            ? nil
            : "The workspace could not be kept on disk; it is tried again with the next cell: \(error)"
        }
      }
    }
  }

  /// Of runs that have ended, those whose ends are committed now: of the given objects, and of models that are
  /// not about to be committed by the thread that trained them.
  private func settled(_ runs: Set<Int>, among objects: [any HostObject]?) -> Set<Int> {
    let numbers = objects.map { Set($0.compactMap { number(of: $0) }) }
    return runs.filter { run in
      numbers?.contains(run) ?? true
        && (living(run) as? RunObject)?.model()?.isTraining != true
    }
  }

  /// Commits what changed of objects, outside any cell: when training in the background has ended.
  func commitStates(of objects: [any HostObject], line: Int) {
    _ = commit([], of: nil, line: line, isTold: false, only: objects)
  }

  /// What to say when something was committed after some commits that failed.
  private func troubleIsOver() -> String? {
    state.withLock { state in
      defer { state.trouble = nil }
      return state.trouble.map { _ in
        "The workspace is kept on disk again, with all of this session."
      }
    }
  }

  private static func lines(_ lines: [String?]) -> String? {
    let lines = lines.compactMap { $0 }
    return lines.isEmpty ? nil : lines.joined(separator: "\n")
  }

  private func refusals(of wanted: Set<String>, _ refused: [String: String]) -> String? {
    let news = state.withLock { state in
      let news = refused.filter { state.refused[$0.key] != $0.value }
      for name in wanted { state.refused[name] = refused[name] }
      return news
    }
    guard !news.isEmpty else { return nil }
    return news.sorted { $0.key < $1.key }.map {
      "\($0.key) is not kept for later: \($0.value)."
    }.joined(separator: "\n")
  }
}
