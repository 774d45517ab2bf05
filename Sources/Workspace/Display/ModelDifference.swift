import CellLanguage
import Layers
import Methods
import Tensors

/// In what two models differ: options, steps, and how far apart their weights are.
enum ModelDifference {
  /// A row for each option and for each parameter that differs; the distance of two tensors is
  /// ‖a − b‖ / max(‖a‖, ‖b‖), so 0 for equal ones and at most 2.
  static func table(_ first: ModelObject, _ second: ModelObject) throws -> Table {
    var rows: [[String]] = []
    func compare(_ name: String, _ one: String, _ other: String) {
      if one != other { rows.append([name, one, other, ""]) }
    }
    compare("method", first.card.word, second.card.word)
    compare("data", first.format.name, second.format.name)
    compare("seed", "\(first.seed)", "\(second.seed)")
    for option in first.options {
      if let other = second.options.first(where: { $0.name == option.name }) {
        compare(option.name, option.text, other.text)
      }
    }
    compare("trained", first.training, second.training)
    let (one, other) = (first.method.parameters, second.method.parameters)
    var equal = 0
    for named in one {
      guard let twin = other.first(where: { $0.name == named.name }) else {
        rows.append([named.name, "\(named.parameter.shape)", "–", ""])
        continue
      }
      guard named.parameter.shape == twin.parameter.shape else {
        rows.append([named.name, "\(named.parameter.shape)", "\(twin.parameter.shape)", ""])
        continue
      }
      let (a, b) = (named.parameter.value.scalars, twin.parameter.value.scalars)
      guard a != b else {
        equal += 1
        continue
      }
      let (x, y) = (norm(a), norm(b))
      let apart = norm(zip(a, b).map { $0 - $1 })
      rows.append([
        named.name, Written.decimals(x, 4), Written.decimals(y, 4),
        Written.decimals(apart / max(x, y, .leastNonzeroMagnitude), 4),
      ])
    }
    for named in other where !one.contains(where: { $0.name == named.name }) {
      rows.append([named.name, "–", "\(named.parameter.shape)", ""])
    }
    if rows.isEmpty { rows.append(["nothing", "–", "–", ""]) }
    let same = "\(Written.count(equal)) of \(Written.count(one.count)) tensors are equal"
    return Table(
      columns: [
        .init("what"), .init("first"), .init("second"), .init("distance", isNumeric: true),
      ], rows: rows,
      notes: [
        "\(same). Of tensors stand their norms, and the norm of the difference as a share of the larger one."
      ])
  }

  private static func norm(_ values: [Float]) -> Double {
    values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
  }
}
