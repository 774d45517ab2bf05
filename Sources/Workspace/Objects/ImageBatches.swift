import Datasets
import Tensors
import Training

/// A set of images as the training loop draws from it.
struct ImageBatches: BatchSource {
  let images: ImageSet
  let labels: [Int]?
  let labelled: (any LabelledImages)?

  /// All labels are known, or those of `labelled` alone.
  init(_ images: ImageSet, labelled: ImageSet? = nil) {
    self.images = images
    labels = labelled == nil ? images.labels : nil
    self.labelled = ImagesByClass(labelled ?? images)
  }

  var count: Int { images.count }
  func images(at places: [Int]) throws -> Tensor { try images.tensor(at: places) }
}

/// Labelled images, found by class.
struct ImagesByClass: LabelledImages {
  private let images: ImageSet
  let members: [[Int]]

  init(_ images: ImageSet) {
    self.images = images
    var members = [[Int]](repeating: [], count: images.classNames.count)
    for (place, label) in images.labels.enumerated() { members[label].append(place) }
    self.members = members
  }

  func images(at places: [Int]) throws(TensorError) -> Tensor {
    do {
      return try images.tensor(at: places)
    } catch {
      throw .argument(
        operation: "train", name: "labelled", value: "\(places)", fix: "\(error)")
    }
  }
}
