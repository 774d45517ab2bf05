import Tensors
import Testing

/// What holds for an operation: its value and its gradient agree with plain loops in double
/// precision, it is its own adjoint's adjoint where linear, and it repeats to the bit.
struct Law: Sendable, CustomTestStringConvertible {
  let name: String
  /// The inputs' shapes.
  let shapes: [[Int]]
  /// The range of the inputs' values.
  var range: ClosedRange<Float> = -2...2
  /// The inputs in which the operation is linear.
  var linear: [Int] = []
  let operation: @Sendable ([Tensor]) throws -> Tensor
  let reference: @Sendable ([Naive]) -> Naive

  var testDescription: String { "\(name) of \(shapes)" }

  func inputs(seed: UInt64) -> [Tensor] {
    var generator = Generator(seed: seed)
    return shapes.map { .uniform($0, in: range, using: &generator) }
  }

  /// Value and gradients of `<weights, operation(inputs)>`; only the inputs in `watched` are on the
  /// tape.
  func run(_ inputs: [Tensor], watched: Set<Int>) throws -> Run {
    let tape = Tape()
    let leaves = inputs.enumerated().map { watched.contains($0) ? tape.watch($1) : $1 }
    let output = try operation(leaves)
    var generator = Generator(seed: 99)
    let weights = Tensor.uniform(output.shape, in: -1...1, using: &generator)
    let gradients = try tape.gradients(of: (output * weights).sum())
    return Run(
      output: output.detached, weights: weights.scalars.map(Double.init),
      gradients: leaves.map { gradients[$0] })
  }

  struct Run {
    let output: Tensor
    let weights: [Double]
    let gradients: [Tensor?]
  }
}

extension Naive {
  init(_ tensor: Tensor) { self.init(tensor.shape, tensor.scalars.map(Double.init)) }
}

/// The greatest difference between numbers, relative to one plus the greatest magnitude among them.
func distance(_ a: [Float], _ b: [Double]) -> Double {
  guard a.count == b.count else { return .infinity }
  let scale = 1 + (b.map(abs).max() ?? 0)
  var worst = 0.0
  for (x, y) in zip(a, b) {
    let difference = abs(Double(x) - y) / scale
    // Not a number counts as infinitely far.
    worst = difference <= worst ? worst : (difference.isNaN ? .infinity : difference)
  }
  return worst
}

func bits(_ tensor: Tensor?) -> [UInt32] { tensor?.scalars.map(\.bitPattern) ?? [] }
