import Layers
import Methods
import Tensors

extension Method {
  /// A system of the same constants and seed, as it is before its first step.
  func anew(seed: UInt64) throws -> any Method {
    try Self(configuration, for: format, seed: seed)
  }

  /// Gives the parameters their first values again.
  func becomeNew(seed: UInt64) throws {
    for (own, first) in zip(parameters, try anew(seed: seed).parameters) {
      try own.parameter.assign(first.parameter.value)
    }
  }

  /// A system of its own with the parameters and buffers as they are now.
  func copied(seed: UInt64) throws -> any Method {
    let copy = try anew(seed: seed)
    for (own, theirs) in zip(copy.parameters, parameters) {
      try own.parameter.assign(theirs.parameter.value)
    }
    return copy
  }
}
