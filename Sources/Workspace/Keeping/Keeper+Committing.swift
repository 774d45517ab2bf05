import CellLanguage
import JupyterProtocol
import RunStore
import Synchronization

/// Writing down what a cell changed.
extension Keeper {
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
        let adopted =
          try names.map { try building.names(self.adopted($0).subtracting(wanted), of: $0) } ?? []
        try building.addStates(only: objects)
        let undoing = state.withLock { state in
          names != nil && state.undoing?.line == line ? state.undoing : nil
        }
        for past in undoing?.states ?? [] where building.states[past.object] == nil {
          building.states[past.object] = past
        }
        let measured = building.states.values.filter { !$0.endsCheckpoints }
        let changed = building.states.values.filter { $0.endsCheckpoints }
        if !measured.isEmpty || !adopted.isEmpty {
          try store.commit(line: KeptCommit.noCell, names: adopted, states: measured)
          note(adopted: adopted)
        }
        if kept.isEmpty, changed.isEmpty, undoing == nil {
          try store.endCheckpoints(of: ended)
        } else {
          try store.commit(
            line: line, names: kept, states: changed, ended: ended, undoes: undoing?.commit)
        }
        state.withLock { state in
          if names != nil {
            (state.pending, state.undoing) = ([], nil)
            state.hasFailed = false
          }
          state.ended.subtract(ended)
          if !kept.isEmpty || !building.states.isEmpty { state.commits += 1 }
        }
        note(building.revisions)
        if !kept.isEmpty || !building.states.isEmpty, state.withLock({ $0.commits % 20 }) == 0 {
          tidy()
        }
        return isTold
          ? Self.lines([troubleIsOver(), refusals(of: wanted, building.refused)]) : nil
      } catch {
        return state.withLock { state in
          if names != nil { state.pending = wanted }
          if line != KeptCommit.noCell { state.hasFailed = true }
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

  /// Commits what earlier cells changed and could not keep, before the next one changes more: each is to be undone
  /// by itself.
  ///
  /// - Parameter line: the number of the cell that is about to run.
  /// - Returns: as `commit`.
  func catchUp(_ names: NameTable, before line: Int, isTold: Bool) -> String? {
    guard state.withLock({ $0.hasFailed }) else { return nil }
    return commit([], of: names, line: line - 1, isTold: isTold)
  }

  /// Notes which states are in the store.
  func note(_ revisions: [Int: Revision]) {
    state.withLock { state in
      for (id, revision) in revisions {
        if let place = state.places[id] { state.known[place]?.revision = revision }
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
