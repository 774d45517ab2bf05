import Compute

extension Tensor {
  /// Cuts a batch into parts that one thread each works through: more than there are threads, so that
  /// one that the system puts aside holds up little, and small enough for the cache of a core.
  public static func parts(of count: Int) -> [Range<Int>] {
    let parts = max(min(8, count / 4), (count + 31) / 32)
    guard parts > 1 else { return [0..<count] }
    return (0..<parts).map { count * $0 / parts..<count * ($0 + 1) / parts }
  }

  /// Calls `body` for each part, several at a time, and gives the results in order.
  ///
  /// The weights that the parts read must not change meanwhile. Throws the error of the first part that
  /// failed.
  public static func computingParts<Result>(
    _ count: Int, _ body: (Int) throws(TensorError) -> Result
  ) throws(TensorError) -> [Result] {
    var results = [Swift.Result<Result, TensorError>?](repeating: nil, count: count)
    results.withUnsafeMutableBufferPointer { results in
      nonisolated(unsafe) let results = results
      Parallel.parts(count) { part in
        do throws(TensorError) {
          results[part] = .success(try body(part))
        } catch {
          results[part] = .failure(error)
        }
      }
    }
    var values: [Result] = []
    for case let result? in results { values.append(try result.get()) }
    return values
  }

  /// The sum of tensors of one shape, in their order; off the tape, `nil` for none.
  ///
  /// - Throws: `TensorError.shape` when the shapes differ.
  public static func summed(_ tensors: [Tensor]) throws(TensorError) -> Tensor? {
    guard var sum = tensors.first?.detached else { return nil }
    for tensor in tensors.dropFirst() { try sum.accumulate(tensor, operation: "sum of parts") }
    return sum
  }
}
