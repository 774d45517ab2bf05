import Layers
import Tensors

/// Parameters that learn at a rate of their own, decay by their own constant, or are frozen.
///
/// ```swift
/// [ParameterGroup(["encoder.blocks.0"], rate: 0), ParameterGroup(["decoder"], rate: 10)]
/// ```
public struct ParameterGroup: Sendable {
  /// The factor on the learning rate; 0 freezes the group, its moments included.
  public let rate: Float
  /// The weight decay of those of its parameters that decay; the optimiser's when `nil`.
  public let weightDecay: Float?
  /// What the group is called in messages.
  public let title: String
  private let predicate: @Sendable (String) -> Bool

  /// Takes the parameters at or below some paths: `encoder.blocks.0`, `decoder.weight`.
  public init(_ paths: [String], rate: Float = 1, weightDecay: Float? = nil) {
    self.init(
      "\"\(paths.joined(separator: "\", \""))\"", rate: rate, weightDecay: weightDecay
    ) { name in
      paths.contains { name == $0 || name.hasPrefix($0 + ".") }
    }
  }

  /// Takes the parameters whose paths satisfy a predicate.
  public init(
    _ title: String, rate: Float = 1, weightDecay: Float? = nil,
    where predicate: @escaping @Sendable (String) -> Bool
  ) {
    self.title = title
    self.rate = rate
    self.weightDecay = weightDecay
    self.predicate = predicate
  }

  /// Whether the parameter at a path belongs to the group.
  public func takes(_ name: String) -> Bool { predicate(name) }

  func check(_ parameters: [NamedParameter]) throws(TensorError) {
    func refuse(_ name: String, _ value: String, _ fix: String) -> TensorError {
      .argument(operation: "parameter group", name: name, value: value, fix: fix)
    }
    guard rate >= 0, rate.isFinite else {
      throw refuse("rate", "\(rate)", "give a factor of 0 (frozen) or more")
    }
    guard weightDecay.map({ $0 >= 0 && $0.isFinite }) ?? true else {
      throw refuse("weightDecay", "\(weightDecay ?? 0)", "give 0 or more")
    }
    guard parameters.contains(where: { $0.parameter.isTrainable && takes($0.name) }) else {
      let parts = parameters.filter(\.parameter.isTrainable).map {
        $0.name.split(separator: ".").prefix(3).joined(separator: ".")
      }
      var known: [String] = []
      for part in parts where !known.contains(part) { known.append(part) }
      throw refuse(
        "paths", title,
        "no parameter is there; the model has \(known.prefix(8).joined(separator: ", "))")
    }
  }
}
