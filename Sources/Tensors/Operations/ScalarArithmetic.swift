import Compute

extension Tensor {
  /// Adds a number to each value.
  public static func + (left: Tensor, right: Float) throws(TensorError) -> Tensor {
    try Tape.record("+", [left], output: left.mapped { $0 + right }) {
      (upstream, _) throws(TensorError) in [upstream]
    }
  }

  /// Subtracts a number from each value.
  public static func - (left: Tensor, right: Float) throws(TensorError) -> Tensor {
    try Tape.record("-", [left], output: left.mapped { $0 - right }) {
      (upstream, _) throws(TensorError) in [upstream]
    }
  }

  /// Multiplies each value by a number.
  public static func * (left: Tensor, right: Float) throws(TensorError) -> Tensor {
    try Tape.record("*", [left], output: left.mapped { $0 * right }) {
      (upstream, _) throws(TensorError) in [upstream.mapped { $0 * right }]
    }
  }

  /// Divides each value by a number.
  public static func / (left: Tensor, right: Float) throws(TensorError) -> Tensor {
    try Tape.record("/", [left], output: left.mapped { $0 / right }) {
      (upstream, _) throws(TensorError) in [upstream.mapped { $0 / right }]
    }
  }

  /// The negative of each value.
  public static prefix func - (operand: Tensor) throws(TensorError) -> Tensor {
    try Tape.record("-", [operand], output: operand.mapped { -$0 }) {
      (upstream, _) throws(TensorError) in [upstream.mapped { -$0 }]
    }
  }
}
