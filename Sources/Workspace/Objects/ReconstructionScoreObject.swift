import CellLanguage
import Evaluation
import JupyterProtocol

/// A measured reconstruction error in a cell: `reconstruction(vq, on: fashion.test).share`.
final class ReconstructionScoreObject: HostConvertible, Displayable {
  static let typeDescription = "score"
  let typeName = "Score"
  let score: ReconstructionScore

  init(_ score: ReconstructionScore) { self.score = score }

  var members: [Member] {
    [
      Member("share", "the mean squared error as a share of the variance of the data"),
      Member("error", "the mean squared error, of values in 0...1"),
      Member("psnr", "the peak signal-to-noise ratio in decibels"),
      Member("count", "the number of images measured on"),
      Member("lower", "the lower end of the 95 % interval of the share"),
      Member("upper", "the upper end of the 95 % interval of the share"),
      Member("protocol", "all that the number depends on"),
    ]
  }

  func member(_ name: String) throws -> Value {
    switch name {
    case "share": .number(score.share)
    case "error": .number(score.meanSquaredError)
    case "psnr": .number(score.peakSignalToNoise)
    case "count": .integer(score.errors.count)
    case "lower": .number(score.interval.lowerBound)
    case "upper": .number(score.interval.upperBound)
    default: .string(score.protocolText)
    }
  }

  var summary: String {
    let interval = score.interval
    return "reconstruction error \(Written.percent(score.share, 2)) of the variance "
      + "(95 % interval \(Written.percent(interval.lowerBound, 2)) to "
      + "\(Written.percent(interval.upperBound, 2))), MSE "
      + "\(Written.decimals(score.meanSquaredError, 5)), "
      + "PSNR \(Written.decimals(score.peakSignalToNoise, 1)) dB, "
      + "\(Written.count(score.errors.count)) images"
  }

  func bundle() throws -> MIMEBundle {
    MIMEBundle(text: summary + "\n" + score.protocolText)
  }
}
