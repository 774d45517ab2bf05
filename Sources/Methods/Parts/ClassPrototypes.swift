public import Layers
import Tensors
import Training

/// One vector for each class: the mean of the features of labelled images, kept with the model.
///
/// Buffers, so that a checkpoint carries them and a loaded model knows its classes without the data.
public struct ClassPrototypes: Module {
  /// The mean features, `[classes, D]`; zeros until there are some.
  public let mean: Parameter
  /// The number of images behind each, `[classes]`.
  public let count: Parameter

  /// Images of a class that are averaged at most.
  static let most = 1000

  init(classes: Int, dimension: Int) {
    mean = Parameter(.zeros([classes, dimension]), isTrainable: false)
    count = Parameter(.zeros([classes]), isTrainable: false)
  }

  /// The prototypes, `[classes, D]`; `nil` before every class has one.
  var value: Tensor? {
    count.value.withUnsafeScalars { $0.allSatisfy { $0 >= 1 } } ? mean.value : nil
  }

  /// Takes the mean of `features` over the first images of each class, 1000 at most.
  func refresh(
    from labelled: any LabelledImages, _ features: (Tensor) throws(TensorError) -> Tensor
  ) throws(TensorError) {
    var rows: [Tensor] = []
    var counts: [Float] = []
    for places in labelled.members {
      let chosen = Array(places.prefix(Self.most))
      counts.append(Float(chosen.count))
      var sum = Tensor.zeros([1, mean.shape[1]])
      for start in stride(from: 0, to: chosen.count, by: 250) {
        let part = Array(chosen[start..<min(start + 250, chosen.count)])
        sum = try sum + features(labelled.images(at: part)).sum(axes: [0])
      }
      rows.append(try sum / Float(max(1, chosen.count)))
    }
    let means = try Tensor.concatenated(rows, axis: 0)
    try mean.assign(means)
    try count.assign(Tensor(counts, shape: [counts.count]))
  }
}
