// What many operations refuse in the same words.

extension Tensor {
  /// Refuses what is no batch of images.
  func checkImages(_ operation: String) throws(TensorError) {
    guard rank == 4 else {
      throw .shape(operation: operation, shapes: [shape], fix: "images are [N, H, W, C]")
    }
    guard count > 0 else {
      throw .shape(
        operation: operation, shapes: [shape], fix: "the batch is empty; give at least one image")
    }
  }

  /// Refuses a bias that is not one value for each output.
  static func checkBias(
    _ bias: Tensor?, outputs: Int, weight: Tensor, operation: String
  ) throws(TensorError) {
    guard let bias, bias.shape != [outputs] else { return }
    throw .shape(
      operation: operation, shapes: [weight.shape, bias.shape],
      fix: "the bias must have the shape [\(outputs)]")
  }
}

extension TensorError {
  /// Refuses the first of some arguments that is below `least`.
  static func check(
    _ arguments: KeyValuePairs<String, Int>, atLeast least: Int, operation: String
  ) throws(TensorError) {
    for (name, value) in arguments where value < least {
      throw .argument(
        operation: operation, name: name, value: "\(value)", fix: "it must be at least \(least)")
    }
  }
}
