import Tensors

private func zeros(_ shape: Int...) -> Tensor { .zeros(shape) }

extension Refusal {
  static let spatial = transposedConvolutions

  static let transposedConvolutions = [
    Refusal(
      "transposedConvolution: shapes [0, 4, 4, 1] and [1, 2, 3, 3] do not fit: the batch is empty; "
        + "give at least one image"
    ) { _ = try zeros(0, 4, 4, 1).transposedConvolution(weight: zeros(1, 2, 3, 3)) },
    Refusal(
      "transposedConvolution: shapes [1, 4, 4, 3] and [2, 1, 3, 3] do not fit: the weight takes 2 "
        + "channels and the images have 3"
    ) { _ = try zeros(1, 4, 4, 3).transposedConvolution(weight: zeros(2, 1, 3, 3)) },
    Refusal(
      "transposedConvolution: shapes [4, 4, 3] and [3, 1, 3, 3] do not fit: images are "
        + "[N, H, W, C] and weights [I, O / groups, kH, kW]"
    ) { _ = try zeros(4, 4, 3).transposedConvolution(weight: zeros(3, 1, 3, 3)) },
    Refusal(
      "transposedConvolution: shapes [1, 4, 4, 3] and [3, 1, 3, 3] do not fit: 3 channels cannot "
        + "be cut into 2 groups"
    ) { _ = try zeros(1, 4, 4, 3).transposedConvolution(weight: zeros(3, 1, 3, 3), groups: 2) },
    Refusal(
      "transposedConvolution: shapes [1, 1, 2, 1] and [1, 1, 1, 1] do not fit: a padding of 1 "
        + "leaves nothing of the image; use a smaller one"
    ) { _ = try zeros(1, 1, 2, 1).transposedConvolution(weight: zeros(1, 1, 1, 1), padding: 1) },
    Refusal(
      "transposedConvolution: shapes [1, 2, 3, 3] and [3] do not fit: the bias must have the shape "
        + "[2]"
    ) {
      _ = try zeros(1, 4, 4, 1).transposedConvolution(weight: zeros(1, 2, 3, 3), bias: zeros(3))
    },
    Refusal("transposedConvolution: dilation is 0: it must be at least 1") {
      _ = try zeros(1, 4, 4, 1).transposedConvolution(weight: zeros(1, 2, 3, 3), dilation: 0)
    },
    Refusal(
      "transposedConvolution: outputPadding is 2: it must be from 0 to 1, below the stride"
    ) {
      _ = try zeros(1, 4, 4, 1).transposedConvolution(
        weight: zeros(1, 2, 3, 3), stride: 2, outputPadding: 2)
    },
  ]
}
