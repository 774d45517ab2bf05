/// What a run tells those who watch it.
public enum RunEvent: Sendable {
  /// The run begins, or goes on after an interruption.
  case started(RunPlan)
  /// A step was taken; the numbers are in the progress.
  case stepped(RunProgress)
  /// An epoch ended.
  case epochEnded(RunProgress)
  /// The run ended; nothing follows.
  case finished(RunStatus, RunProgress)
}

/// How a run stands or ended.
public enum RunStatus: Sendable, Equatable {
  /// Steps are being taken.
  case running
  /// All epochs are done.
  case completed
  /// Somebody stopped it at a step boundary; it can be resumed.
  case interrupted
  /// It stopped at a number that is not finite, or at another error, told in the text.
  case failed(String)

  /// One word for tables.
  public var word: String {
    switch self {
    case .running: "running"
    case .completed: "completed"
    case .interrupted: "interrupted"
    case .failed: "failed"
    }
  }
}

/// What a run is going to do.
public struct RunPlan: Sendable, Equatable {
  /// The number of images of an epoch.
  public let images: Int
  /// Images a step.
  public let batch: Int
  /// Epochs in all.
  public let epochs: Int

  /// Plans a run.
  public init(images: Int, batch: Int, epochs: Int) {
    self.images = images
    self.batch = batch
    self.epochs = epochs
  }

  /// Steps an epoch.
  public var stepsPerEpoch: Int { max(1, images / batch) }
  /// Steps in all.
  public var steps: Int { stepsPerEpoch * epochs }
}

/// Where a run stands after a step.
public struct RunProgress: Sendable {
  /// The plan.
  public let plan: RunPlan
  /// Steps taken, from 0.
  public let step: Int
  /// The terms of the last step's loss, the total first.
  public let terms: [LossTerm]
  /// Images that were trained on each second, measured over the whole run without its pauses.
  public let imagesPerSecond: Double
  /// Seconds of training so far.
  public let seconds: Double
  /// Says where a run stands.
  public init(
    plan: RunPlan, step: Int, terms: [LossTerm] = [], imagesPerSecond: Double = 0,
    seconds: Double = 0
  ) {
    self.plan = plan
    self.step = step
    self.terms = terms
    self.imagesPerSecond = imagesPerSecond
    self.seconds = seconds
  }

  /// The epoch, from 0, that the last step belonged to.
  public var epoch: Int { max(0, step - 1) / plan.stepsPerEpoch }
  /// Seconds that are left at the rate so far.
  public var secondsLeft: Double {
    imagesPerSecond > 0 ? Double((plan.steps - step) * plan.batch) / imagesPerSecond : .infinity
  }
}

/// A named part of a loss.
public struct LossTerm: Sendable, Equatable {
  /// The name: `loss`, `commitment`.
  public let name: String
  /// The value of one step.
  public let value: Float

  /// Names a value.
  public init(_ name: String, _ value: Float) {
    self.name = name
    self.value = value
  }
}

/// Somebody who watches a run: a panel, a store, a rule for stopping early.
public protocol Observer: Sendable {
  /// Hears of an event on the training thread; what it returns decides how the run goes on.
  func observe(_ event: RunEvent) -> RunDirective
}

/// What an observer wants of the run.
public enum RunDirective: Sendable {
  /// Go on.
  case proceed
  /// Stop at this step boundary.
  case stop
}
