import Layers
public import Tensors

/// What an optimiser keeps: for each parameter its group's constants, its steps, and its moments.
public struct OptimiserMemory: Sendable {
  /// What is kept for one parameter.
  struct Entry: Sendable {
    /// Held, so that its identity is not given to another one.
    let parameter: Parameter
    let name: String
    let rate: Float
    let weightDecay: Float?
    let isFrozen: Bool
    var steps = 0
    var values: [Tensor] = []

    /// Counts a step; the moments start at zero with the first.
    mutating func begin(slots: Int, shape: [Int]) {
      while values.count < slots { values.append(.zeros(shape)) }
      steps += 1
    }
  }

  var entries: [Entry] = []
  private var places: [ObjectIdentifier: Int] = [:]

  /// Nothing is kept.
  public init() {}

  /// Binds parameters to the first group that takes them; the others have the optimiser's constants.
  init(_ parameters: [NamedParameter], groups: [ParameterGroup]) throws(TensorError) {
    for group in groups { try group.check(parameters) }
    for named in parameters where named.parameter.isTrainable {
      let group = groups.first { $0.takes(named.name) }
      append(
        Entry(
          parameter: named.parameter, name: named.name, rate: group?.rate ?? 1,
          weightDecay: group?.weightDecay, isFrozen: group?.rate == 0))
    }
  }

  private mutating func append(_ entry: Entry) {
    places[ObjectIdentifier(entry.parameter)] = entries.count
    entries.append(entry)
  }

  /// The place of a parameter, which is given one when it has none.
  mutating func place(of parameter: Parameter) -> Int {
    if let known = places[ObjectIdentifier(parameter)] { return known }
    append(
      Entry(
        parameter: parameter, name: String(entries.count), rate: 1, weightDecay: nil,
        isFrozen: false))
    return entries.count - 1
  }

  /// Whether every number that is kept is finite.
  var isFinite: Bool { entries.allSatisfy { $0.values.allSatisfy(\.isFinite) } }

  /// Everything that is kept, by parameter; parameters that have not moved yet are left out.
  public var state: [OptimiserState] {
    entries.compactMap { entry in
      entry.steps == 0
        ? nil : OptimiserState(name: entry.name, steps: entry.steps, values: entry.values)
    }
  }

  /// Takes back what `state` gave, in an optimiser that is prepared for parameters of the same names.
  ///
  /// - Throws: `TensorError.argument` for a name that is not known, `TensorError.shape` for moments of
  ///   another shape or number; nothing changes then.
  public mutating func restore(_ state: [OptimiserState], slots: [String]) throws(TensorError) {
    var fresh = self
    for index in fresh.entries.indices {
      (fresh.entries[index].steps, fresh.entries[index].values) = (0, [])
    }
    for kept in state {
      guard let place = fresh.entries.firstIndex(where: { $0.name == kept.name }) else {
        throw .argument(
          operation: "restore", name: "optimiser", value: "for \(kept.name)",
          fix: "restore a run of a model with the same parameters")
      }
      let shape = fresh.entries[place].parameter.shape
      guard kept.values.count == slots.count, kept.values.allSatisfy({ $0.shape == shape }) else {
        throw .shape(
          operation: "restore", shapes: kept.values.map(\.shape) + [shape],
          fix: "\(kept.name) needs \(slots.joined(separator: " and ")) of its own shape")
      }
      (fresh.entries[place].steps, fresh.entries[place].values) = (kept.steps, kept.values)
    }
    self = fresh
  }
}

/// What an optimiser keeps for one parameter, as a checkpoint stores it.
public struct OptimiserState: Sendable {
  /// The path of the parameter.
  public let name: String
  /// The steps that it has taken.
  public let steps: Int
  /// One tensor for each of the optimiser's slots, of the parameter's shape.
  public let values: [Tensor]

  /// Describes what is kept.
  public init(name: String, steps: Int, values: [Tensor]) {
    self.name = name
    self.steps = steps
    self.values = values
  }
}
