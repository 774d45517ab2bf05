import Tensors

/// Something with parameters: they are found by walking its stored fields.
///
/// The name of a parameter is its path of field names, in the spelling of PyTorch's checkpoints
/// (`encoder.0.weight`, `running_mean`).
public protocol Module: Sendable {
  /// The parts in order, each with its name in a path; by default the stored fields.
  var parts: [(name: String, part: Any)] { get }
}

/// A parameter and its path.
public struct NamedParameter: Sendable {
  /// The path of field names: `encoder.blocks.0.0.convolution.weight`.
  public let name: String
  /// The parameter.
  public let parameter: Parameter

  /// Names a parameter.
  public init(name: String, parameter: Parameter) {
    self.name = name
    self.parameter = parameter
  }
}

extension Module {
  /// The stored fields, those of modules and parameters among them.
  public var parts: [(name: String, part: Any)] {
    Mirror(reflecting: self).children.compactMap { child in
      child.label.map { ($0.pythonSpelling, child.value) }
    }
  }

  /// All parameters and buffers in the order of the fields.
  public var parameters: [NamedParameter] {
    var found: [NamedParameter] = []
    Layers.collect(self, path: "", into: &found)
    return found
  }

  /// The number of trainable values.
  public var trainableCount: Int {
    parameters.reduce(0) { $0 + ($1.parameter.isTrainable ? $1.parameter.shape.product : 0) }
  }
}

private func collect(_ part: Any, path: String, into found: inout [NamedParameter]) {
  func join(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }
  switch part {
  case let parameter as Parameter: found.append(NamedParameter(name: path, parameter: parameter))
  case let module as any Module:
    for (name, part) in module.parts { collect(part, path: join(name), into: &found) }
  case let modules as [any Module]:
    for (index, module) in modules.enumerated() {
      collect(module, path: join(String(index)), into: &found)
    }
  default:
    let mirror = Mirror(reflecting: part)
    if mirror.displayStyle == .optional, let wrapped = mirror.children.first {
      collect(wrapped.value, path: path, into: &found)
    } else if mirror.displayStyle == .collection {
      for (index, child) in mirror.children.enumerated() where child.value is any Module {
        collect(child.value, path: join(String(index)), into: &found)
      }
    }
  }
}

extension String {
  /// `runningMean` as `running_mean`, the spelling of PyTorch's checkpoints.
  var pythonSpelling: String {
    var result = ""
    for character in self {
      if character.isUppercase { result += "_" }
      result += character.lowercased()
    }
    return result
  }
}
