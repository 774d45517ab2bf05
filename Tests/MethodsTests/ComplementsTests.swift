import Layers
import Tensors
import Testing
import Training

@testable import Methods

@Suite("Complements are of the class of an image and never the image itself")
struct ComplementsTests {
  private func complements(
    _ hypotheses: [EquiVAE.Hypothesis], of images: Tensor, count: Int, from source: Bars,
    seed: UInt64
  ) throws -> EquiVAE.Complements {
    try EquiVAE.Complements(
      hypotheses, of: images, count: count, from: source.known, using: Generator(seed: seed))
  }

  private func rows(_ tensor: Tensor) -> [[Float]] {
    let (values, width) = (tensor.scalars, tensor.count / max(1, tensor.shape[0]))
    return (0..<tensor.shape[0]).map { Array(values[$0 * width..<($0 + 1) * width]) }
  }

  @Test("whatever m and however few there are", arguments: [1, 2, 5, 9], [6, 9, 60])
  func neverItself(count: Int, images: Int) throws {
    let source = Bars(images)
    let all = Array(0..<images)
    let hypotheses = all.map { EquiVAE.Hypothesis(image: $0, label: $0 % 3) }
    for seed in 1...5 as ClosedRange<UInt64> {
      let found = try complements(
        hypotheses, of: source.all, count: count, from: source, seed: seed)
      let (own, seen, routing) = (rows(source.all), rows(found.images), rows(found.routing))
      let m = min(count, images / 3 - 1)
      for hypothesis in hypotheses {
        let weights = routing[found.rows[hypothesis.image]]
        let used = weights.indices.filter { weights[$0] != 0 }
        #expect(used.count == m && used.allSatisfy { abs(weights[$0] - 1 / Float(m)) < 1e-6 })
        for column in used {
          let place = try #require(own.firstIndex(of: seen[column]))
          #expect(place != hypothesis.image && place % 3 == hypothesis.label)
        }
        #expect(Set(used.map { seen[$0] }).count == m)
      }
    }
  }

  @Test("so r does not depend on the image that it is for")
  func independent() throws {
    let model = try EquiVAETests.model()
    let source = Bars(9)
    let labels = try #require(source.labels)
    let hypotheses = (0..<9).map { EquiVAE.Hypothesis(image: $0, label: $0 % 3) }
    /// The r of every image.
    func means(_ source: Bars) throws -> [[Float]] {
      // All but one of each class: every image is drawn for others.
      let found = try complements(hypotheses, of: source.all, count: 7, from: source, seed: 4)
      let r = try found.routing.matrixProduct(model.invariantLatents(of: found.images))
      return rows(try r.gathered(rows: found.rows))
    }
    let before = try means(source)
    for place in 0..<9 {
      var images = source.all
      images.update { values in
        for pixel in place * 64..<(place + 1) * 64 { values[pixel] = 1 - values[pixel] }
      }
      let after = try means(Bars(images, labels: labels))
      #expect(after[place] == before[place])
      for other in 0..<9 where other != place {
        #expect((after[other] != before[other]) == (other % 3 == place % 3), "\(place), \(other)")
      }
    }
  }

  @Test("also where an unlabelled image is among the labelled ones")
  func unlabelled() throws {
    let source = Bars(30)
    // Each image of the batch under every class.
    let images = try source.all.rows(0..<6)
    let hypotheses = (0..<6).flatMap { image in
      (0..<3).map { EquiVAE.Hypothesis(image: image, label: $0) }
    }
    let found = try complements(hypotheses, of: images, count: 7, from: source, seed: 2)
    let (own, seen, routing) = (rows(images), rows(found.images), rows(found.routing))
    var sets = Set<Int>()
    for (place, hypothesis) in hypotheses.enumerated() {
      let used = routing[found.rows[place]].indices.filter {
        routing[found.rows[place]][$0] != 0
      }
      #expect(used.count == 7 && !used.contains { seen[$0] == own[hypothesis.image] })
      if hypothesis.label != hypothesis.image % 3 { sets.insert(found.rows[place]) }
    }
    // Under other classes than their own, all share the one set of the class.
    #expect(sets.count == 3)
  }

  @Test("nor a copy of it")
  func copies() throws {
    // Two images of the first class are the same.
    let source = Bars(9)
    var images = source.all
    let first = try images.rows(0..<1).scalars
    images.update { for pixel in 0..<64 { $0[3 * 64 + pixel] = first[pixel] } }
    let doubled = Bars(images, labels: try #require(source.labels))
    let hypothesis = [EquiVAE.Hypothesis(image: 0, label: 0)]
    for seed in 1...8 as ClosedRange<UInt64> {
      let found = try complements(hypothesis, of: images, count: 2, from: doubled, seed: seed)
      let (seen, weights) = (rows(found.images), found.routing.scalars)
      #expect(weights.indices.filter { weights[$0] != 0 }.allSatisfy { seen[$0] != first })
    }
    // Where a class has nothing else, there is no r.
    images.update { for pixel in 0..<64 { $0[6 * 64 + pixel] = first[pixel] } }
    let tripled = Bars(images, labels: try #require(source.labels))
    #expect(throws: TensorError.self) {
      try complements(hypothesis, of: images, count: 2, from: tripled, seed: 1)
    }
  }

  @Test("drawn uniformly")
  func uniform() throws {
    let source = Bars(30)
    let own = rows(source.all)
    let probe = bars(1, seed: 77)
    var counts = [Int](repeating: 0, count: 30)
    for seed in 0..<600 as Range<UInt64> {
      let found = try complements(
        [.init(image: 0, label: 1)], of: probe, count: 3, from: source, seed: seed)
      for image in rows(found.images) { counts[try #require(own.firstIndex(of: image))] += 1 }
    }
    // 600 · 3 / 10 each; five standard deviations are 56.
    for place in 0..<30 {
      #expect(place % 3 == 1 ? abs(counts[place] - 180) < 56 : counts[place] == 0)
    }
  }
}
