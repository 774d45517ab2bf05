import CellLanguage
import JupyterProtocol
import Layers
import Methods
import Synchronization
import Training

/// A model in a cell: its card, its options and what it was trained on.
final class ModelObject: HostConvertible, Displayable {
  static let typeDescription = "model"
  let typeName = "Model"
  let method: any Method
  let seed: UInt64
  /// The options with which it was made, as they are written in a cell.
  let options: [(name: String, text: String)]
  private let history = Mutex<[RunObject]>([])

  init(_ method: any Method, seed: UInt64, options: [(name: String, text: String)]) {
    self.method = method
    self.seed = seed
    self.options = options
  }

  /// The runs that trained it, oldest first.
  var runs: [RunObject] { history.withLock { $0 } }

  func add(_ run: RunObject) { history.withLock { $0.append(run) } }

  var card: MethodCard { type(of: method).card }

  /// Where loaded parameters come from: the file, the steps it tells of, the runs before it was loaded.
  private struct Origin: Sendable {
    let file: String
    let steps: Int?
    let runs: Int
  }
  private let origin = Mutex<Origin?>(nil)

  /// The runs that trained the parameters as they are: those since the last `load`, oldest first.
  var currentRuns: [RunObject] { Array(runs.dropFirst(origin.withLock { $0?.runs ?? 0 })) }

  /// Steps behind the parameters as they are, those that a loaded file tells of among them.
  var steps: Int {
    (origin.withLock { $0?.steps } ?? 0) + currentRuns.reduce(0) { $0 + $1.run.step }
  }

  /// Notes that the parameters were replaced; `steps` is what the file says of them.
  func loaded(from file: String, steps: Int?) {
    let count = runs.count
    origin.withLock { $0 = Origin(file: file, steps: steps, runs: count) }
  }

  /// How far it was trained: `untrained`, `after 234 steps, from "aet.safetensors"`.
  var training: String {
    let file = origin.withLock { $0?.file }
    let words =
      steps > 0
      ? "after \(Written.count(steps)) steps" : file == nil ? "untrained" : "steps unknown"
    return file.map { "\(words), from \"\($0)\"" } ?? words
  }

  var members: [Member] {
    [
      Member("parameters", "the number of trainable values"),
      Member("multiplyAdds", "the multiply-adds of one image through all layers"),
      Member("steps", "the training steps taken so far"),
      Member("seed", "the seed of its first weights"),
      Member("constantPredictorLoss", "the loss of a predictor that always says the mean"),
      Member("options", "the options that it was made with"),
      Member("runs", "the runs that trained it, oldest first"),
    ]
  }

  func member(_ name: String) throws -> Value {
    switch name {
    case "parameters": return .integer(method.trainableCount)
    case "multiplyAdds":
      return .integer(try method.layers().reduce(0) { $0 + $1.multiplyAdds })
    case "steps": return .integer(steps)
    case "seed": return .integer(Int(clamping: seed))
    case "runs": return .array(runs.map { .object($0) })
    case "constantPredictorLoss": return method.constantPredictorLoss.map { .number($0) } ?? .none
    default:
      var dictionary = ValueDictionary()
      for option in options { dictionary[option.name] = .string(option.text) }
      return .dictionary(dictionary)
    }
  }

  var summary: String {
    "\(card.word) (\(card.title), \(card.year)) for \(method.format.name), "
      + "\(Written.count(method.trainableCount)) parameters, "
      + training
  }

  func bundle() throws -> MIMEBundle { try ModelCard(self).bundle() }
}
