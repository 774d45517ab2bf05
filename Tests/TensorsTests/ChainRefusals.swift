import Tensors

extension Refusal {
  private static func unit(
    _ weight: [Int], scale: Int? = nil, path: String = "blocks.0.0"
  ) -> ChainUnit {
    ChainUnit(
      weight: .zeros(weight), scale: .zeros([scale ?? weight[0]]), shift: .zeros([weight[0]]),
      padding: 1, path: path)
  }

  static let chains = [
    Refusal(
      "convolutionChain: branches is 2: images are [N, H, W, C], and N must divide into equal parts"
    ) { _ = try zeros(3, 4, 4, 1).convolutionChain([unit([2, 1, 3, 3])], branches: 2) },
    Refusal(
      "convolutionChain: branches is 0: images are [N, H, W, C], and N must divide into equal parts"
    ) { _ = try zeros(3, 4, 4, 1).convolutionChain([unit([2, 1, 3, 3])], branches: 0) },
    Refusal(
      "convolutionChain: branches is 1: images are [N, H, W, C], and N must divide into equal parts"
    ) { _ = try zeros(4, 4, 1).convolutionChain([unit([2, 1, 3, 3])]) },
    Refusal(
      "convolutionChain: shapes [1, 4, 4, 1] do not fit: give at least one unit, and images at least "
        + "as large as the pooling's window"
    ) { _ = try zeros(1, 4, 4, 1).convolutionChain([]) },
    Refusal(
      "convolutionChain: shapes [1, 2, 2, 2] do not fit: give at least one unit, and images at least "
        + "as large as the pooling's window"
    ) {
      _ = try zeros(1, 2, 2, 1).convolutionChain(
        [unit([2, 1, 3, 3])], pooling: .maximum(window: 3, stride: 1, padding: 0))
    },
    Refusal(
      "in blocks.0.0: convolution: shapes [0, 4, 4, 1] and [2, 1, 3, 3] do not fit: the batch is empty; "
        + "give at least one image"
    ) { _ = try zeros(0, 4, 4, 1).convolutionChain([unit([2, 1, 3, 3])]) },
    Refusal(
      "in blocks.0.1: convolution: shapes [1, 4, 4, 2] and [2, 3, 3, 3] do not fit: the weight takes 3 "
        + "channels and the images have 2"
    ) {
      _ = try zeros(1, 4, 4, 1).convolutionChain([
        unit([2, 1, 3, 3]), unit([2, 3, 3, 3], path: "blocks.0.1"),
      ])
    },
    Refusal(
      "in blocks.0.0: batchNormalised: shapes [1, 4, 4, 1] and [3] do not fit: scale and shift must have "
        + "the shape [2]"
    ) { _ = try zeros(1, 4, 4, 1).convolutionChain([unit([2, 1, 3, 3], scale: 3)]) },
  ]
}
