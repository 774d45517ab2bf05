// The operations' signatures, replaced by one file an idea in this folder as they are written.

/// The result of batch normalisation in training.
public struct Normalised: Sendable {
  /// The normalised values, `[..., C]`.
  public let output: Tensor
  /// The mean of each branch and channel, `[branches, C]`, off the tape.
  public let mean: Tensor
  /// The biased variance of each branch and channel, `[branches, C]`, off the tape.
  public let variance: Tensor
}

private func unwritten(_ operation: String) -> TensorError {
  .derivative(operation: operation, fix: "this operation is being written")
}

extension Tensor {
  /// See DESIGN.
  public static func + (left: Tensor, right: Tensor) throws(TensorError) -> Tensor { throw unwritten("+") }
  /// See DESIGN.
  public static func - (left: Tensor, right: Tensor) throws(TensorError) -> Tensor { throw unwritten("-") }
  /// See DESIGN.
  public static func * (left: Tensor, right: Tensor) throws(TensorError) -> Tensor { throw unwritten("*") }
  /// See DESIGN.
  public static func / (left: Tensor, right: Tensor) throws(TensorError) -> Tensor { throw unwritten("/") }
  /// See DESIGN.
  public static func + (left: Tensor, right: Float) throws(TensorError) -> Tensor { throw unwritten("+") }
  /// See DESIGN.
  public static func - (left: Tensor, right: Float) throws(TensorError) -> Tensor { throw unwritten("-") }
  /// See DESIGN.
  public static func * (left: Tensor, right: Float) throws(TensorError) -> Tensor { throw unwritten("*") }
  /// See DESIGN.
  public static func / (left: Tensor, right: Float) throws(TensorError) -> Tensor { throw unwritten("/") }
  /// See DESIGN.
  public static prefix func - (operand: Tensor) throws(TensorError) -> Tensor { throw unwritten("-") }
  /// See DESIGN.
  public func rectified() throws(TensorError) -> Tensor { throw unwritten("rectified") }
  /// See DESIGN.
  public func tanh() throws(TensorError) -> Tensor { throw unwritten("tanh") }
  /// See DESIGN.
  public func exponential() throws(TensorError) -> Tensor { throw unwritten("exponential") }
  /// See DESIGN.
  public func logarithm() throws(TensorError) -> Tensor { throw unwritten("logarithm") }
  /// See DESIGN.
  public func squared() throws(TensorError) -> Tensor { throw unwritten("squared") }
  /// See DESIGN.
  public func squareRoot() throws(TensorError) -> Tensor { throw unwritten("squareRoot") }
  /// See DESIGN.
  public func absolute() throws(TensorError) -> Tensor { throw unwritten("absolute") }
  /// See DESIGN.
  public func sigmoid() throws(TensorError) -> Tensor { throw unwritten("sigmoid") }
  /// See DESIGN.
  public func sum() throws(TensorError) -> Tensor { throw unwritten("sum") }
  /// See DESIGN.
  public func mean() throws(TensorError) -> Tensor { throw unwritten("mean") }
  /// See DESIGN.
  public func sum(axes: [Int]) throws(TensorError) -> Tensor { throw unwritten("sum") }
  /// See DESIGN.
  public func mean(axes: [Int]) throws(TensorError) -> Tensor { throw unwritten("mean") }
  /// See DESIGN.
  public func reshaped(_ shape: [Int]) throws(TensorError) -> Tensor { throw unwritten("reshaped") }
  /// See DESIGN.
  public func rows(_ range: Range<Int>) throws(TensorError) -> Tensor { throw unwritten("rows") }
  /// See DESIGN.
  public func columns(_ range: Range<Int>) throws(TensorError) -> Tensor { throw unwritten("columns") }
  /// See DESIGN.
  public static func concatenated(_ tensors: [Tensor], axis: Int) throws(TensorError) -> Tensor { throw unwritten("concatenated") }
  /// See DESIGN.
  public func transposed() throws(TensorError) -> Tensor { throw unwritten("transposed") }
  /// See DESIGN.
  public func gathered(rows: [Int]) throws(TensorError) -> Tensor { throw unwritten("gathered") }
  /// See DESIGN.
  public func broadcast(to shape: [Int]) throws(TensorError) -> Tensor { throw unwritten("broadcast") }
  /// See DESIGN.
  public func matrixProduct(_ other: Tensor, transposingLeft: Bool = false, transposingRight: Bool = false) throws(TensorError) -> Tensor { throw unwritten("matrixProduct") }
  /// See DESIGN.
  public func linear(weight: Tensor, bias: Tensor? = nil) throws(TensorError) -> Tensor { throw unwritten("linear") }
  /// See DESIGN.
  public func convolution(weight: Tensor, bias: Tensor? = nil, stride: Int = 1, padding: Int = 0, dilation: Int = 1, groups: Int = 1) throws(TensorError) -> Tensor { throw unwritten("convolution") }
  /// See DESIGN.
  public func batchNormalised(scale: Tensor, shift: Tensor, epsilon: Float = 1e-5, branches: Int = 1, rectify: Bool = false) throws(TensorError) -> Normalised { throw unwritten("batchNormalised") }
  /// See DESIGN.
  public func normalised(mean: Tensor, variance: Tensor, scale: Tensor, shift: Tensor, epsilon: Float = 1e-5, rectify: Bool = false) throws(TensorError) -> Tensor { throw unwritten("normalised") }
  /// See DESIGN.
  public func maximumPooled(window: Int, stride: Int, padding: Int = 0) throws(TensorError) -> Tensor { throw unwritten("maximumPooled") }
  /// See DESIGN.
  public func averagePooled(window: Int, stride: Int, padding: Int = 0, countingPadding: Bool = true) throws(TensorError) -> Tensor { throw unwritten("averagePooled") }
  /// See DESIGN.
  public func globallyAveraged() throws(TensorError) -> Tensor { throw unwritten("globallyAveraged") }
  /// See DESIGN.
  public func softmax() throws(TensorError) -> Tensor { throw unwritten("softmax") }
  /// See DESIGN.
  public func logSoftmax() throws(TensorError) -> Tensor { throw unwritten("logSoftmax") }
  /// See DESIGN.
  public func crossEntropy(labels: [Int]) throws(TensorError) -> Tensor { throw unwritten("crossEntropy") }
  /// See DESIGN.
  public func meanSquaredError(_ target: Tensor) throws(TensorError) -> Tensor { throw unwritten("meanSquaredError") }
  /// See DESIGN.
  public func argumentOfMaximum() throws(TensorError) -> [Int] { throw unwritten("argumentOfMaximum") }
  /// See DESIGN.
  public func symmetricEigen() throws(TensorError) -> (values: Tensor, vectors: Tensor) { throw unwritten("symmetricEigen") }
  /// Whether every value is finite.
  public var isFinite: Bool { scalars.allSatisfy(\.isFinite) }
}
