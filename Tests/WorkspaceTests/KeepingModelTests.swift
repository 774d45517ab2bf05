import CellLanguage
import Datasets
import JupyterProtocol
import Layers
import Methods
import Tensors
import Testing
import Training

@testable import Workspace

/// Models made again of their recipes: the same parameters, the same options, the same training.
@Suite(.serialized) struct KeepingModelTests {
  /// Options of each method, none of which is the default.
  static let cases: [(method: String, options: [String])] = [
    (
      "AET",
      [
        "transformation: Affine(), encoder: NIN(widths: [4, 8]), mode: .published, "
          + "normalisation: .perBranch, augmentation: .crop",
        "transformation: Projective(scale: 0.8...1.2, jitter: 3, fill: .reflect).with(Color()), "
          + "encoder: NIN(widths: [4, 4])",
      ]
    ),
    (
      "AVT",
      [
        "transformation: Similarity(), encoder: NIN(widths: [4, 4]), mode: .published, "
          + "normalisation: .perBranch, augmentation: .cropAndFlip",
        "encoder: NIN(widths: [4, 4]), divergence: 0.1, varianceWarmUp: 7",
      ]
    ),
    ("RotNet", ["encoder: NIN(widths: [4, 4]), rotations: 2, augmentation: .cropAndFlip"]),
    ("AED", ["encoder: NIN(widths: [4, 8]), bottleneck: 0.3"]),
    ("Supervised", ["encoder: NIN(widths: [4, 8]), augmentation: .crop"]),
    (
      "VQVAE",
      [
        "codes: 12, dimension: 4, hidden: 8, residual: 4, blocks: 1, commitment: 0.3, quantiser: .cosine, "
          + "codebook: .movingAverage(decay: 0.9), start: .random, restart: 0.25, gradient: .rotation",
        "hidden: 8, residual: 4, quantiser: .finiteScalar(levels: [4, 3])",
        "codes: 12, dimension: 4, hidden: 8, residual: 4, codebook: .gradient",
      ]
    ),
    (
      "EquiVAE",
      [
        "invariant: 4, equivariant: 3, complements: 2...5, variance: .scalar, likelihood: .gaussian(0.2), "
          + "classification: 3.5, balance: 0.25, inference: .distances, dropout: 0.3, trunk: .shared",
        "invariant: 4, equivariant: 3, variance: .vector, inference: .head, trunk: .separate",
      ]
    ),
    ("EquiVAEBenchmark", ["dropout: 0.2"]),
  ]

  private func model(_ notebook: Notebook, _ name: String = "model") throws -> ModelObject {
    guard case .object(let object)? = notebook.value(name) else {
      throw NotKept(reason: "there is no \(name)")
    }
    return try #require(object as? ModelObject)
  }

  private func made(_ recipe: JSONObject, in notebook: Notebook) throws -> ModelObject {
    try ModelObject.made(from: try JSONValue(parsing: recipe.serialized)) {
      try notebook.computed($0)
    }
  }

  private func weights(_ model: ModelObject) -> [String] {
    model.learner.parameters.map {
      "\($0.name) \($0.parameter.shape) \($0.parameter.isTrainable) \($0.parameter.decays) "
        + "\($0.parameter.value.scalars.map(\.bitPattern))"
    }
  }

  /// The losses of an epoch, and the weights that it leaves.
  private func trained(_ model: ModelObject, in notebook: Notebook) throws -> [String] {
    let recipe = RunRecipe(
      epochs: 1, batch: 16, learningRate: nil, schedule: .constant, warmUp: nil, optimiser: .adam,
      momentum: nil, weightDecay: nil, rates: [:], frozen: [], average: nil, precision: .float32,
      seed: 5)
    guard case .object(let object)? = notebook.value("shapes") else { return [] }
    let images = try #require(object as? DatasetObject).dataset.train
    let (run, _) = try recipe.run(of: model.learner, on: images, labelled: nil)
    try run.advance(watchedBy: [])
    return run.history.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.map(\.bitPattern))" }
      + weights(model)
  }

  @Test(arguments: cases.indices) func aModelIsMadeAgain(index: Int) throws {
    let (method, all) = Self.cases[index]
    for options in all {
      let notebook = Notebook()
      let ran = notebook.run(
        """
        let shapes = Shapes(count: 32, size: 16, seed: 1)
        let model = \(method)(for: shapes, \(options), seed: 9)
        """)
      #expect(ran.error == nil, "\(options): \(ran.error ?? "")")
      let original = try model(notebook)
      let again = try made(original.recipe, in: notebook)
      #expect(again.card.word == method && again.seed == 9)
      #expect(again.options.map(\.name) == original.options.map(\.name))
      #expect(again.options.map(\.text) == original.options.map(\.text))
      #expect(again.recipe.serialized == original.recipe.serialized)
      #expect(again.summary == original.summary)
      #expect(weights(again) == weights(original), "\(options)")
      let losses = try trained(original, in: notebook)
      #expect(losses.count > 1)
      #expect(try trained(again, in: notebook) == losses, "\(options)")
      // What is kept is how it began, wherever its training is.
      #expect(try weights(made(again.recipe, in: notebook)) != weights(again))
    }
  }

  /// Every option of every method is given another value in some case.
  @Test func everyOptionIsTried() throws {
    #expect(Self.cases.map(\.method) == catalogue.map { $0.card.word })
    let notebook = Notebook()
    notebook.run("let shapes = Shapes(count: 16, size: 16, seed: 1)\nvar model = 0")
    for method in catalogue {
      let word = method.card.word
      var given: [String: Set<String>] = [:]
      for options in Self.cases.first(where: { $0.method == word })?.options ?? [] {
        notebook.run("forget(\"model\")")
        let ran = notebook.run("var model = \(word)(for: shapes, \(options))")
        #expect(ran.error == nil, "\(options): \(ran.error ?? "")")
        for option in try model(notebook).options {
          given[option.name, default: []].insert(option.text)
        }
      }
      for (name, text) in Self.defaults(method) {
        #expect(
          given[name]?.contains { $0 != text } == true, "\(word)'s \(name) is always the default")
      }
    }
  }

  private static func defaults<M: Method>(_ method: M.Type) -> [(name: String, text: String?)] {
    M.Configuration.options.map { ($0.name, OptionBinding($0).defaultText) }
  }

  @Test func aModelOfAnotherMakingIsRefused() throws {
    let notebook = Notebook()
    notebook.run(
      "let shapes = Shapes(count: 16, size: 16)\nlet model = AED(for: shapes, encoder: NIN(widths: [4, 4]))"
    )
    let recipe = try model(notebook).recipe
    var other = recipe
    other["method"] = "Oracle"
    #expect(throws: NotKept.self) { try made(other, in: notebook) }
    other = recipe
    other["seed"] = 3
    #expect(throws: NotKept.self) { try made(other, in: notebook) }
    other = recipe
    other["options"] = .array([.array(["bottleneck", "7"])])
    #expect(throws: (any Error).self) { try made(other, in: notebook) }
  }
}
