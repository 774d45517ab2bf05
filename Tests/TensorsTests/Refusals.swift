import Tensors
import Testing

/// A wrong call and what it answers.
struct Refusal: Sendable, CustomTestStringConvertible {
  let message: String
  let call: @Sendable () throws -> Void

  init(_ message: String, _ call: @escaping @Sendable () throws -> Void) {
    self.message = message
    self.call = call
  }

  var testDescription: String { message }
}

@Suite("A wrong call")
struct Refusals {
  @Test("is refused with the operation, the shapes and the way out", arguments: Refusal.all)
  func refusal(_ refusal: Refusal) {
    let error = #expect(throws: TensorError.self) { try refusal.call() }
    #expect(error?.description == refusal.message)
  }
}

func zeros(_ shape: Int...) -> Tensor { .zeros(shape) }

extension Refusal {
  static let all = arithmetic + movements + images + losses + spatial + numerics + chains

  static let arithmetic = ["+", "-", "*", "/"].map { name in
    Refusal(
      "\(name): shapes [2, 3] and [2] do not fit: the right one must have the left one's shape, or "
        + "that of its last dimensions, or one value; broadcast(to:) makes it so"
    ) {
      let (a, b) = (zeros(2, 3), zeros(2))
      switch name {
      case "+": _ = try a + b
      case "-": _ = try a - b
      case "*": _ = try a * b
      default: _ = try a / b
      }
    }
  }

  static let movements = [
    Refusal("Tensor: shapes [3] and [2, 2] do not fit: give 4 values for this shape") {
      _ = try Tensor([1, 2, 3], shape: [2, 2])
    },
    Refusal("item: shapes [2] do not fit: reduce it to one value first") {
      _ = try zeros(2).item()
    },
    Refusal("reshaped: shapes [2, 3] and [4] do not fit: the new sizes must multiply to 6") {
      _ = try zeros(2, 3).reshaped([4])
    },
    Refusal("reshaped: shapes [2, 3] and [-2, -3] do not fit: the new sizes must multiply to 6") {
      _ = try zeros(2, 3).reshaped([-2, -3])
    },
    Refusal("transposed: shapes [2, 3, 4] do not fit: only a matrix [rows, columns] has one") {
      _ = try zeros(2, 3, 4).transposed()
    },
    Refusal("rows: range is 1..<4: the dimension has 3 of them, counted from 0") {
      _ = try zeros(3, 2).rows(1..<4)
    },
    Refusal("rows: range is 0..<1: a scalar has none") { _ = try zeros().rows(0..<1) },
    Refusal("columns: range is -1..<2: the dimension has 2 of them, counted from 0") {
      _ = try zeros(3, 2).columns(-1..<2)
    },
    Refusal("gathered: rows is 3: there are 3 rows, counted from 0") {
      _ = try zeros(3, 2).gathered(rows: [0, 3])
    },
    Refusal("gathered: shapes [] do not fit: a scalar has no rows") {
      _ = try zeros().gathered(rows: [0])
    },
    Refusal("concatenated: tensors is []: give at least one") {
      _ = try Tensor.concatenated([], axis: 0)
    },
    Refusal("concatenated: axis is 2: name a dimension from 0 to 1") {
      _ = try Tensor.concatenated([zeros(2, 2)], axis: 2)
    },
    Refusal(
      "concatenated: shapes [2, 2] and [2, 3] do not fit: all sizes but that of dimension 0 must "
        + "agree"
    ) { _ = try Tensor.concatenated([zeros(2, 2), zeros(2, 3)], axis: 0) },
    Refusal(
      "broadcast: shapes [2] and [3] do not fit: aligned at their ends, each size must be the "
        + "target's or 1"
    ) { _ = try zeros(2).broadcast(to: [3]) },
    Refusal("sum: axes is [2]: name each dimension once, from 0 to 1") {
      _ = try zeros(2, 2).sum(axes: [2])
    },
    Refusal("mean: axes is [0, 0]: name each dimension once, from 0 to 1") {
      _ = try zeros(2, 2).mean(axes: [0, 0])
    },
    Refusal("mean: shapes [0, 2] do not fit: there is no mean of no values") {
      _ = try zeros(0, 2).mean(axes: [0])
    },
    Refusal("mean: shapes [0] do not fit: there is no mean of no values") {
      _ = try zeros(0).mean()
    },
    Refusal(
      "matrixProduct: shapes [2, 3] and [2, 3] do not fit: the inner sizes are 3 and 2; they must "
        + "be equal"
    ) { _ = try zeros(2, 3).matrixProduct(zeros(2, 3)) },
    Refusal(
      "matrixProduct: shapes [3, 2] and [4, 2] do not fit: the inner sizes are 3 and 2 after "
        + "transposing; they must be equal"
    ) {
      _ = try zeros(3, 2).matrixProduct(
        zeros(4, 2), transposingLeft: true, transposingRight: true)
    },
    Refusal("matrixProduct: shapes [2] and [2, 3] do not fit: both must be matrices") {
      _ = try zeros(2).matrixProduct(zeros(2, 3))
    },
    Refusal(
      "linear: shapes [2, 3] and [5, 4] do not fit: the weight is [out, in], and the input's last "
        + "size must be in"
    ) { _ = try zeros(2, 3).linear(weight: zeros(5, 4), bias: nil) },
    Refusal("linear: shapes [5, 3] and [3] do not fit: the bias must have the shape [5]") {
      _ = try zeros(2, 3).linear(weight: zeros(5, 3), bias: zeros(3))
    },
  ]

  static let images = [
    Refusal(
      "convolution: shapes [0, 4, 4, 1] and [2, 1, 3, 3] do not fit: the batch is empty; give at "
        + "least one image"
    ) { _ = try zeros(0, 4, 4, 1).convolution(weight: zeros(2, 1, 3, 3)) },
    Refusal(
      "convolution: shapes [1, 4, 4, 3] and [2, 1, 3, 3] do not fit: the weight takes 1 channels "
        + "and the images have 3"
    ) { _ = try zeros(1, 4, 4, 3).convolution(weight: zeros(2, 1, 3, 3)) },
    Refusal(
      "convolution: shapes [4, 4, 3] and [2, 3, 3, 3] do not fit: images are [N, H, W, C] and "
        + "weights [O, C / groups, kH, kW]"
    ) { _ = try zeros(4, 4, 3).convolution(weight: zeros(2, 3, 3, 3)) },
    Refusal(
      "convolution: shapes [1, 4, 4, 1] and [2, 1, 5, 5] do not fit: the window reaches beyond the "
        + "padded image; use a smaller window or dilation, or padding"
    ) { _ = try zeros(1, 4, 4, 1).convolution(weight: zeros(2, 1, 5, 5)) },
    Refusal(
      "convolution: shapes [1, 4, 4, 4] and [3, 2, 1, 1] do not fit: 3 outputs cannot be cut into 2 "
        + "groups"
    ) { _ = try zeros(1, 4, 4, 4).convolution(weight: zeros(3, 2, 1, 1), groups: 2) },
    Refusal(
      "convolution: shapes [2, 1, 3, 3] and [3] do not fit: the bias must have the shape [2]"
    ) { _ = try zeros(1, 4, 4, 1).convolution(weight: zeros(2, 1, 3, 3), bias: zeros(3)) },
    Refusal("convolution: stride is 0: it must be at least 1") {
      _ = try zeros(1, 4, 4, 1).convolution(weight: zeros(2, 1, 3, 3), stride: 0)
    },
    Refusal("convolution: padding is -1: it must be at least 0") {
      _ = try zeros(1, 4, 4, 1).convolution(weight: zeros(2, 1, 3, 3), padding: -1)
    },
    Refusal(
      "batchNormalised: shapes [0, 4] do not fit: the batch is empty; give at least one image"
    ) { _ = try zeros(0, 4).batchNormalised(scale: zeros(4), shift: zeros(4)) },
    Refusal("batchNormalised: shapes [4] do not fit: the input must be [N, ..., C]") {
      _ = try zeros(4).batchNormalised(scale: zeros(4), shift: zeros(4))
    },
    Refusal(
      "batchNormalised: shapes [2, 4] and [3] do not fit: shift must have the shape [4]"
    ) { _ = try zeros(2, 4).batchNormalised(scale: zeros(4), shift: zeros(3)) },
    Refusal(
      "batchNormalised: branches is 2: a batch of 3 cannot be cut into so many equal parts"
    ) { _ = try zeros(3, 4).batchNormalised(scale: zeros(4), shift: zeros(4), branches: 2) },
    Refusal("normalised: shapes [2, 4] and [5] do not fit: variance must have the shape [4]") {
      _ = try zeros(2, 4).normalised(
        mean: zeros(4), variance: zeros(5), scale: zeros(4), shift: zeros(4))
    },
    Refusal("maximumPooled: shapes [4, 4] do not fit: images are [N, H, W, C]") {
      _ = try zeros(4, 4).maximumPooled(window: 2, stride: 2)
    },
    Refusal(
      "averagePooled: shapes [0, 4, 4, 1] do not fit: the batch is empty; give at least one image"
    ) { _ = try zeros(0, 4, 4, 1).averagePooled(window: 2, stride: 2) },
    Refusal("averagePooled: window is 0: it must be at least 1") {
      _ = try zeros(1, 4, 4, 1).averagePooled(window: 0, stride: 2)
    },
    Refusal(
      "maximumPooled: padding is 2: it must be from 0 to 1, so that every window meets the image"
    ) { _ = try zeros(1, 4, 4, 1).maximumPooled(window: 2, stride: 2, padding: 2) },
    Refusal(
      "maximumPooled: shapes [1, 2, 2, 1] do not fit: a window of 3 is larger than the padded image"
    ) { _ = try zeros(1, 2, 2, 1).maximumPooled(window: 3, stride: 2) },
    Refusal("globallyAveraged: shapes [2, 3] do not fit: images are [N, H, W, C]") {
      _ = try zeros(2, 3).globallyAveraged()
    },
    Refusal(
      "globallyAveraged: shapes [0, 2, 2, 3] do not fit: the batch is empty; give at least one "
        + "image"
    ) { _ = try zeros(0, 2, 2, 3).globallyAveraged() },
  ]

  static let losses =
    ["softmax", "logSoftmax", "argumentOfMaximum"].map { name in
      Refusal(
        "\(name): shapes [2, 0] do not fit: it works along a last dimension that is not empty"
      ) {
        switch name {
        case "softmax": _ = try zeros(2, 0).softmax()
        case "logSoftmax": _ = try zeros(2, 0).logSoftmax()
        default: _ = try zeros(2, 0).argumentOfMaximum()
        }
      }
    } + [
      Refusal(
        "crossEntropy: shapes [2, 3] and [1] do not fit: give one label a row, and at least one row"
      ) { _ = try zeros(2, 3).crossEntropy(labels: [1]) },
      Refusal("crossEntropy: labels is 3: there are 3 classes, counted from 0") {
        _ = try zeros(2, 3).crossEntropy(labels: [1, 3])
      },
      Refusal("meanSquaredError: shapes [2, 3] and [3] do not fit: both must have one shape") {
        _ = try zeros(2, 3).meanSquaredError(zeros(3))
      },
      Refusal("symmetricEigen: shapes [2, 3] do not fit: the matrix must be square") {
        _ = try zeros(2, 3).symmetricEigen()
      },
      Refusal(
        "the matrix of symmetricEigen is not finite: check what it was made from"
      ) { _ = try Tensor.filled(.nan, shape: [2, 2]).symmetricEigen() },
      Refusal(
        "gradients: the loss must be a single value computed from a tensor that this tape watches"
      ) { _ = try Tape().gradients(of: zeros()) },
      Refusal("+: its inputs are on two tapes; use one tape a forward pass") {
        let (first, second) = (Tape(), Tape())
        _ = try first.watch(zeros(2)) + second.watch(zeros(2))
      },
    ]
}
