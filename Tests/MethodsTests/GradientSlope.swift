import Layers
import Methods
import Tensors
import Training

/// The slope of a method's loss along its own gradient, once by derivatives and once by differences.
struct GradientSlope {
  /// The number of parameters that have a gradient.
  let parameters: Int
  /// The length of the gradient, which is the slope along it.
  let derived: Double
  /// The central difference quotient.
  let measured: Double

  /// In float32 a step of 4e-5 still shows in a loss of size 1, and few rectifiers change sides within it.
  ///
  /// - Parameters:
  ///   - prefix: What the names of the parameters that move begin with.
  ///   - mode: How the moved model is measured: what a method keeps of training passes may have to stay.
  init(
    of model: any Method, batch: Batch, step: Double = 4e-5, prefix: String = "",
    measuring mode: Pass.Mode = .training
  ) throws {
    let stream = Generator(seed: 3)
    func total(_ pass: Pass) throws -> Tensor {
      let terms = try model.loss(of: batch, in: pass, using: stream).filter(\.isMinimised)
      return try terms.dropFirst().reduce(terms[0].value) { try $0 + $1.value }
    }
    let pass = Pass(.training, branches: model.branches)
    let moving = model.parameters.filter { $0.name.hasPrefix(prefix) }.map(\.parameter)
    let gradients = try pass.gradients(of: total(pass)).filter { entry in
      moving.contains { $0 === entry.parameter }
    }
    let length = gradients.reduce(0.0) { sum, entry in
      sum + entry.gradient.scalars.reduce(0.0) { $0 + Double($1) * Double($1) }
    }.squareRoot()
    func loss(after step: Double) throws -> Double {
      for (parameter, gradient) in gradients {
        gradient.withUnsafeScalars { gradient in
          parameter.update { values in
            for i in values.indices { values[i] += Float(step / length) * gradient[i] }
          }
        }
      }
      return Double(try total(Pass(mode, branches: model.branches)).item())
    }
    let above = try loss(after: step)
    let below = try loss(after: -2 * step)
    parameters = gradients.count
    derived = length
    measured = (above - below) / (2 * step)
  }

  /// How far the two are apart, as a share.
  var error: Double { abs(measured - derived) / derived }
}

extension Method {
  /// The number of parameters that learn.
  var trainableParameters: Int { parameters.filter { $0.parameter.isTrainable }.count }

  /// Writes one value everywhere into a parameter.
  func fill(_ name: String, with value: Float) throws {
    try fill(name) { _ in value }
  }

  /// Writes values into a parameter by their places.
  func fill(_ name: String, by value: (Int) -> Float) throws {
    guard let found = parameters.first(where: { $0.name == name })?.parameter else {
      throw TensorError.argument(
        operation: "fill", name: "name", value: name,
        fix: "there is \(parameters.map(\.name).joined(separator: ", "))")
    }
    found.update { values in for i in values.indices { values[i] = value(i) } }
  }
}
