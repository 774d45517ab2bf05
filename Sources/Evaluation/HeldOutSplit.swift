import Tensors

/// A tenth of each class, held out at random: at least one image of every class that has two.
struct HeldOutSplit {
  /// The places to learn from, in order.
  let kept: [Int]
  /// The places to measure on, in order.
  let held: [Int]

  init(labels: [Int], classes: Int, seed: UInt64) throws(TensorError) {
    var members = [[Int]](repeating: [], count: classes)
    for (place, label) in labels.enumerated() { members[label].append(place) }
    let generator = Generator(seed: seed).split(.evaluation)
    var held: Set<Int> = []
    for (label, places) in members.enumerated() where places.count > 1 {
      // A stream a class: its draw does not depend on how many there are of the others.
      var stream = generator.split(.sampling, label)
      for index in stream.permutation(places.count).prefix(max(1, places.count / 10)) {
        held.insert(places[index])
      }
    }
    guard !held.isEmpty else {
      throw .argument(
        operation: "probe", name: "labels", value: "\(labels.count)",
        fix: "a tenth is held out to choose the penalty; give at least two images of a class")
    }
    self.held = held.sorted()
    kept = labels.indices.filter { !held.contains($0) }
  }
}
