import Datasets
import Evaluation
import JupyterProtocol

/// What a model was measured to, and the images that it was measured on: its card lists them.
struct MeasuredScore: Sendable {
  let score: Score
  /// The name, the recipe and the checksum of the images.
  let data: String, recipe: String, checksum: String

  init(_ score: Score, on test: ImageSet) {
    self.score = score
    (data, recipe, checksum) = (test.name, test.recipe, test.checksum)
  }

  /// Whether another measurement takes the place of this one.
  func isReplaced(by other: MeasuredScore) -> Bool {
    (score.name, score.protocolText) == (other.score.name, other.score.protocolText)
      && score.seed == other.score.seed
  }

  // MARK: As JSON

  /// As it is kept with the model.
  var json: JSONValue {
    [
      "name": .string(score.name), "right": .integer(score.right), "count": .integer(score.count),
      "protocol": .string(score.protocolText),
      "seed": score.seed.map { .string("\($0)") } ?? .null, "data": .string(data),
      "recipe": .string(recipe), "checksum": .string(checksum),
    ]
  }

  /// Reads what `json` gave; `nil` where something is missing.
  init?(_ json: JSONValue) {
    guard let name = json["name"]?.text, let right = json["right"]?.whole,
      let count = json["count"]?.whole, let text = json["protocol"]?.text,
      let data = json["data"]?.text, let recipe = json["recipe"]?.text,
      let checksum = json["checksum"]?.text
    else { return nil }
    score = Score(
      name: name, right: right, count: count, protocolText: text,
      seed: json["seed"]?.text.flatMap { UInt64($0) })
    (self.data, self.recipe, self.checksum) = (data, recipe, checksum)
  }
}
