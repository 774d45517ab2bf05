public import Tensors

/// A method that has a code for each part of an image.
public protocol Quantizing: Method {
  /// The number of codes, K.
  var codeCount: Int { get }
  /// Height and width of an image's map of codes.
  var codeMapShape: [Int] { get }
  /// The vectors of the codes, `[K, D]`.
  func codeVectors() throws(TensorError) -> Tensor
  /// The codes of images `[N, H, W, C]`.
  func codes(of images: Tensor) throws(TensorError) -> CodeMaps
  /// What the decoder makes of maps of codes: images `[N, H, W, C]`, values in 0...1.
  ///
  /// - Throws: `TensorError` for maps of another size or codes that there are not.
  func decode(_ maps: CodeMaps) throws(TensorError) -> Tensor
}

/// A code for each place of each image.
public struct CodeMaps: Sendable, Equatable {
  /// The codes, image by image and row by row.
  public let codes: [Int]
  /// The number of images, height and width: `[N, h, w]`.
  public let shape: [Int]

  /// Arranges codes in maps.
  ///
  /// - Throws: `TensorError.shape` when their number is not the product of the sizes.
  public init(_ codes: [Int], shape: [Int]) throws(TensorError) {
    guard shape.count == 3, shape.allSatisfy({ $0 >= 0 }), codes.count == shape.product else {
      throw .shape(
        operation: "code maps", shapes: [[codes.count], shape],
        fix: "maps are [images, height, width], with a code for each place")
    }
    self.codes = codes
    self.shape = shape
  }

  /// One map a code, filled with it.
  public init(filledWith codes: Range<Int>, shape: [Int]) throws(TensorError) {
    try self.init(
      codes.flatMap { [Int](repeating: $0, count: shape.product) }, shape: [codes.count] + shape)
  }
}
