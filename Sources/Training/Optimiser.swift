public import Compute
public import Layers
public import Tensors

/// A rule that changes parameters by their gradients, with what it keeps for each parameter.
///
/// A copy of an optimiser is a copy of all it holds, so an earlier state can be kept and taken back.
public protocol Optimiser: Sendable {
  /// The rule and its constants, for the record of a run.
  var description: String { get }
  /// The weight decay where a group says nothing else; for weights alone.
  var weightDecay: Float { get }
  /// What is kept for each value, in the words of PyTorch's optimisers: `momentum_buffer`.
  static var slots: [String] { get }
  /// What is kept.
  var memory: OptimiserMemory { get set }
  /// Changes all parts once, in one pass over memory.
  func change(_ parts: [OptimiserPart])
}

extension Optimiser {
  /// Binds the optimiser to the parameters of a model and their groups; what it held is forgotten.
  ///
  /// An optimiser that is not prepared takes parameters as they come, in one group.
  ///
  /// - Throws: `TensorError.argument` when a group has no parameter or its constants are out of range.
  public mutating func prepare(
    for parameters: [NamedParameter], groups: [ParameterGroup] = []
  ) throws(TensorError) {
    memory = try OptimiserMemory(parameters, groups: groups)
  }

  /// Changes every parameter once, all of them in one parallel region; each is listed once.
  ///
  /// Parameters of frozen groups stay as they are.
  public mutating func step(
    _ gradients: [(parameter: Parameter, gradient: Tensor)], rate: Float
  ) {
    let (decay, slots) = (weightDecay, Self.slots.count)
    var places: [Int] = []
    var moving: [(parameter: Parameter, gradient: Tensor)] = []
    for entry in gradients {
      let place = memory.place(of: entry.parameter)
      guard !memory.entries[place].isFrozen else { continue }
      memory.entries[place].begin(slots: slots, shape: entry.gradient.shape)
      places.append(place)
      moving.append(entry)
    }
    var parts: [OptimiserPart] = []
    parts.reserveCapacity(places.count)
    Parameter.update(moving.map(\.parameter)) { values in
      for (index, place) in places.enumerated() {
        // The places stay valid below: the memory and `moving` hold the buffers.
        let kept = (0..<slots).map { memory.entries[place].values[$0].place() }
        guard let parameter = values[index].baseAddress, let first = kept[0],
          let gradient = moving[index].gradient.withUnsafeScalars({ $0.baseAddress })
        else { continue }
        let entry = memory.entries[place]
        let decays = entry.parameter.decays
        parts.append(
          OptimiserPart(
            parameter: parameter, gradient: gradient, first: first,
            second: slots > 1 ? kept[1] : nil, count: values[index].count, step: entry.steps,
            rate: rate * entry.rate, weightDecay: decays ? entry.weightDecay ?? decay : 0,
            isLayerwise: decays))
      }
      change(parts)
    }
    withExtendedLifetime((moving, memory)) {}
  }
}

extension Tensor {
  /// Where the values are, once nobody else holds them; valid as long as this tensor is not changed.
  fileprivate mutating func place() -> UnsafeMutablePointer<Float>? {
    var first: UnsafeMutablePointer<Float>?
    update { first = $0.baseAddress }
    return first
  }
}
