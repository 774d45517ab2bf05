import CellLanguage
import Datasets
import Evaluation

/// The class whose mean feature is nearest: the rule without parameters of EquiVAE and of prototypical networks.
struct PrototypeMeasurement: Measurement {
  /// The images of a class that are averaged at most.
  let most: Int

  var word: String { "prototypes" }
  var text: String {
    "nearest mean feature, of the first \(Written.count(most)) training images of a class at most, "
      + "Euclidean distance"
  }
  var reading: String { "averaged over the image" }
  var seed: UInt64? { nil }
  var title: String { "nearest prototype accuracy" }

  func measure(
    _ subject: Subject, train: ImageSet, test: ImageSet, in context: CellContext
  ) throws -> Measured {
    let needed = try train.beginning(withEachClass: most)
    let classifier = try NearestPrototypes(
      features: subject.features(of: needed, in: context), labels: needed.labels,
      classNames: needed.classNames, most: most)
    return Measured(answers: try classifier.classify(subject.features(of: test, in: context)))
  }
}

extension ImageSet {
  /// The shortest beginning that has `most` images of each class, or all that there are: no more need be
  /// encoded.
  func beginning(withEachClass most: Int) throws -> ImageSet {
    var counts = [Int](repeating: 0, count: classNames.count)
    var end = 0
    for (place, label) in labels.enumerated() where counts[label] < most {
      counts[label] += 1
      end = place + 1
    }
    return try first(end)
  }
}
