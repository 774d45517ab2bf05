import Synchronization

@testable import CellLanguage

/// A context that keeps what is written, and can say that the cell was interrupted.
final class SampleContext: Context {
  private let written = Mutex<[OutputStream: String]>([:])
  private let polls = Atomic<Int>(0)
  private let interruptAfter: Int

  init(interruptAfter: Int = .max) { self.interruptAfter = interruptAfter }

  func write(_ text: String, to stream: OutputStream) {
    written.withLock { $0[stream, default: ""] += text }
  }

  var isInterrupted: Bool { polls.wrappingAdd(1, ordering: .relaxed).newValue > interruptAfter }

  var output: String { written.withLock { $0[.standardOutput] ?? "" } }
  var errors: String { written.withLock { $0[.standardError] ?? "" } }
}

/// A data set as the workspace would offer one.
final class SampleDataset: HostObject, HostConvertible {
  let count: Int

  init(count: Int) { self.count = count }

  static let typeDescription = "image set"

  var typeName: String { "Dataset" }
  var summary: String { "\(count) images of 28 × 28" }
  var members: [Member] {
    [Member("count", "The number of images."), Member("train", "The training images.")]
  }

  var methods: [Command] {
    [
      Command(
        "first", "The first images.",
        parameters: Parameter<Int>("count", label: .none, in: 1..., "how many"), returns: "Dataset",
        topic: "data"
      ) { _, wanted in
        guard wanted <= self.count else {
          throw CellError(.rangeError, "there are \(self.count) images, not \(wanted)")
        }
        return .object(SampleDataset(count: wanted))
      },
      Command(
        "sample", "Images drawn at random.",
        parameters: Parameter<Int>("count", label: .none, in: 1..., "how many"),
        Parameter<Int>("seed", default: 0, "the seed"), returns: "Dataset", topic: "data"
      ) { _, wanted, _ in .object(SampleDataset(count: wanted)) },
    ]
  }

  func member(_ name: String) throws -> Value {
    name == "count" ? .integer(count) : .object(SampleDataset(count: count - 1))
  }

  func subscripted(_ index: Value) throws -> Value {
    .object(SampleDataset(count: try Range<Int>.from(index).count))
  }
}

enum SampleFill: String, CellChoice {
  case constant, reflect, clamp

  static let typeDescription = "fill mode"

  var help: String {
    switch self {
    case .constant: "one colour"
    case .reflect: "the picture mirrored at its edge"
    case .clamp: "the edge drawn out"
    }
  }
}

/// An error of the host's own.
struct SampleFailure: Error, CustomStringConvertible {
  let description: String
}

/// Commands as the workspace would declare them.
enum SampleWords {
  static let data = Command(
    "FashionMNIST", "Pictures of clothes.", parameters: Parameter<String?>("at", "the folder"),
    returns: "Dataset",
    topic: "data", example: "let fashion = FashionMNIST()"
  ) { _, _ in .object(SampleDataset(count: 60_000)) }

  static let projective = Command(
    "Projective", "Random projective transformations.",
    parameters: Parameter<ClosedRange<Double>>("scale", default: 0.8...1.2, "the factor of size"),
    Parameter<Int>("jitter", default: 3, in: 0...8, "how far corners move, in pixels"),
    Parameter<SampleFill>("fill", default: .reflect, "what stands outside the picture"),
    returns: "Transformation",
    topic: "transformations",
    discussion: "Maps $x \\mapsto Hx$.",
    example: "Projective(scale: 0.8...1.2, jitter: 3, fill: .reflect)"
  ) { _, scale, jitter, fill in
    .string("Projective(\(scale.cellText), \(jitter), \(fill.cellText))")
  }

  static let train = Command(
    "train", "Trains a model.",
    parameters: Parameter<SampleDataset>("model", label: .none, "the model"),
    Parameter<SampleDataset>("data", label: .label("on"), "the images"),
    Parameter<Int>("epochs", default: 1, in: 1..., "passes over the images"),
    Parameter<Int>("batch", default: 128, in: 1...4_096, "images a step"),
    Parameter<Double>("rate", default: 0.001, in: Bounds.above(0), "the learning rate"),
    returns: "Run",
    topic: "training", example: "let run = train(aet, on: small, epochs: 3)"
  ) { _, model, data, epochs, batch, rate in
    .string(
      "trained \(model.count) on \(data.count), \(epochs) epochs, batch \(batch), rate \(rate)")
  }

  static let network = Command(
    "NIN", "Network in network.",
    parameters: Parameter<[Int]>("widths", default: [32, 64], in: 1..., "channels of each block"),
    returns: "Encoder",
    topic: "models",
    constants: [Command.Constant("published", "the published network") { .string("published NIN") }]
  ) { _, widths in .string("NIN \(widths)") }

  static let failing = Command(
    "fail", "Throws the host's own error.",
    parameters: Parameter<String>("reason", label: .none, "the reason"),
    returns: "nothing", topic: "tests"
  ) { _, reason in throw SampleFailure(description: reason) }

  static let all = [data, projective, train, network, failing]
}

/// Runs cells with the sample vocabulary.
final class Bench {
  let evaluator: Evaluator
  let context = SampleContext()

  init(limits: Limits = Limits()) {
    evaluator = Evaluator(vocabulary: Vocabulary(SampleWords.all), limits: limits)
  }

  @discardableResult
  func run(_ text: String) throws(CellError) -> Value {
    try evaluator.run(text, context: context).value
  }

  /// The result as text.
  func text(_ text: String) throws(CellError) -> String { try run(text).description }

  /// The error of a cell that must fail.
  func failure(_ text: String) -> CellError? {
    do {
      try run(text)
      return nil
    } catch {
      return error
    }
  }
}
