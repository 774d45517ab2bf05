import Foundation
import RunStore
import Synchronization
import Testing
import Training

@testable import Workspace

/// When checkpoints are written: as training begins, as an epoch ends, and every thirty seconds, unless that costs
/// too much.
@Suite struct CheckpointObserverTests {
  /// Clocks on which every step takes the same time, and every checkpoint.
  private final class Clocks: Observer {
    let step: Double
    let checkpoint: Double
    private let now = Mutex((training: 0.0, writing: 0.0))

    init(step: Double, checkpoint: Double) {
      self.step = step
      self.checkpoint = checkpoint
    }

    func observe(_ event: RunEvent) -> RunDirective {
      if case .stepped = event { now.withLock { $0.training += step } }
      return .proceed
    }

    func seconds(_ clock: clockid_t) -> Double {
      now.withLock { now in
        if clock == CLOCK_MONOTONIC { return now.training }
        now.writing += checkpoint
        return now.writing
      }
    }
  }

  /// Notes the steps of the checkpoints that it finds in the store.
  private final class Watching: Observer {
    let checkpoints: CheckpointObserver
    let store: RunStore
    let found = Mutex<[Int]>([])

    init(_ checkpoints: CheckpointObserver, in store: RunStore) {
      self.checkpoints = checkpoints
      self.store = store
    }

    func observe(_ event: RunEvent) -> RunDirective {
      if case .finished = event { return .proceed }
      checkpoints.settle()
      if let step = try? store.checkpoints().last?.step {
        found.withLock { if $0.last != step { $0.append(step) } }
      }
      return .proceed
    }
  }

  /// The steps at which a training of three epochs of 32 steps writes checkpoints.
  private func steps(step: Double, checkpoint: Double) throws -> [Int] {
    try withFolder { folder in
      let notebook = Notebook.kept(in: folder, Notebook.made)
      notebook.succeed("let run = train(aet, on: shapes.train, batch: 32)")
      let model = try #require(notebook.model("aet"))
      let before = try #require(model.runs.last)
      var recipe = before.recipe
      recipe.batch = 2
      recipe.epochs = 3
      let keeper = try #require(notebook.interpreter.workspace.keeper)
      let (run, rule) = try recipe.run(of: model.learner, on: before.images.images, labelled: nil)
      let recorded = RunObject(
        run, of: model, on: before.images, labelled: nil, recipe: recipe,
        optimiser: rule.description, record: nil)
      let clocks = Clocks(step: step, checkpoint: checkpoint)
      let checkpoints = CheckpointObserver(
        recorded, of: model, keeper: keeper, name: "aet", line: 3, seconds: clocks.seconds)
      let watching = Watching(checkpoints, in: keeper.store)
      #expect(run.plan.stepsPerEpoch == 32 && run.plan.steps == 96)
      try run.advance(watchedBy: [clocks, checkpoints, watching])
      notebook.close()
      return watching.found.withLock { $0 }
    }
  }

  @Test("epochs that take less than thirty seconds have one checkpoint each, at their end")
  func epochs() throws {
    #expect(try steps(step: 0.5, checkpoint: 0.001) == [0, 32, 64])
  }

  @Test("in longer ones thirty seconds pass between two at most")
  func interval() throws {
    #expect(try steps(step: 1, checkpoint: 0.001) == [0, 30, 32, 62, 64, 94])
    // Counted anew from each epoch's end.
    let within = (0...2).flatMap { epoch in (0...10).map { 32 * epoch + 3 * $0 } }
    #expect(try steps(step: 10, checkpoint: 0.001) == within)
  }

  @Test(
    "what takes half a second of a processor comes every thirty seconds, whatever epochs there are")
  func costly() throws {
    #expect(try steps(step: 1, checkpoint: 0.5) == [0, 30, 60, 90])
  }

  @Test("what takes a second is not written before 50 have passed")
  func costlier() throws {
    #expect(try steps(step: 1, checkpoint: 1) == [0, 50])
  }
}
