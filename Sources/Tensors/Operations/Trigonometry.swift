import Compute
import Glibc

extension Tensor {
  /// The sine of each value, in radians.
  public func sine() throws(TensorError) -> Tensor {
    let input = detached
    return try Tape.record("sine", [self], output: eachMapped { sinf($0) }) {
      (upstream, _) throws(TensorError) in
      [upstream.zipped(input.eachMapped { cosf($0) }) { $0 * $1 }]
    }
  }

  /// The cosine of each value, in radians.
  public func cosine() throws(TensorError) -> Tensor {
    let input = detached
    return try Tape.record("cosine", [self], output: eachMapped { cosf($0) }) {
      (upstream, _) throws(TensorError) in
      [upstream.zipped(input.eachMapped { sinf($0) }) { -$0 * $1 }]
    }
  }

  /// Each value to the power of `exponent`; not a number for negative values where the exponent is no
  /// whole number.
  ///
  /// The derivative is `exponent · x^(exponent − 1)`: infinite at zero for exponents below one.
  public func power(_ exponent: Float) throws(TensorError) -> Tensor {
    let input = detached
    return try Tape.record("power", [self], output: eachMapped { powf($0, exponent) }) {
      (upstream, _) throws(TensorError) in
      // At exponent zero the value is constant, at zero too.
      guard exponent != 0 else { return [.zeros(input.shape)] }
      return [upstream.zipped(input.eachMapped { powf($0, exponent - 1) }) { exponent * $0 * $1 }]
    }
  }

  /// The modulus of complex numbers: the last dimension, of size 2, holds real and imaginary part and
  /// disappears.
  ///
  /// Its derivative is `z / |z|`, and zero at zero.
  ///
  /// - Throws: `TensorError.shape` when the last size is not 2.
  public func complexModulus() throws(TensorError) -> Tensor {
    guard let last = shape.last, last == 2 else {
      throw .shape(
        operation: "complexModulus", shapes: [shape],
        fix: "the last dimension holds the real and the imaginary part: its size is 2")
    }
    let (input, numbers) = (detached, count / 2)
    let output = withExtendedLifetime(self) {
      Tensor.written(Array(shape.dropLast())) { target in
        Parallel.ranges(numbers, grain: Elementwise.grain / 2) { range in
          // hypot neither overflows nor underflows on the way.
          for i in range { target[i] = hypotf(pointer[2 * i], pointer[2 * i + 1]) }
        }
      }
    }
    return try Tape.record("complexModulus", [self], output: output) {
      (upstream, _) throws(TensorError) in
      [
        withExtendedLifetime((upstream, input, output)) {
          Tensor.written(input.shape) { target in
            Parallel.ranges(numbers, grain: Elementwise.grain / 2) { range in
              for i in range {
                let modulus = output.pointer[i]
                let (x, y) = (input.pointer[2 * i], input.pointer[2 * i + 1])
                // Divided first: the product with a tiny number over a tiny one loses nothing.
                target[2 * i] = modulus == 0 ? 0 : upstream.pointer[i] * (x / modulus)
                target[2 * i + 1] = modulus == 0 ? 0 : upstream.pointer[i] * (y / modulus)
              }
            }
          }
        }
      ]
    }
  }

  /// A function of the mathematical library of each value.
  @inline(__always)
  private func eachMapped(_ function: (Float) -> Float) -> Tensor {
    withExtendedLifetime(self) {
      .written(shape) { target in
        Parallel.ranges(count, grain: Elementwise.grain / 8) { range in
          for i in range { target[i] = function(pointer[i]) }
        }
      }
    }
  }
}
