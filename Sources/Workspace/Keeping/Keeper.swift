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
    /// Whether something that cells changed could not be committed, told or not.
    var hasFailed = false
    /// How many cells can be undone.
    var depth = Keeper.undoable
    /// The commit that the cell under way takes back, and states of objects that do not live.
    var undoing: (commit: Int, line: Int, states: [KeptState])?
    /// The commits up to this one cannot be undone: what they replaced is forgotten.
    var floor = 0
    /// The runs that ended in this process and whose checkpoints are over with the next commit.
    var ended: Set<Int> = []
    /// The names that were restored from the folder that another kernel writes into, as they were there.
    var inherited: [String: KeptName] = [:]
    /// Those of them that this session has kept as its own without a cell having changed them, as they are here.
    var adopted: [String: KeptName] = [:]
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
      // Within the folder: beside it another notebook may have one by the same name.
      let own = "\(folder)/kernel-\(number)"
      // One that is damaged, or of a newer version, is left as it is.
      guard let store = try? RunStore(path: "\(own)/workspace.sqlite"),
        let lock = try? FolderLock(folder: own)
      else { continue }
      _ = try? store.beginSession()
      return (
        Keeper(store: store, folder: own, lock: lock, other: busy),
        "Another kernel is writing into the workspace \(folder): its names can be restored here, "
          + "and what is new here is kept in \(own)."
      )
    }
    return (
      busy,
      "Another kernel is writing into the workspace \(folder): its names can be restored here, and what is new "
        + "here is not kept, since no folder for that can be made in it. Make room there, or start the kernel with "
        + "--workspace and a folder of its own."
    )
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

  /// The living object of a number.
  func living(_ id: Int) -> (any HostObject)? {
    state.withLock { state in
      if let loaded = state.loaded[id] { return loaded }
      // The place may be another's by now.
      guard let known = state.places[id].flatMap({ state.known[$0] }), known.id == id else {
        return nil
      }
      return known.object
    }
  }

  /// Notes that an object has a number, and which of its states is in the store.
  func know(_ object: any HostObject, as id: Int, revision: Revision? = nil) {
    let place = ObjectIdentifier(object)
    state.withLock { state in
      if let gone = state.known[place], gone.id != id, state.places[gone.id] == place {
        state.places[gone.id] = nil
      }
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

  /// The state of an object that is in the store, as far as that is known.
  func revision(of object: any HostObject) -> Revision? {
    state.withLock { state in
      state.known[ObjectIdentifier(object)].flatMap { $0.object === object ? $0.revision : nil }
    }
  }

  /// Forgets those that are gone, whose places in memory others may take.
  func forgetGone() {
    other?.forgetGone()
    state.withLock { state in
      for (place, known) in state.known where known.object == nil {
        state.known[place] = nil
        if state.places[known.id] == place { state.places[known.id] = nil }
      }
    }
  }

  /// Lets go of what was loaded, once no name is left that waits to be: names and runs hold what they need.
  func letGo(_ names: NameTable?) {
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
}
