import CellLanguage
import Tensors
import Training

/// The rules of a step that a cell can choose.
enum OptimiserChoice: String, CellChoice {
  case adam, adamW, sgd, lars
  static let typeDescription = "optimiser"
  var help: String {
    switch self {
    case .adam: "Adam (Kingma and Ba, 2015)"
    case .adamW: "Adam with decoupled weight decay 0.01 (Loshchilov and Hutter, 2019)"
    case .sgd: "descent with Nesterov momentum 0.9 and weight decay 0.0005, as the paper has it"
    case .lars:
      "layer-wise rates for large batches, momentum 0.9, weight decay 0.0005 (You et al., 2017)"
    }
  }

  /// The rule with the constants that were given, and its own for the others.
  func rule(momentum: Double?, weightDecay: Double?) throws(CellError) -> any Optimiser {
    let (momentum, decay) = (momentum.map { Float($0) }, weightDecay.map { Float($0) })
    if momentum != nil, self == .adam || self == .adamW {
      throw CellError(
        .argumentError, "`momentum:` is of .sgd and .lars; .\(rawValue) has moments of its own",
        fix: "leave it out, or write optimiser: .sgd")
    }
    switch self {
    case .adam: return Adam(weightDecay: decay ?? Adam().weightDecay)
    case .adamW: return AdamW(weightDecay: decay ?? AdamW().weightDecay)
    case .sgd:
      let own = SGD()
      // Nesterov's form of no momentum is plain descent.
      return SGD(momentum: momentum ?? own.momentum, weightDecay: decay ?? own.weightDecay)
    case .lars:
      let own = LARS()
      return LARS(momentum: momentum ?? own.momentum, weightDecay: decay ?? own.weightDecay)
    }
  }
}

/// The formats that a cell can choose for the factors of products.
enum PrecisionChoice: String, CellChoice {
  case float32, bfloat16
  static let typeDescription = "precision"
  var help: String {
    switch self {
    case .float32: "single precision"
    case .bfloat16: "half the bits, twice the speed, where the processor has AVX512_BF16 or AMX"
    }
  }

  /// The precision of a pass.
  var precision: Precision { self == .bfloat16 ? .bfloat16 : .float32 }
}

/// How a cell writes a schedule: `.cosine`, `.linear(to: 0.1)`, `.steps(at: [30, 60], factor: 0.1)`.
enum ScheduleChoice: CellConvertible, Sendable {
  case constant
  case cosine(to: Double)
  case linear(to: Double)
  case steps(at: [Double], factor: Double)

  static let typeDescription = "schedule"

  static let choices = [
    Choice("constant", "the same rate to the end"),
    Choice("cosine", "a short rise, then half a cosine down to 0, or to a share of the rate"),
    Choice("linear", "a short rise, then a straight line down to 0, or to a share of the rate"),
    Choice(
      "steps", "the rate is multiplied by a factor after each of these epochs",
      arguments: "(at: [30, 60], factor: 0.1)"),
  ]

  static func from(_ value: Value) throws(ConversionError) -> ScheduleChoice {
    let names = choices.map(\.name)
    guard case .implicitMember(let member) = value else {
      throw mismatch(value, fix: "write one of .\(names.joined(separator: ", ."))")
    }
    switch member.name {
    case "constant":
      try member.checkLabels([])
      return .constant
    case "cosine", "linear":
      try member.checkLabels(["to"])
      let end: Double = try member.argument("to") ?? 0
      guard (0...1).contains(end) else {
        throw ConversionError("`to:` is \(end)", fix: "give a share of the rate from 0 to 1")
      }
      return member.name == "cosine" ? .cosine(to: end) : .linear(to: end)
    case "steps":
      try member.checkLabels(["at", "factor"])
      guard let epochs: [Double] = try member.argument("at") else {
        throw ConversionError("`.steps` needs epochs", fix: "write .steps(at: [30, 60])")
      }
      let factor: Double = try member.argument("factor") ?? 0.1
      guard epochs.allSatisfy({ $0 > 0 && $0 <= 100_000 }), factor > 0, factor.isFinite else {
        throw ConversionError(
          "a schedule of steps needs positive epochs and a positive factor",
          fix: "write .steps(at: [30, 60], factor: 0.1)")
      }
      return .steps(at: epochs, factor: factor)
    default:
      throw ConversionError(
        "there is no schedule `.\(member.name)`",
        fix: nearest(member.name, among: names).map { "did you mean `.\($0)`?" }
          ?? "write one of .\(names.joined(separator: ", ."))")
    }
  }

  /// How the record of a run writes it.
  var text: String {
    switch self {
    case .constant: "constant"
    case .cosine(let end): end == 0 ? "cosine" : "cosine(to: \(end))"
    case .linear(let end): end == 0 ? "linear" : "linear(to: \(end))"
    case .steps(let epochs, let factor): "steps(at: \(epochs.cellText), factor: \(factor))"
    }
  }

  var cellText: String { ".\(text)" }

  /// The schedule of a run, with epochs as steps.
  func schedule(_ plan: RunPlan, warmUp: Double?) -> Schedule {
    func step(_ epoch: Double) -> Int {
      Int(min(epoch, Double(plan.epochs) + 1) * Double(plan.stepsPerEpoch) + 0.5)
    }
    let rise = warmUp.map(step)
    return switch self {
    case .constant: Schedule(.constant, warmUp: rise)
    case .cosine(let end): Schedule(.cosine(to: Float(end)), warmUp: rise)
    case .linear(let end): Schedule(.linear(to: Float(end)), warmUp: rise)
    case .steps(let epochs, let factor):
      Schedule(.steps(at: epochs.map { max(1, step($0)) }, factor: Float(factor)), warmUp: rise)
    }
  }
}
