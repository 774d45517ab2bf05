import CellLanguage
import Evaluation
import JupyterKernel
import Plotting
import RunStore
import Training

/// What words find out about a model, written down beside the run that trained it: here, for all words.
enum Findings {
  /// The topic of the words whose results are measurements.
  static let measuring = "measuring"

  /// A word that records its measurements and its pictures.
  static func recorded(_ command: Command) -> Command {
    let (word, isMeasuring) = (command.name, command.topic == measuring)
    return command.surrounded { context, arguments, call in
      // Before the call: a model that trains in the background is looked at as it is now.
      let origins = arguments.lazy.compactMap { $0 as? any Trained }.first?.origins ?? []
      let result = try call()
      guard origins.contains(where: { $0 != nil }), let context = context as? CellContext,
        case .object(let object) = result
      else { return result }
      let journal = context.workspace.journal
      if isMeasuring, let measured = object as? any Measuring {
        for (origin, scores) in zip(origins, measured.measured) {
          guard let origin else { continue }
          for score in scores {
            journal.append(
              ProbeRecord(
                run: origin.run, name: score.word ?? word, value: score.value,
                protocolText: score.protocolText, step: origin.step))
          }
        }
      }
      if let figure = object as? FigureObject {
        for run in Set(origins.compactMap { $0?.run }).sorted() {
          journal.append(
            figureOf: run, line: context.execution.count, word: word,
            caption: figure.figure.alternativeText)
        }
      }
      return result
    }
  }
}

/// The run that trained a model last, and the steps that the model had taken.
struct TrainingOrigin: Equatable {
  let run: Int
  let step: Int
}

/// An argument of a word that recorded runs stand behind.
protocol Trained {
  /// The runs, one for each model or run in their order; `nil` for one that is not recorded.
  var origins: [TrainingOrigin?] { get }
}

extension ModelObject: Trained {
  var origins: [TrainingOrigin?] {
    [currentRuns.last?.record.map { TrainingOrigin(run: $0, step: steps) }]
  }
}

extension RunObject: Trained {
  var origins: [TrainingOrigin?] { [record.map { TrainingOrigin(run: $0, step: run.step) }] }
}

extension FeatureSource: Trained {
  var origins: [TrainingOrigin?] {
    if case .model(let model) = self { return model.origins }
    return [nil]
  }
}

extension RunList: Trained {
  var origins: [TrainingOrigin?] { runs.flatMap(\.origins) }
}

extension Compared: Trained {
  var origins: [TrainingOrigin?] {
    if case .models(let models) = self { return models.flatMap(\.origins) }
    return []
  }
}

/// A number that was measured by a protocol.
struct MeasuredNumber {
  /// The word under which it is recorded; that which gave it, when `nil`.
  var word: String?
  let value: Double
  let protocolText: String
}

/// A result that measurements stand in.
protocol Measuring {
  /// The numbers of each model, in the order of the models.
  var measured: [[MeasuredNumber]] { get }
}

extension ScoreObject: Measuring {
  var measured: [[MeasuredNumber]] {
    let interval = score.interval
    return [
      [
        MeasuredNumber(
          word: word, value: score.accuracy,
          protocolText: "\(score.name); \(score.protocolText); \(score.count) images, "
            + "95 % interval \(Written.decimals(interval.lowerBound, 4)) to "
            + Written.decimals(interval.upperBound, 4)
            + (score.seed.map { ", seed \($0)" } ?? ""))
      ]
    ]
  }
}

extension ComparisonObject: Measuring {
  /// The models come before the rows beside them.
  var measured: [[MeasuredNumber]] { scores.flatMap(\.measured) }
}

extension ReconstructionScoreObject: Measuring {
  var measured: [[MeasuredNumber]] {
    [
      [
        MeasuredNumber(
          value: score.share,
          protocolText: "mean squared error as a share of the variance; \(score.protocolText)")
      ]
    ]
  }
}

extension TransformationScoresObject: Measuring {
  var measured: [[MeasuredNumber]] {
    let text = protocolLines.joined(separator: "; ")
    return [
      [
        MeasuredNumber(
          value: scores.meanSquaredError.value,
          protocolText: "mean squared error of the whitened targets; \(text)")
      ]
    ]
  }
}

extension ConfusionObject: Measuring {
  var measured: [[MeasuredNumber]] {
    [[MeasuredNumber(value: score.accuracy, protocolText: score.protocolText)]]
  }
}

extension FigureObject: Measuring {
  /// Of a picture that tells the protocol of its numbers, the first of them.
  var measured: [[MeasuredNumber]] {
    guard case .string(let text)? = values.first(where: { $0.name == "protocol" })?.value else {
      return []
    }
    for entry in values {
      guard case .number(let number) = entry.value else { continue }
      return [[MeasuredNumber(value: number, protocolText: "\(entry.name); \(text)")]]
    }
    return []
  }
}
