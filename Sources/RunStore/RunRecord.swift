/// How a training run stands.
public enum RunStatus: String, Sendable, CaseIterable {
  /// It goes on.
  case running
  /// It came to its end.
  case finished
  /// It was interrupted, at a whole step.
  case interrupted
  /// It ended with an error, such as a loss that is not a number.
  case failed
  /// Its process died while it went on.
  case broken
}

/// A training run: what was trained, how, on what, and what came out.
public struct RunRecord: Sendable, Equatable {
  /// Its number in the store; 0 before `begin` gives it one.
  public var id: Int
  /// The session and the line of the cell that started it.
  public var session: Int?, cell: Int?
  /// The name of the model in the workspace.
  public var name: String
  /// The method's name, such as `AET`.
  public var method: String
  /// The method's options as a JSON object.
  public var options: String
  /// The recipe of the images, such as `FashionMNIST().train.first(10_000)`.
  public var data: String
  /// The SHA-256 of the files that the images come from.
  public var checksum: String
  /// The seed.
  public var seed: UInt64
  /// How it stands.
  public var status: RunStatus
  /// When it began and ended, in seconds since 1970.
  public var started: Double, finished: Double?
  /// The number of epochs asked for.
  public var epochs: Int
  /// The loss of the last epoch; `nil` while there is none, or when it was not a number.
  public var finalLoss: Double?
  /// The images that went through a training step in a second.
  public var imagesPerSecond: Double?
  /// The text of the cell that started it.
  public var code: String?
  /// The program that trained it: its version and, where it is known, the commit that it was built from.
  public var build: String?
  /// The machine: its name, its processor and the number of its cores.
  public var host: String?
  /// The images of a step.
  public var batch: Int?
  /// The steps taken, and those of all epochs.
  public var steps: Int, planned: Int?
  /// The seconds of training, its pauses left out.
  public var seconds: Double?

  /// A run that begins; without `started` it begins now.
  public init(
    name: String, method: String, options: String = "{}", data: String, checksum: String,
    seed: UInt64, epochs: Int, session: Int? = nil, cell: Int? = nil, started: Double? = nil
  ) {
    id = 0
    steps = 0
    self.name = name
    self.method = method
    self.options = options
    self.data = data
    self.checksum = checksum
    self.seed = seed
    self.epochs = epochs
    self.session = session
    self.cell = cell
    self.started = started ?? secondsSince1970()
    status = .running
  }
}

/// A value measured at a step of a run.
public struct Metric: Sendable, Equatable {
  /// The number of the step in the whole run, and of its epoch.
  public var step: Int, epoch: Int
  /// What was measured, such as `loss`.
  public var name: String
  /// The value; one that is not a number stays so.
  public var value: Double

  /// A value of `name` at a step.
  public init(step: Int, epoch: Int, name: String, value: Double) {
    self.step = step
    self.epoch = epoch
    self.name = name
    self.value = value
  }
}

/// Which runs to list; what is `nil` does not restrict.
public struct RunFilter: Sendable, Equatable {
  /// The method's name.
  public var method: String?
  /// The name of the model.
  public var name: String?
  /// How it stands.
  public var status: RunStatus?
  /// The session that started it.
  public var session: Int?

  /// All runs that agree with what is given.
  public init(
    method: String? = nil, name: String? = nil, status: RunStatus? = nil, session: Int? = nil
  ) {
    self.method = method
    self.name = name
    self.status = status
    self.session = session
  }
}

/// In which order to list runs.
public enum RunOrder: String, Sendable, CaseIterable {
  /// The run that began last first.
  case newest
  /// The run that began first first.
  case oldest
  /// The lowest final loss first; runs without one last.
  case lowestLoss
  /// The fastest first; runs without a rate last.
  case fastest
}
