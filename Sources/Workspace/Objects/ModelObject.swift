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

  /// Steps taken in all runs.
  var steps: Int { runs.reduce(0) { $0 + $1.run.step } }

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
      + (steps == 0 ? "untrained" : "\(Written.count(steps)) steps of training")
  }

  func bundle() throws -> MIMEBundle { try ModelCard(self).bundle() }
}
