import CellLanguage

/// How a cell names a recorded run: by the run of this session, by the recorded one, or by its number.
enum RunReference: CellConvertible {
  case run(RunObject)
  case recorded(RecordedRun)
  case number(Int)

  static let typeDescription = "run, or number of a run"

  static func from(_ value: Value) throws(ConversionError) -> RunReference {
    switch value {
    case .integer(let number): return .number(number)
    case .object(let object):
      if let run = object as? RunObject { return .run(run) }
      if let run = object as? RecordedRun { return .recorded(run) }
      throw mismatch(value)
    default: throw mismatch(value)
    }
  }

  var cellText: String { "" }

  /// What the database tells of it now.
  func found(among runs: [Int: RecordedRun]) throws(CellError) -> RecordedRun {
    let number: Int
    switch self {
    case .number(let given): number = given
    case .recorded(let run): number = run.id
    case .run(let run):
      guard let record = run.record else {
        throw CellError(
          .argumentError, "this run could not be recorded when it began",
          fix: "free the disk or choose another workspace, and train again")
      }
      number = record
    }
    if let run = runs[number] { return run }
    throw CellError(
      .argumentError, "there is no run \(number) in this workspace", fix: "runs() lists them")
  }
}

/// Recorded runs: what `runs()` gives, an array of runs, or one.
struct RunSelection: CellConvertible {
  static let typeDescription = "list of runs"
  let references: [RunReference]

  static func from(_ value: Value) throws(ConversionError) -> RunSelection {
    if case .object(let object) = value, let list = object as? RunListObject {
      return RunSelection(references: list.runs.map { .recorded($0) })
    }
    if case .array = value { return RunSelection(references: try [RunReference].from(value)) }
    do throws(ConversionError) {
      return RunSelection(references: [try RunReference.from(value)])
    } catch {
      throw mismatch(value, fix: "write runs(), or a run")
    }
  }

  var cellText: String { "" }

  /// What the database tells of them now.
  func runs(in journal: Journal) throws -> [RecordedRun] {
    let all = Dictionary(uniqueKeysWithValues: try journal.runs().map { ($0.id, $0) })
    return try references.map { try $0.found(among: all) }
  }
}
