import Tensors
import Training

/// Images in memory, with classes that take turns or with a few labelled images beside them.
struct LabelledStock: BatchSource {
  /// The images whose classes are known.
  private struct Known: LabelledImages {
    let images: Tensor
    let members: [[Int]]
    func images(at places: [Int]) throws(TensorError) -> Tensor {
      try images.gathered(rows: places)
    }
  }

  private let all: Tensor
  private let known: Known
  let labels: [Int]?

  /// Images whose classes are known, or those of `few` alone.
  init(_ images: Tensor, few: Tensor? = nil, classes: Int) {
    all = images
    labels = few == nil ? (0..<images.shape[0]).map { $0 % classes } : nil
    let labelled = few ?? images
    known = Known(
      images: labelled,
      members: (0..<classes).map { Array(stride(from: $0, to: labelled.shape[0], by: classes)) })
  }

  var count: Int { all.shape[0] }
  var labelled: (any LabelledImages)? { known }
  func images(at places: [Int]) throws -> Tensor { try all.gathered(rows: places) }
}
