/// Something that names of the workspace lead to: a data set, a model, a run.
///
/// What never changes of it stands here; what does, in its `KeptState`s.
public struct KeptObject: Sendable, Equatable {
  /// Its number in the store.
  public var id: Int
  /// What it is: `model`, `run`, `images`.
  public var kind: String
  /// How it is made again, as a JSON object that the kind gives meaning to.
  public var recipe: String
  /// The SHA-256 of the blob that holds the rest; `nil` when there is none.
  public var blob: String?

  /// Describes an object.
  public init(id: Int = 0, kind: String, recipe: String, blob: String? = nil) {
    self.id = id
    self.kind = kind
    self.recipe = recipe
    self.blob = blob
  }
}

/// A name of the workspace as a cell left it.
public struct KeptName: Sendable, Equatable {
  /// The type of a name that stands for what another kernel's folder keeps, and that has no value here.
  public static let elsewhere = "elsewhere"

  /// The name.
  public var name: String
  /// Its place in the order of declaration.
  public var place: Int
  /// Whether it was declared with `let`.
  public var isConstant: Bool
  /// The value as JSON, in which objects are numbers; `nil` where the name was forgotten, cannot be kept or is kept
  /// elsewhere.
  public var value: String?
  /// The name of the value's type, and what it is in one line.
  public var type: String, summary: String

  /// Describes a name.
  public init(
    name: String, place: Int, isConstant: Bool, value: String?, type: String, summary: String
  ) {
    self.name = name
    self.place = place
    self.isConstant = isConstant
    self.value = value
    self.type = type
    self.summary = summary
  }
}

/// What changes of an object, as a cell left it.
public struct KeptState: Sendable, Equatable {
  /// The object's number.
  public var object: Int
  /// What is known of it, as a JSON object that the kind gives meaning to.
  public var content: String
  /// The SHA-256 of the blob that holds the rest; `nil` when there is none.
  public var blob: String?
  /// The commit that it is of, once it is kept; of two states the newer one has the larger number.
  public var commit = 0
  /// Whether checkpoints of the object are over with it: not where the tensors are those of before.
  public var endsCheckpoints = true

  /// Describes a state.
  public init(object: Int, content: String, blob: String?) {
    self.object = object
    self.content = content
    self.blob = blob
  }

  /// Whether both say the same, in whichever commits they stand.
  public static func == (a: KeptState, b: KeptState) -> Bool {
    (a.object, a.content) == (b.object, b.content) && a.blob == b.blob
  }
}

/// What a cell changed, or what `undo` took back.
public struct KeptCommit: Sendable, Equatable {
  /// The line of commits that are of no cell, so that no `undo` finds them: a training that broke off was taken
  /// over, a model was measured, a model of another folder is about to be changed.
  public static let noCell = -1

  /// Its number in the store, which grows.
  public var id: Int
  /// The session and the line of the cell.
  public var session: Int, line: Int
  /// When, in seconds since 1970.
  public var made: Double
  /// The commit that it took back, of an `undo`.
  public var undoes: Int?
}

/// How far a run is that has not ended.
public struct KeptCheckpoint: Sendable, Equatable {
  /// The numbers of the run and of the model that it trains, as objects.
  public var run: Int, model: Int
  /// The name of the model when the run began.
  public var name: String
  /// Steps taken.
  public var step: Int
  /// What is known of the run, as JSON.
  public var content: String
  /// The SHA-256 of the blob with everything that the next step depends on.
  public var blob: String
  /// When, in seconds since 1970.
  public var made: Double

  /// Describes a checkpoint that is made now.
  public init(run: Int, model: Int, name: String, step: Int, content: String, blob: String) {
    self.run = run
    self.model = model
    self.name = name
    self.step = step
    self.content = content
    self.blob = blob
    made = secondsSince1970()
  }
}
