import Compute

/// A dense row-major array of `Float`, an immutable value.
///
/// Images are `[N, H, W, C]`. A tensor that depends on something a `Tape` watches carries its place on
/// that tape; operations on it are recorded there.
public struct Tensor: Sendable {
  /// The sizes of the dimensions, outermost first; `[]` is a scalar.
  public let shape: [Int]
  var buffer: Buffer
  let offset: Int
  let variable: Variable?

  init(shape: [Int], buffer: Buffer, offset: Int, variable: Variable? = nil) {
    self.shape = shape
    self.buffer = buffer
    self.offset = offset
    self.variable = variable
  }

  /// The number of values.
  public var count: Int { shape.product }
  /// The number of dimensions.
  public var rank: Int { shape.count }
  /// Whether operations on this tensor are recorded.
  public var isTracked: Bool { variable?.tape != nil }
  /// The same values, off the tape: the stop-gradient.
  public var detached: Tensor { Tensor(shape: shape, buffer: buffer, offset: offset) }

  /// Takes the values in row-major order.
  ///
  /// - Throws: `TensorError.shape` when the number of values is not the product of the sizes.
  public init(_ values: [Float], shape: [Int]) throws(TensorError) {
    guard values.count == shape.product, shape.allSatisfy({ $0 >= 0 }) else {
      throw .shape(
        operation: "Tensor", shapes: [[values.count], shape],
        fix: "give \(shape.product) values for this shape")
    }
    self.init(shape: shape) { target in _ = target.update(fromContentsOf: values) }
  }

  /// A scalar.
  public init(_ value: Float) { self.init(shape: []) { $0[0] = value } }

  /// Makes a tensor whose values `fill` writes; `fill` must write every value.
  public init<Failure: Error>(
    shape: [Int], filledBy fill: (UnsafeMutableBufferPointer<Float>) throws(Failure) -> Void
  ) throws(Failure) {
    let buffer = Buffer(count: shape.product)
    try fill(UnsafeMutableBufferPointer(start: buffer.pointer, count: buffer.count))
    self.init(shape: shape, buffer: buffer, offset: 0)
  }

  /// A tensor with one value everywhere.
  public static func filled(_ value: Float, shape: [Int]) -> Tensor {
    Tensor(shape: shape) { $0.update(repeating: value) }
  }

  /// A tensor of zeros.
  public static func zeros(_ shape: [Int]) -> Tensor { filled(0, shape: shape) }

  /// The values in row-major order, copied.
  public var scalars: [Float] { withUnsafeScalars { Array($0) } }

  /// Gives the values in row-major order to `body`, without a copy.
  public func withUnsafeScalars<Result, Failure: Error>(
    _ body: (UnsafeBufferPointer<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let result = try body(UnsafeBufferPointer(start: pointer, count: count))
    withExtendedLifetime(buffer) {}
    return result
  }

  /// The only value of a tensor that has one.
  ///
  /// - Throws: `TensorError.shape` when there are more or fewer.
  public func item() throws(TensorError) -> Float {
    guard count == 1 else {
      throw .shape(operation: "item", shapes: [shape], fix: "reduce it to one value first")
    }
    return pointer[0]
  }

  /// Changes the values in place, or in a copy when somebody else holds them too; leaves the tape.
  public mutating func update<Failure: Error>(
    _ body: (UnsafeMutableBufferPointer<Float>) throws(Failure) -> Void
  ) throws(Failure) {
    if !isKnownUniquelyReferenced(&buffer) {
      let copy = Buffer(count: count)
      copy.pointer.update(from: pointer, count: count)
      self = Tensor(shape: shape, buffer: copy, offset: 0)
    } else if variable != nil {
      self = Tensor(shape: shape, buffer: buffer, offset: offset)
    }
    try body(UnsafeMutableBufferPointer(start: buffer.pointer + offset, count: count))
  }

  /// The first value; valid as long as the tensor is.
  var pointer: UnsafePointer<Float> { UnsafePointer(buffer.pointer + offset) }
}

extension [Int] {
  /// The product of the sizes: the number of values of a shape.
  public var product: Int { reduce(1, *) }
}
