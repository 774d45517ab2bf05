public import Tensors

/// A method that draws images of a class.
public protocol DecodingClasses: Method {
  /// Images of each class, one class after the other, `[classes · perClass, H, W, C]` with values in 0...1.
  ///
  /// - Throws: `TensorError.argument` while it does not know the classes.
  func samples(perClass: Int, using generator: Generator) throws(TensorError) -> Tensor
}
