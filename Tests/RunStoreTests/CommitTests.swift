import Foundation
import GRDB
import Testing

@testable import RunStore

/// A workspace as it is after each commit, kept the plainest way: a copy of everything each time.
private struct Replay {
  struct Moment {
    var names: [String: KeptName] = [:]
    /// The commit in which a name came up first.
    var first: [String: Int] = [:]
    var states: [Int: KeptState] = [:]
  }

  /// The moments by commit; 0 is before the first.
  var moments: [Int: Moment] = [0: Moment()]
  var commits: [Int] = []
  var changes: [Int: (names: [KeptName], states: [KeptState])] = [:]
  var checkpoints: [Int: KeptCheckpoint] = [:]

  func moment(_ commit: Int) -> Moment { moments[commit] ?? Moment() }
  var now: Moment { moment(commits.last ?? 0) }

  mutating func commit(_ id: Int, _ names: [KeptName], _ states: [KeptState]) {
    var moment = now
    for name in names {
      moment.names[name.name] = name
      if moment.first[name.name] == nil { moment.first[name.name] = id }
    }
    for state in states {
      moment.states[state.object] = state
      // The state of a model, too, is newer than what its run had reached.
      checkpoints = checkpoints.filter { $0.key != state.object && $0.value.model != state.object }
    }
    moments[id] = moment
    commits.append(id)
    changes[id] = (names, states)
  }
}

@Suite("What cells changed")
struct CommitTests {
  /// Makes commits of a few names and objects, in the store and plainly.
  private func played(
    _ store: RunStore, seed: UInt64, commits: Int
  ) throws -> (replay: Replay, objects: [Int]) {
    var dice = SplitMix(seed)
    var replay = Replay()
    let names = ["a", "b", "c", "d", "e", "naïve"]
    let objects = try (0..<4).map { index in
      try store.keep(kind: "run", recipe: "{}", blob: index == 3 ? "picture" : nil)
    }
    try store.beginSession()
    for turn in 0..<commits {
      if dice.below(3) == 0 {
        let object = objects[dice.below(3)]
        let checkpoint = KeptCheckpoint(
          run: object, model: objects[3], name: "a", step: turn, content: "{}",
          blob: "checkpoint \(dice.below(9))")
        let before = replay.checkpoints[object]?.blob
        #expect(try store.keep(checkpoint) == (before == checkpoint.blob ? nil : before))
        replay.checkpoints[object] = checkpoint
      }
      let changed = names.filter { _ in dice.below(3) == 0 }
      let rows = changed.enumerated().map { place, name in
        KeptName(
          name: name, place: dice.below(2) * 10 + place, isConstant: dice.below(2) == 0,
          value: dice.below(4) == 0 ? nil : "\(turn)", type: "Int", summary: "\(turn)")
      }
      let states = objects.filter { _ in dice.below(3) == 0 }.map {
        KeptState(
          object: $0, content: "{\"turn\":\(turn)}",
          blob: dice.below(4) == 0 ? nil : "blob \(dice.below(12))")
      }
      if dice.below(7) == 0 { try store.beginSession() }
      let id = try store.commit(line: turn, names: rows, states: states)
      #expect(id > replay.commits.last ?? 0)
      replay.commit(id, rows, states)
    }
    return (replay, objects)
  }

  @Test("names and states are what they were after any commit", arguments: 1...12)
  func replays(seed: UInt64) throws {
    let store = try RunStore.inMemory()
    let (replay, objects) = try played(store, seed: seed, commits: 40)
    for commit in replay.commits + [0] {
      let moment = replay.moment(commit)
      let found = try store.names(after: commit)
      let expected = moment.names.values.filter { $0.value != nil }
      #expect(found.count == expected.count && Set(found.map(\.name)).count == found.count)
      for row in found { #expect(moment.names[row.name] == row, "\(row.name) after \(commit)") }
      // In the order of their places, and of those in the order in which they came up.
      let order = found.map { ($0.place, moment.first[$0.name] ?? 0) }
      #expect(zip(order, order.dropFirst()).allSatisfy { $0 <= $1 })
      for name in ["a", "b", "c", "d", "e", "naïve", "none"] {
        #expect(try store.name(name, after: commit) == moment.names[name])
      }
      for object in objects {
        #expect(try store.state(of: object, after: commit) == moment.states[object])
      }
    }
    #expect(
      try Set(store.names().map(\.name))
        == Set(replay.now.names.values.filter { $0.value != nil }.map(\.name)))
    for row in try store.names() { #expect(replay.now.names[row.name] == row) }
    for (id, change) in replay.changes {
      #expect(
        try store.names(changedBy: id).sorted { $0.name < $1.name }
          == change.names.sorted { $0.name < $1.name })
      #expect(try store.states(changedBy: id) == change.states)
    }
    #expect(try Set(store.checkpoints().map(\.blob)) == Set(replay.checkpoints.values.map(\.blob)))
  }

  @Test("the blobs that are needed are those that going back so far can ask for", arguments: 1...8)
  func needed(seed: UInt64) throws {
    let store = try RunStore.inMemory()
    #expect(try store.neededBlobs(newest: 5).isEmpty)
    let (replay, _) = try played(store, seed: seed, commits: 30)
    for depth in [0, 1, 2, 7, 29, 30, 31, 1000] {
      // Every moment that going back leads to, that after the last commit among them.
      let moments = ([0] + replay.commits).suffix(depth + 1)
      var blobs = Set(["picture"])
      for moment in moments {
        blobs.formUnion(replay.moment(moment).states.values.compactMap(\.blob))
      }
      blobs.formUnion(replay.checkpoints.values.map(\.blob))
      #expect(try store.neededBlobs(newest: depth) == blobs, "\(depth) commits back")
    }
  }

  @Test("a session's commits are given newest first, with what they take back")
  func sessions() throws {
    let store = try RunStore.inMemory()
    let first = try store.beginSession()
    let one = try store.commit(line: 1, names: [], states: [])
    let two = try store.commit(line: 2, names: [], states: [], undoes: one)
    let second = try store.beginSession()
    let three = try store.commit(line: 1, names: [], states: [])
    #expect(try store.commits(of: first).map(\.id) == [two, one])
    #expect(try store.commits(of: first).map(\.undoes) == [one, nil])
    #expect(try store.commits(of: second).map(\.id) == [three])
  }

  @Test("a commit that fails leaves nothing of itself")
  func atomic() throws {
    let store = try RunStore.inMemory()
    let object = try store.keep(kind: "run", recipe: "{}")
    let name = KeptName(
      name: "a", place: 0, isConstant: true, value: "1", type: "Int", summary: "1")
    try store.keep(
      KeptCheckpoint(run: object, model: object, name: "a", step: 1, content: "{}", blob: "b"))
    let state = KeptState(object: object, content: "{}", blob: nil)
    let unknown = KeptState(object: 999, content: "{}", blob: nil)
    for (names, states) in [([name, name], [state]), ([name], [state, unknown])] {
      let error = storeError { () throws(RunStoreError) in
        try store.commit(line: 1, names: names, states: states)
      }
      #expect(error != nil)
      #expect(try store.names().isEmpty && store.state(of: object) == nil)
      #expect(try store.checkpoints().count == 1 && store.commits(of: 0).isEmpty)
    }
  }

  @Test("one damaged row costs one name")
  func damagedRow() throws {
    let store = try RunStore.inMemory()
    let names = ["a", "b", "c"].map {
      KeptName(name: $0, place: 0, isConstant: true, value: "1", type: "Int", summary: "1")
    }
    try store.commit(line: 1, names: names, states: [])
    try store.write("damage") {
      try $0.execute(
        sql:
          "UPDATE names SET value = x'ff00', place = 'x', constant = 'y', type = x'fe' WHERE name = 'b'"
      )
    }
    let found = try store.names()
    #expect(Set(found.map(\.name)) == ["a", "b", "c"])
    #expect(found.filter { $0.name != "b" }.allSatisfy { $0.value == "1" })
    #expect(found.first { $0.name == "b" }?.value != "1")
  }
}

/// Numbers that are drawn the same way every time (SplitMix64; Steele, Lea and Flood, 2014).
private struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }

  mutating func below(_ end: Int) -> Int { Int.random(in: 0..<end, using: &self) }
}
