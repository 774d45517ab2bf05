import CellLanguage
import Datasets
import Formats
import JupyterProtocol
import Methods
import Training

/// How far a model or a run is, to tell whether there is something to keep.
struct Revision: Equatable, Sendable {
  /// Changes whenever its tensors do.
  let tensors: String
  /// Grows with every measurement.
  var measurements = 0
}

extension DatasetObject {
  /// The call that gives it.
  var recipe: String {
    let train = dataset.train.recipe
    return train.hasSuffix(".train") ? String(train.dropLast(".train".count)) : train
  }
}

extension ModelObject {
  /// How a model of the same shapes and first weights is made again, without the data set that it was made for.
  var recipe: JSONObject {
    let format = learner.format
    return [
      "method": .string(card.word), "seed": .string("\(seed)"),
      "options": .array(options.map { .array([.string($0.name), .string($0.text)]) }),
      "shape": .array(format.shape.map { .integer($0) }),
      "mean": .array(format.mean.map { .number(Double($0)) }),
      "deviation": .array(format.deviation.map { .number(Double($0)) }),
      "data": .string(format.name),
      "classes": .array(format.classNames.map { .string($0) }),
    ]
  }

  /// The model that a recipe describes, with its first weights.
  ///
  /// - Parameter value: computes an expression, for the options.
  /// - Throws: `NotKept` for a recipe of another making, and what the method's constructor throws.
  static func made(
    from recipe: JSONValue, value: (String) throws -> Value
  ) throws -> ModelObject {
    guard let word = recipe["method"]?.text,
      let method = catalogue.first(where: { $0.card.word == word }),
      let seed = recipe["seed"]?.text.flatMap({ UInt64($0) })
    else { throw NotKept(reason: "the model's method is not known to this version") }
    func numbers(_ key: String) -> [Float] {
      (recipe[key]?.elements ?? []).compactMap { element in
        switch element {
        case .number(let number): Float(number)
        case .integer(let integer): Float(integer)
        default: nil
        }
      }
    }
    let format = ImageFormat(
      shape: (recipe["shape"]?.elements ?? []).compactMap(\.whole), mean: numbers("mean"),
      deviation: numbers("deviation"), name: recipe["data"]?.text ?? "",
      classNames: (recipe["classes"]?.elements ?? []).compactMap(\.text))
    let options = (recipe["options"]?.elements ?? []).compactMap {
      pair -> (name: String, text: String)? in
      guard let parts = pair.elements, parts.count == 2, let name = parts[0].text,
        let text = parts[1].text
      else { return nil }
      return (name, text)
    }
    let learner = try made(method, options: options, for: format, seed: seed, value: value)
    return ModelObject(learner, seed: seed, options: options)
  }

  private static func made<M: Method>(
    _ method: M.Type, options: [(name: String, text: String)], for format: ImageFormat,
    seed: UInt64, value: (String) throws -> Value
  ) throws -> any Method {
    var configuration = M.Configuration()
    for option in M.Configuration.options {
      guard let text = options.first(where: { $0.name == option.name })?.text else { continue }
      let binding = OptionBinding(option)
      // The default stands as it is, whatever its text.
      if text == binding.defaultText { continue }
      try binding.store(try binding.declaration.converted(try value(text)), in: &configuration)
    }
    return try M(configuration, for: format, seed: seed)
  }
}

extension RunObject {
  /// The model that it trains; where nobody holds that any more, another one around the same weights.
  func owner() -> ModelObject {
    if let model = model() { return model }
    let substitute = ModelObject(method, seed: modelSeed, options: options)
    substitute.add(self)
    return substitute
  }

  /// How the run is made again, before its first step.
  func keptRecipe(model: Int) -> JSONObject {
    var json: JSONObject = [
      "model": .integer(model), "record": record.map { .integer($0) } ?? .null,
      "images": .string(images.images.recipe), "checksum": .string(images.images.checksum),
      "recipe": recipe.json,
    ]
    if let labelled {
      json["labelled"] = .string(labelled.images.recipe)
      json["labelledChecksum"] = .string(labelled.images.checksum)
    }
    return json
  }

  /// What is known of it beside its tensors.
  var keptContent: JSONObject {
    var content: JSONObject = [
      "status": .string(run.status.word), "step": .integer(run.step), "summary": .string(summary),
    ]
    if case .failed(let reason) = run.status { content["failure"] = .string(reason) }
    return content
  }

  /// What there is to keep: the steps, and how they ended.
  var revision: Revision { Revision(tensors: "\(run.step) \(run.status.word)") }
}

extension RunListObject {
  /// Which runs it lists.
  var recipe: JSONObject {
    [
      // Not "runs", where a model's state has the numbers of objects.
      "recorded": .array(runs.map { .integer($0.id) }), "left": .integer(left),
      "emptyNote": .string(emptyNote),
    ]
  }

  /// The list of a recipe, whose runs are as the database tells of them now.
  ///
  /// - Throws: `NotKept` where one of them is not among the given.
  convenience init(recipe: JSONValue, among runs: [RecordedRun]) throws {
    let places = Dictionary(uniqueKeysWithValues: runs.map { ($0.id, $0) })
    let listed = try (recipe["recorded"]?.elements ?? []).compactMap(\.whole).map { id in
      guard let run = places[id] else {
        throw NotKept(reason: "the workspace's database has no run \(id)")
      }
      return run
    }
    self.init(
      listed, left: recipe["left"]?.whole ?? 0, emptyNote: recipe["emptyNote"]?.text ?? "")
  }
}
