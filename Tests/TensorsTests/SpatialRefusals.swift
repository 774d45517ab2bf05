import Tensors

extension Refusal {
  static let spatial =
    transposedConvolutions + groupNormalisations + pixelMovements + grids + thinPlateGrids

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

  static let groupNormalisations = [
    Refusal("groupNormalised: groups is 3: 4 channels cannot be cut into so many equal parts") {
      _ = try zeros(1, 2, 2, 4).groupNormalised(groups: 3, scale: zeros(4), shift: zeros(4))
    },
    Refusal("groupNormalised: groups is 0: 4 channels cannot be cut into so many equal parts") {
      _ = try zeros(1, 2, 2, 4).groupNormalised(groups: 0, scale: zeros(4), shift: zeros(4))
    },
    Refusal(
      "groupNormalised: shapes [0, 2, 2, 4] do not fit: the batch is empty; give at least one image"
    ) { _ = try zeros(0, 2, 2, 4).groupNormalised(groups: 2, scale: zeros(4), shift: zeros(4)) },
    Refusal("groupNormalised: shapes [4] do not fit: the input must be [N, ..., C]") {
      _ = try zeros(4).groupNormalised(groups: 2, scale: zeros(4), shift: zeros(4))
    },
    Refusal("layerNormalised: shapes [3, 4] and [3] do not fit: shift must have the shape [4]") {
      _ = try zeros(3, 4).layerNormalised(scale: zeros(4), shift: zeros(3))
    },
    Refusal("layerNormalised: shapes [] do not fit: the input must be [..., C]") {
      _ = try zeros().layerNormalised(scale: zeros(1), shift: zeros(1))
    },
  ]

  static let pixelMovements = [
    Refusal("upsampled: factor is 0: it must be at least 1") {
      _ = try zeros(1, 2, 2, 1).upsampled(by: 0)
    },
    Refusal(
      "upsampled: shapes [0, 2, 2, 1] do not fit: the batch is empty; give at least one image"
    ) { _ = try zeros(0, 2, 2, 1).upsampled(by: 2) },
    Refusal("padded: shapes [2, 2] do not fit: images are [N, H, W, C]") {
      _ = try zeros(2, 2).padded(top: 1)
    },
    Refusal("padded: left is -1: it must be at least 0; cropped(rows:columns:) takes pixels away") {
      _ = try zeros(1, 2, 2, 1).padded(left: -1)
    },
    Refusal("padded: bottom is 3: mirroring fills at most 2 pixels of images with 3") {
      _ = try zeros(1, 3, 4, 1).padded(bottom: 3, mode: .reflect)
    },
    Refusal(
      "cropped: rows is 1..<4: the images have 3 of them, counted from 0; keep at least one"
    ) { _ = try zeros(1, 3, 4, 1).cropped(rows: 1..<4, columns: 0..<4) },
    Refusal(
      "cropped: columns is 2..<2: the images have 4 of them, counted from 0; keep at least one"
    ) { _ = try zeros(1, 3, 4, 1).cropped(rows: 0..<3, columns: 2..<2) },
    Refusal("shifted: shapes [0, 2, 2, 1] do not fit: the batch is empty; give at least one image")
    {
      _ = try zeros(0, 2, 2, 1).shifted(down: 1)
    },
    Refusal("sliced: axis is 2: name a dimension from 0 to 1") {
      _ = try zeros(2, 2).sliced(axis: 2, range: 0..<1)
    },
    Refusal("sliced: axis is 0: a scalar has none") {
      _ = try zeros().sliced(axis: 0, range: 0..<1)
    },
    Refusal("sliced: range is 1..<3: dimension 1 has 2 of them, counted from 0") {
      _ = try zeros(3, 2).sliced(axis: 1, range: 1..<3)
    },
    Refusal("sliced: stride is 0: it must be at least 1") {
      _ = try zeros(3, 2).sliced(axis: 1, range: 0..<2, stride: 0)
    },
  ]

  static let grids = [
    Refusal(
      "gridSampled: shapes [2, 3, 3, 1] and [1, 3, 3, 2] do not fit: the grid must be "
        + "[2, height, width, 2]"
    ) { _ = try zeros(2, 3, 3, 1).gridSampled(zeros(1, 3, 3, 2)) },
    Refusal(
      "gridSampled: shapes [2, 3, 3, 1] and [2, 0, 3, 2] do not fit: the grid has no positions"
    ) { _ = try zeros(2, 3, 3, 1).gridSampled(zeros(2, 0, 3, 2)) },
    Refusal(
      "gridSampled: shapes [0, 3, 3, 1] do not fit: the batch is empty; give at least one image"
    ) { _ = try zeros(0, 3, 3, 1).gridSampled(zeros(0, 3, 3, 2)) },
    Refusal("homographyGrid: shapes [2, 9] do not fit: matrices are [N, 3, 3]") {
      _ = try zeros(2, 9).homographyGrid(height: 2, width: 2)
    },
    Refusal(
      "homographyGrid: shapes [0, 3, 3] do not fit: the batch is empty; give at least one matrix"
    ) { _ = try zeros(0, 3, 3).homographyGrid(height: 2, width: 2) },
    Refusal("homographyGrid: width is 0: it must be at least 1") {
      _ = try zeros(1, 3, 3).homographyGrid(height: 2, width: 0)
    },
  ]

  static let thinPlateGrids = [
    Refusal(
      "thinPlateGrid: shapes [1, 4, 2] and [3, 2] do not fit: displacements are [N, K, 2] and control "
        + "points [K, 2], at least three"
    ) { _ = try thinPlate(zeros(1, 4, 2), [0, 0, 1, 0, 0, 1]) },
    Refusal(
      "thinPlateGrid: shapes [1, 2, 2] and [2, 2] do not fit: displacements are [N, K, 2] and control "
        + "points [K, 2], at least three"
    ) { _ = try thinPlate(zeros(1, 2, 2), [0, 0, 1, 0]) },
    Refusal(
      "thinPlateGrid: shapes [0, 3, 2] and [3, 2] do not fit: the batch is empty; give the "
        + "displacements of at least one image"
    ) { _ = try thinPlate(zeros(0, 3, 2), [0, 0, 1, 0, 0, 1]) },
    Refusal("thinPlateGrid: height is 0: it must be at least 1") {
      _ = try thinPlate(zeros(1, 3, 2), [0, 0, 1, 0, 0, 1], height: 0)
    },
    Refusal(
      "a control point of thinPlateGrid is not finite: check what they were made from"
    ) { _ = try thinPlate(zeros(1, 3, 2), [0, 0, .infinity, 0, 0, 1]) },
    Refusal(
      "thinPlateGrid: shapes [1, 4, 2] and [4, 2] do not fit: control points 1 and 3 coincide; keep "
        + "them apart"
    ) { _ = try thinPlate(zeros(1, 4, 2), [0, 0, 1, 0, 0, 1, 1, 1e-6]) },
    Refusal(
      "thinPlateGrid: shapes [1, 4, 2] and [4, 2] do not fit: the control points are on one line; "
        + "take three that are not"
    ) { _ = try thinPlate(zeros(1, 4, 2), [0.1, 0.2, 0.2, 0.3, 0.4, 0.5, 0.7, 0.8]) },
  ]

  private static func thinPlate(
    _ displacements: Tensor, _ points: [Float], height: Int = 2
  ) throws -> Tensor {
    try displacements.thinPlateGrid(
      controlPoints: Tensor(points, shape: [points.count / 2, 2]), height: height, width: 3)
  }
}
