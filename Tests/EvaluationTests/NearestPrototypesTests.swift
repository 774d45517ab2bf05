import Evaluation
import Tensors
import Testing

@Suite struct NearestPrototypesTests {
  private let names = ["a", "b"]

  @Test func classesAreTheMeansOfTheirImages() throws {
    let features = try Tensor([0, 0, 2, 0, 10, 10, 12, 14, 4, 3], shape: [5, 2])
    let classifier = try NearestPrototypes(
      features: features, labels: [0, 0, 1, 1, 0], classNames: names)
    #expect(classifier.prototypes.scalars == [2, 1, 11, 12] && classifier.counts == [3, 2])
    // The middle is at x + 11/9 y = 14.44; equals go to the lower class.
    #expect(try classifier.classify(Tensor([6, 6, 7, 7, 6.5, 6.5], shape: [3, 2])) == [0, 1, 0])
    let first = try NearestPrototypes(
      features: features, labels: [0, 0, 1, 1, 0], classNames: names, most: 1)
    #expect(first.prototypes.scalars == [0, 0, 10, 10])
  }

  @Test func someAreChosenAtRandom() throws {
    var generator = Generator(seed: 1)
    let features = Tensor.normal([200, 3], deviation: 1, using: &generator)
    let labels = (0..<200).map { $0 % 2 }
    func means(_ seed: UInt64, _ most: Int) throws -> [Float] {
      try NearestPrototypes(
        features: features, labels: labels, classNames: names, most: most,
        using: Generator(seed: seed)
      ).prototypes.scalars
    }
    #expect(try means(1, 5) == means(1, 5) && means(1, 5) != means(2, 5))
    let all = try means(1, 100)
    #expect(zip(all, try means(2, 100)).allSatisfy { abs($0 - $1) < 1e-5 })
  }

  @Test func whatDoesNotFitIsRefused() throws {
    let features = Tensor.zeros([2, 2])
    #expect(throws: TensorError.self) {
      try NearestPrototypes(features: features, labels: [0], classNames: names)
    }
    #expect(throws: TensorError.self) {
      try NearestPrototypes(features: features, labels: [0, 0], classNames: names)
    }
    #expect(throws: TensorError.self) {
      try NearestPrototypes(features: features, labels: [0, 1], classNames: names, most: 0)
    }
    #expect(throws: TensorError.self) {
      try NearestPrototypes(
        features: .filled(.nan, shape: [2, 2]), labels: [0, 1], classNames: names)
    }
  }
}
