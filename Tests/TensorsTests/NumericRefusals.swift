import Tensors

extension Refusal {
  /// Wrong calls of the numerical and probabilistic operations.
  static let numerics = codes + functions + likelihoods + linearAlgebra

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
    Refusal("rotated: shapes [2, 3] and [3, 2] do not fit: the two must have one shape") {
      _ = try zeros(2, 3).rotated(onto: zeros(3, 2))
    },
    Refusal(
      "rotated: shapes [2, 0] do not fit: it works along a last dimension that is not empty"
    ) { _ = try zeros(2, 0).rotated(onto: zeros(2, 0)) },
    Refusal(
      "finiteScalarQuantised: shapes [2, 3] and [2] do not fit: codes are [..., D], at least one, "
        + "with a number of levels for each of the D dimensions"
    ) { _ = try zeros(2, 3).finiteScalarQuantised(levels: [8, 5]) },
    Refusal(
      "finiteScalarQuantised: shapes [0, 2] and [2] do not fit: codes are [..., D], at least one, "
        + "with a number of levels for each of the D dimensions"
    ) { _ = try zeros(0, 2).finiteScalarQuantised(levels: [8, 5]) },
    Refusal("finiteScalarQuantised: levels[1] is 1: a dimension has at least 2 levels") {
      _ = try zeros(2, 2).finiteScalarQuantised(levels: [8, 1])
    },
    Refusal(
      "scatterAdded: shapes [2, 3] and [1] do not fit: give one place for each of the 2 rows"
    ) { _ = try zeros(2, 3).scatterAdded(rows: [0], count: 4) },
    Refusal("scatterAdded: rows is 4: there are 4 rows, counted from 0") {
      _ = try zeros(2, 3).scatterAdded(rows: [0, 4], count: 4)
    },
  ]

  private static let functions = [
    Refusal("gated: shapes [2, 3] and [3] do not fit: the two must have one shape") {
      _ = try zeros(2, 3).gated(by: zeros(3))
    },
    Refusal("maximum: shapes [2, 3] and [3] do not fit: the two must have one shape") {
      _ = try zeros(2, 3).maximum(zeros(3))
    },
    Refusal("maximum: axis is 2: name a dimension from 0 to 1") {
      _ = try zeros(2, 3).maximum(axis: 2)
    },
    Refusal("maximum: axis is 0: a scalar has no dimensions") { _ = try zeros().maximum(axis: 0) },
    Refusal("maximum: shapes [2, 0] do not fit: there is no greatest of no values") {
      _ = try zeros(2, 0).maximum(axis: 1)
    },
    Refusal(
      "complexModulus: shapes [2, 3] do not fit: the last dimension holds the real and the imaginary "
        + "part: its size is 2"
    ) { _ = try zeros(2, 3).complexModulus() },
    Refusal("dropout: rate is 1.0: it is the fraction dropped, from 0 to less than 1") {
      var generator = Generator(seed: 1)
      _ = try zeros(2, 3).dropout(rate: 1, using: &generator)
    },
    Refusal(
      "euclideanNormalised: epsilon is 0.0: it must be positive, so that a row of zeros stays one"
    ) { _ = try zeros(2, 3).euclideanNormalised(epsilon: 0) },
    Refusal(
      "squashed: epsilon is 0.0: it must be positive, so that a row of zeros has a derivative"
    ) {
      _ = try zeros(2, 3).squashed(epsilon: 0)
    },
    Refusal(
      "squashed: shapes [2, 0] do not fit: it works along a last dimension that is not empty"
    ) { _ = try zeros(2, 0).squashed() },
    Refusal("logSumExp: axis is -1: name a dimension from 0 to 1") {
      _ = try zeros(2, 3).logSumExp(axis: -1)
    },
    Refusal(
      "logSumExp: shapes [2, 0] do not fit: it works along a last dimension that is not empty"
    ) { _ = try zeros(2, 0).logSumExp(axis: 1) },
    Refusal("logSumExp: mask is zero all along row 1: keep at least one value of each row") {
      _ = try zeros(2, 2).logSumExp(axis: 1, mask: Tensor([1, 0, 0, 0], shape: [2, 2]))
    },
    Refusal("logSumExp: mask is zero all along row 1: keep at least one value of each row") {
      _ = try zeros(2, 2).logSumExp(axis: 0, mask: Tensor([1, 0, 1, 0], shape: [2, 2]))
    },
    Refusal("softmax: mask is zero all along row 0: keep at least one value of each row") {
      _ = try zeros(2, 3).softmax(mask: zeros(3))
    },
    Refusal(
      "softmax: shapes [2, 3] and [2] do not fit: the mask must have the tensor's shape, or that of "
        + "its last dimensions"
    ) { _ = try zeros(2, 3).softmax(mask: zeros(2)) },
  ]

  private static let likelihoods =
    [zeros(2, 3), zeros(0, 3), zeros()].map { values in
      let (message, other) =
        switch values.shape {
        case [2, 3]: ("shapes [2, 3] and [3, 2] do not fit: all must have one shape", zeros(3, 2))
        case []: ("shapes [] do not fit: the leading dimension is the batch", zeros())
        default:
          ("shapes [0, 3] do not fit: the batch is empty; give at least one example", zeros(0, 3))
        }
      return Refusal("bernoulliNegativeLogLikelihood: " + message) {
        _ = try values.bernoulliNegativeLogLikelihood(of: other)
      }
    } + [
      Refusal(
        "gaussianNegativeLogLikelihood: shapes [2, 3] and [2, 3] and [3] do not fit: all must have "
          + "one shape"
      ) {
        _ = try zeros(2, 3).gaussianNegativeLogLikelihood(of: zeros(2, 3), logVariance: zeros(3))
      },
      Refusal("gaussianNegativeLogLikelihood: deviation is 0.0: it must be positive") {
        _ = try zeros(2, 3).gaussianNegativeLogLikelihood(of: zeros(2, 3), deviation: 0)
      },
      Refusal("discretisedLogisticNegativeLogLikelihood: levels is 1: there are at least two") {
        _ = try zeros(2, 3).discretisedLogisticNegativeLogLikelihood(
          of: zeros(2, 3), logScale: zeros(2, 3), levels: 1)
      },
      Refusal(
        "gaussianDivergence: shapes [0, 3] do not fit: the batch is empty; give at least one example"
      ) { _ = try zeros(0, 3).gaussianDivergence(logVariance: zeros(0, 3)) },
      Refusal(
        "reparameterised: shapes [2] and [3] and [2] do not fit: all must have one shape"
      ) { _ = try zeros(2).reparameterised(logVariance: zeros(3), noise: zeros(2)) },
      Refusal(
        "categoricalDivergence: shapes [2, 3] and [3] do not fit: the two must have one shape"
      ) {
        _ = try zeros(2, 3).categoricalDivergence(fromLogits: zeros(3))
      },
      Refusal("divergence: targets is -0.5: they are probabilities, at least 0") {
        _ = try zeros(1, 2).divergence(ofTargets: Tensor([1.5, -0.5], shape: [1, 2]))
      },
      Refusal(
        "entropy: shapes [2, 0] do not fit: it works along a last dimension that is not empty"
      ) {
        _ = try zeros(2, 0).entropy()
      },
      Refusal(
        "marginalBound: shapes [2, 3] and [2, 3] and [2] do not fit: logits and bounds are [N, K] "
          + "with at least one example, and the prior is [K]"
      ) { _ = try zeros(2, 3).marginalBound(of: zeros(2, 3), logPrior: zeros(2)) },
      Refusal(
        "marginalBound: shapes [0, 3] and [0, 3] do not fit: logits and bounds are [N, K] with at "
          + "least one example, and the prior is [K]"
      ) { _ = try zeros(0, 3).marginalBound(of: zeros(0, 3)) },
    ]

  private static let linearAlgebra = [
    Refusal(
      "leastSquares: shapes [2, 3] and [3, 1] do not fit: both are matrices with as many rows, at "
        + "least one, and no size is zero"
    ) { _ = try zeros(2, 3).leastSquares(zeros(3, 1)) },
    Refusal("the system of leastSquares is not finite: check what it was made from") {
      _ = try Tensor.filled(.nan, shape: [2, 2]).leastSquares(zeros(2, 1))
    },
    Refusal(
      "ridgeRegression: shapes [3, 2] and [3, 1] do not fit: the columns are linearly dependent; use "
        + "a greater penalty"
    ) { _ = try zeros(3, 2).ridgeRegression(zeros(3, 1), penalty: 0) },
    Refusal("ridgeRegression: penalty is -1.0: it must be at least 0") {
      _ = try zeros(3, 2).ridgeRegression(zeros(3, 1), penalty: -1)
    },
    Refusal(
      "singularValueDecomposition: shapes [0, 2] do not fit: it must be a matrix, and no size is zero"
    ) { _ = try zeros(0, 2).singularValueDecomposition() },
    Refusal(
      "solved: shapes [2, 3] and [2, 1] do not fit: the matrix must be square; leastSquares serves "
        + "others"
    ) { _ = try zeros(2, 3).solved(zeros(2, 1)) },
    Refusal(
      "solved: shapes [2, 2] and [2, 1] do not fit: the matrix is singular; least squares finds the "
        + "nearest answer"
    ) { _ = try zeros(2, 2).solved(zeros(2, 1)) },
    Refusal(
      "choleskySolved: shapes [1, 1] and [1, 1] do not fit: the matrix is not positive definite; add "
        + "to its diagonal"
    ) { _ = try Tensor.filled(-1, shape: [1, 1]).choleskySolved(zeros(1, 1)) },
    Refusal(
      "inverse: matrix 0 is singular: its rows depend on each other; leastSquares finds the nearest "
        + "answer"
    ) { _ = try Tensor([1, 2, 3, 4, 5, 6, 7, 8, 9], shape: [1, 3, 3]).inverse() },
    Refusal(
      "inverse: matrix 1 is singular: its rows depend on each other; leastSquares finds the nearest "
        + "answer"
    ) { _ = try Tensor([1, 0, 0, 1, 1, 1, 1, 1], shape: [2, 2, 2]).inverse() },
    Refusal(
      "determinant: shapes [0, 3, 3] do not fit: it works on a batch [..., n, n] of at least one "
        + "square matrix"
    ) { _ = try zeros(0, 3, 3).determinant() },
    Refusal("a matrix of inverse is not finite: check what it was made from") {
      _ = try Tensor.filled(.infinity, shape: [3, 3]).inverse()
    },
    Refusal(
      "matrixProducts: shapes [2, 3, 3] and [4, 3, 3] do not fit: both are batches of matrices, with "
        + "the same leading sizes"
    ) { _ = try zeros(2, 3, 3).matrixProducts(zeros(4, 3, 3)) },
    Refusal(
      "matrixProducts: shapes [2, 3, 3] and [2, 2, 3] do not fit: the inner sizes are 3 and 2; they "
        + "must be equal"
    ) { _ = try zeros(2, 3, 3).matrixProducts(zeros(2, 2, 3)) },
    Refusal(
      "nearestRotations: shapes [2, 2] do not fit: it works on a batch [..., 3, 3] of at least one "
        + "matrix"
    ) { _ = try zeros(2, 2).nearestRotations() },
    Refusal("a matrix of rotationAngles is not finite: check what it was made from") {
      _ = try Tensor.filled(.nan, shape: [3, 3]).rotationAngles()
    },
  ]
}
