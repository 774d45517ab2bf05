import Tensors

extension Refusal {
  /// Wrong calls of the numerical and probabilistic operations.
  static let numerics = codes

  private static let codes = [
    Refusal(
      "nearestCodes: shapes [2, 3] and [5, 4] do not fit: the codebook is [K, D], and the vectors' "
        + "last size must be D"
    ) { _ = try zeros(2, 3).nearestCodes(in: zeros(5, 4)) },
    Refusal(
      "nearestCodes: shapes [0, 3] and [5, 3] do not fit: give at least one vector and one code, of "
        + "at least one value"
    ) { _ = try zeros(0, 3).nearestCodes(in: zeros(5, 3)) },
    Refusal(
      "vector 1 of nearestCodes is not finite: the numbers grew out of bounds; a lower learning rate "
        + "usually helps"
    ) { _ = try Tensor([0, .nan, 0], shape: [3, 1]).nearestCodes(in: zeros(40, 1)) },
    Refusal(
      "vector 0 of nearestCodes is not finite: the numbers grew out of bounds; a lower learning rate "
        + "usually helps"
    ) { _ = try Tensor([.infinity], shape: [1, 1]).nearestCodes(in: .filled(1, shape: [17, 1])) },
    Refusal(
      "the codebook of nearestCodes is not finite: the step that wrote it went out of bounds"
    ) { _ = try zeros(2, 3).nearestCodes(in: .filled(.nan, shape: [5, 3])) },
    Refusal("straightThrough: shapes [2, 3] and [3, 2] do not fit: the two must have one shape") {
      _ = try zeros(2, 3).straightThrough(to: zeros(3, 2))
    },
    Refusal(
      "scatterAdded: shapes [2, 3] and [1] do not fit: give one place for each of the 2 rows"
    ) { _ = try zeros(2, 3).scatterAdded(rows: [0], count: 4) },
    Refusal("scatterAdded: rows is 4: there are 4 rows, counted from 0") {
      _ = try zeros(2, 3).scatterAdded(rows: [0, 4], count: 4)
    },
  ]
}
