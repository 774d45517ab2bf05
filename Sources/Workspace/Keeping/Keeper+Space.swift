import JupyterProtocol
import RunStore
import Synchronization

/// Giving room back that nothing needs any more.
extension Keeper {
  /// How many cells can be undone at most.
  static let undoable = 20
  /// The bytes that blobs may take together as long as some of them are needed to undo cells only.
  static let room = 4_000_000_000

  /// How many cells can be undone: fewer where their blobs take too much room.
  var depth: Int { state.withLock { $0.depth } }

  /// The commits behind which no undo goes: each one that is taken back is followed by one that does so.
  static func commits(_ depth: Int) -> Int { depth == 0 ? 0 : 2 * depth + 1 }

  /// Removes a blob that a newer checkpoint has replaced, unless something else needs it.
  func removeUnneeded(_ hash: String) {
    guard writes, let needed = try? store.neededBlobs(newest: Self.commits(depth)),
      !needed.contains(hash)
    else { return }
    blobs.remove(hash)
  }

  /// Forgets what nobody can bring back, and gives its room back; what fails is tried again later.
  func tidy() {
    guard writes else { return }
    try? prune()
    collect()
  }

  /// Removes the blobs that no commit, checkpoint or newest state needs.
  ///
  /// - Parameter room: the bytes above which fewer cells can be undone.
  /// - Returns: how many were removed.
  @discardableResult
  func collect(room: Int = Keeper.room) -> Int {
    guard writes else { return 0 }
    WorkspaceKey.removeRemains(in: folder)
    let sizes = sizes
    // What was given up once is not there any more.
    for undoable in [Self.undoable, 10, 5, 2, 1, 0] where undoable <= depth {
      guard let needed = try? store.neededBlobs(newest: Self.commits(undoable)) else { return 0 }
      let bytes = needed.reduce(0) { $0 + (sizes[$1] ?? 0) }
      guard bytes <= room || undoable == 0 else { continue }
      state.withLock { $0.depth = undoable }
      return sweeping.withLock { _ in
        // Asked again: a checkpoint may have come meanwhile.
        let needed = (try? store.neededBlobs(newest: Self.commits(undoable))) ?? Set(sizes.keys)
        return blobs.collect(except: needed)
      }
    }
    return 0
  }

  /// Forgets what can neither be brought back nor be reached by an undo: rows that newer ones have replaced, and
  /// objects that no name, run or model leads to.
  ///
  /// Objects that live are left: a cell may name them again.
  func prune() throws {
    let left = try store.forgetReplaced(newest: Self.commits(depth))
    state.withLock { $0.floor = max($0.floor, left.first) }
    var reached: Set<Int> = []
    var waiting = Array(left.checkpointed)
    func follow(_ text: String) {
      // A recipe or a value that cannot be read leads nowhere that could be loaded.
      guard let json = try? JSONValue(json: text) else { return }
      waiting += Self.objects(in: json)
    }
    for value in left.values { follow(value) }
    waiting += state.withLock { state in
      state.known.values.compactMap { $0.object == nil ? nil : $0.id } + state.loaded.keys
    }
    while let id = waiting.popLast() {
      guard reached.insert(id).inserted else { continue }
      for text in (left.contents[id] ?? []) + (left.recipes[id].map { [$0] } ?? []) { follow(text) }
    }
    try store.forget(objects: Set(left.recipes.keys).subtracting(reached))
  }
}
