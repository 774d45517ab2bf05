public import CellLanguage
import Datasets
import Imaging
import Layers
public import Methods
import Tensors

/// The words that make models: the backbones, and one constructor for each method of the catalogue.
enum ModelWords {
  static let all: [Command] = [nin] + catalogue.map { constructor($0) }

  static let nin = Command(
    "NIN", "A network-in-network encoder of four blocks, described by its widths.",
    parameters: Parameter<[Int]>(
      "widths", "the channels of block 1, and of blocks 2 to 4"),
    returns: "Encoder", topic: "models",
    discussion: """
      Each unit is a convolution without bias, batch normalisation and ReLU. Block 1 looks through 5×5 \
      windows, the others through 3×3; each block mixes channels with 1×1 windows; blocks 1 and 2 end in a \
      pooling that halves the sides. `NIN.published` is the network of the paper with 192 channels.
      """,
    example: "NIN(widths: [32, 64])",
    constants: [
      .init("published", "the 4-block network of the released code, 192 channels") {
        .object(EncoderObject(.published))
      }
    ]
  ) { _, widths in .object(EncoderObject(try .small(widths))) }

  /// The constructor of a method, derived from its card and its options.
  static func constructor<M: Method>(_ method: M.Type) -> Command {
    let options = M.Configuration.options
    let bindings = options.map { OptionBinding($0) }
    let data = ParameterDeclaration(
      "data", label: .label("for"), type: DatasetObject.self,
      "the data set whose images it will see")
    let seed = ParameterDeclaration(
      "seed", type: Int.self, default: 1, in: 0..., "the seed of the first weights")
    return Command(
      M.card.word, "\(M.card.title) (\(M.card.year)): a new model.",
      declarations: [data] + bindings.map(\.declaration) + [seed], returns: "Model",
      topic: "models",
      discussion: "\(M.card.summary)\n\n$$\(M.card.objective)$$\n\n\(M.card.paper)",
      example: "let model = \(M.card.word)(for: fashion, seed: 1)"
    ) { _, values in
      guard let data = values[0] as? DatasetObject, let seed = values[values.count - 1] as? Int
      else { throw CellError(.typeError, "\(M.card.word) takes a data set and a seed") }
      var configuration = M.Configuration()
      var written: [(name: String, text: String)] = []
      for (binding, value) in zip(bindings, values.dropFirst()) {
        try binding.store(value, in: &configuration)
        written.append((binding.declaration.name, binding.text(value)))
      }
      let model = try M(
        configuration, for: ImageFormat(data.dataset), seed: UInt64(seed))
      return .object(ModelObject(model, seed: UInt64(seed), options: written))
    }
  }
}

extension ImageFormat {
  /// The format of a data set's images, with the statistics of its training split.
  init(_ dataset: Dataset) {
    let statistics = dataset.train.channelStatistics
    self.init(
      shape: dataset.shape, mean: statistics.mean, deviation: statistics.deviation,
      name: dataset.name, classNames: dataset.classNames)
  }
}

/// The parameter of a command that stands for one option of a method.
struct OptionBinding<Configuration: MethodConfiguration>: Sendable {
  let declaration: ParameterDeclaration
  private let option: Option<Configuration>
  private let unwrap: @Sendable (any Sendable) -> (any Sendable)?

  /// Chooses how the option's type is written in a cell.
  ///
  /// A type that no case knows is a mistake in the method's declaration, which the test of the catalogue
  /// finds; the option then takes no value.
  init(_ option: Option<Configuration>) {
    self.option = option
    let value = option.value(in: Configuration())
    func declare<Wrapped: CellConvertible & Sendable>(
      _ fallback: Wrapped?, _ type: Wrapped.Type = Wrapped.self
    ) -> ParameterDeclaration {
      ParameterDeclaration(
        option.name, type: type, default: fallback,
        in: option.range.map { $0 as any BoundsConvertible }, option.help)
    }
    /// A value that a cell writes as what it is.
    func plain<Written: CellConvertible & Sendable>(_ value: Written) -> ParameterDeclaration {
      declare(value)
    }
    switch value {
    case let value as Float:
      // By way of its text, so that 0.99 is not written 0.9900000095.
      declaration = declare(Double("\(value)") ?? Double(value))
      unwrap = { ($0 as? Double).map { Float($0) } }
    case let value as NINConfiguration:
      declaration = declare(EncoderObject(value))
      unwrap = { ($0 as? EncoderObject)?.configuration }
    case let value as any CellConvertible & Sendable:
      declaration = plain(value)
      unwrap = { $0 }
    default:
      declaration = declare(nil, FamilyObject?.self)
      unwrap = { ($0 as? FamilyObject?)??.family }
    }
  }

  /// The default as a cell writes it.
  var defaultText: String? { declaration.defaultText }

  /// Stores the argument in the configuration.
  func store(_ value: any Sendable, in configuration: inout Configuration) throws {
    guard let plain = unwrap(value) else {
      // No family chosen: the method's own default stands.
      if let family = value as? FamilyObject?, family == nil { return }
      throw CellError(.typeError, "`\(option.name)` takes \(declaration.expectation)")
    }
    guard option.set(plain, in: &configuration) else {
      throw CellError(
        .typeError, "`\(option.name)` takes \(declaration.expectation)")
    }
  }

  /// The argument as a cell writes it.
  func text(_ value: any Sendable) -> String {
    if let value = value as? FamilyObject? { return value?.cellText ?? "Projective()" }
    return (value as? any CellConvertible)?.cellText ?? "\(value)"
  }
}

extension AETMode: CellChoice {
  /// What errors call it.
  public static let typeDescription = "mode"
  /// One line about the case.
  public var help: String {
    switch self {
    case .centred: "the frame's true centre, whitening from the sampler, a linear decoder"
    case .published: "the released code's centre, targets, constants and grey fill"
    }
  }
}

extension BranchNormalisation: CellChoice {
  /// What errors call it.
  public static let typeDescription = "way to normalise the two views"
  /// One line about the case.
  public var help: String {
    switch self {
    case .automatic: "together; in published mode separately"
    case .perBranch: "each view has its own batch statistics"
    case .joint: "both views share their batch statistics"
    }
  }
}
