import Foundation
import Tensors
import Testing

@testable import Evaluation

@Suite struct NearestNeighboursTests {
  @Test(arguments: [1, 3, 17, 60])
  func agreesWithALoop(k: Int) throws {
    var generator = Generator(seed: 2)
    let train = Tensor.normal([60, 5], using: &generator)
    let test = Tensor.normal([300, 5], using: &generator)
    let labels = (0..<60).map { $0 % 4 }
    let classifier = try NearestNeighbours(features: train, labels: labels, neighbours: k)
    let got = try classifier.classify(test)
    let (a, b) = (train.scalars.map(Double.init), test.scalars.map(Double.init))
    func row(_ values: [Double], _ index: Int) -> [Double] {
      let row = Array(values[index * 5..<index * 5 + 5])
      let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return row.map { $0 / length }
    }
    for query in 0..<300 {
      let similarities = (0..<60).map { i in
        zip(row(b, query), row(a, i)).reduce(0) { $0 + $1.0 * $1.1 }
      }
      let nearest = (0..<60).sorted { similarities[$0] > similarities[$1] }.prefix(k)
      var votes = [Double](repeating: 0, count: 4)
      for i in nearest { votes[labels[i]] += exp(similarities[i] / 0.07) }
      let winner = votes.indices.max { votes[$0] < votes[$1] }
      #expect(got[query] == winner)
    }
  }

  @Test func oneSearchServesAllVotes() throws {
    let (train, labels) = try clouds(90, width: 4, classes: 5, spread: 3, seed: 11)
    let (test, _) = try clouds(120, width: 4, classes: 5, spread: 3, seed: 11)
    let votes = [1, 3, 5, 10, 15, 20].map { NearestNeighbours.Vote(neighbours: $0) }
    let winners = try NearestNeighbours(features: train, labels: labels, votes: votes)
      .winners(for: test)
    let (a, b) = (train.rowsOfLengthOne.scalars, test.rowsOfLengthOne.scalars)
    for query in 0..<120 {
      let cosines = (0..<90).map { i in
        (0..<4).reduce(Float(0)) { $0 + a[i * 4 + $1] * b[query * 4 + $1] }
      }
      let nearest = (0..<90).sorted { cosines[$0] > cosines[$1] }
      for (vote, found) in zip(votes, winners) {
        var counts = [Int](repeating: 0, count: 5)
        let voters = nearest.prefix(vote.neighbours)
        for i in voters { counts[labels[i]] += 1 }
        let most = counts.max() ?? 0
        // Of classes with equal votes, that of the nearer neighbour.
        let winner = voters.first { counts[labels[$0]] == most }.map { labels[$0] }
        #expect(found[query] == winner)
      }
    }
    #expect(
      try NearestNeighbours(features: train, labels: labels, votes: [votes[2]]).classify(test)
        == winners[2])
  }

  @Test func lengthOfFeaturesDoesNotMatter() throws {
    var generator = Generator(seed: 3)
    let train = Tensor.normal([40, 4], using: &generator)
    let test = Tensor.normal([20, 4], using: &generator)
    let labels = (0..<40).map { $0 % 3 }
    let one = try NearestNeighbours(features: train, labels: labels, neighbours: 5)
    let two = try NearestNeighbours(features: try train * 7, labels: labels, neighbours: 5)
    #expect(try one.classify(test) == two.classify(try test * 0.3))
  }

  @Test func smallTemperaturesKeepTheirVotes() throws {
    let classifier = try NearestNeighbours(
      features: try Tensor([1, 0, 0, 1], shape: [2, 2]), labels: [1, 2], neighbours: 2,
      temperature: 0.001)
    #expect(try classifier.classify(try Tensor([1, 0.9, 0.9, 1], shape: [2, 2])) == [1, 2])
  }

  @Test func featuresThatAreNotFiniteAreRefused() throws {
    let features = try Tensor([1, 0, .nan, 1], shape: [2, 2])
    #expect(throws: TensorError.self) {
      try NearestNeighbours(features: features, labels: [0, 1], neighbours: 1)
    }
  }

  @Test func refusesWhatCannotBe() throws {
    let features = Tensor.filled(1, shape: [4, 2])
    #expect(throws: TensorError.self) {
      try NearestNeighbours(features: features, labels: [0, 1], neighbours: 1)
    }
    #expect(throws: TensorError.self) {
      try NearestNeighbours(features: features, labels: [0, 1, 0, 1], neighbours: 5)
    }
    #expect(throws: TensorError.self) {
      try NearestNeighbours(features: features, labels: [0, 1, 0, 1], votes: [])
    }
  }

  @Test func intervalCoversTheShare() {
    let score = Score(name: "accuracy", right: 81, count: 100, protocolText: "")
    // Wilson's interval for 81 of 100, from the closed form.
    #expect(abs(score.interval.lowerBound - 0.7222) < 5e-4)
    #expect(abs(score.interval.upperBound - 0.8749) < 5e-4)
    #expect(Score(name: "", right: 0, count: 9, protocolText: "").interval.lowerBound == 0)
  }
}

@Suite struct PrincipalComponentsTests {
  @Test func findsTheAxesOfAStretchedCloud() throws {
    var generator = Generator(seed: 5)
    let cloud = Tensor.normal([4000, 3], using: &generator).scalars
    // Deviations 5, 2, 0.5 along (0.6, 0.8, 0), (−0.8, 0.6, 0) and the third axis, around (1, 2, 3).
    var values: [Float] = []
    for i in stride(from: 0, to: cloud.count, by: 3) {
      let (a, b, c) = (5 * cloud[i], 2 * cloud[i + 1], 0.5 * cloud[i + 2])
      values += [1 + 0.6 * a - 0.8 * b, 2 + 0.8 * a + 0.6 * b, 3 + c]
    }
    let features = try Tensor(values, shape: [4000, 3])
    let components = try PrincipalComponents(of: features, components: 2)
    let directions = components.directions.scalars
    #expect(abs(directions[0] - 0.6) < 0.03 && abs(directions[1] - 0.8) < 0.03)
    #expect(abs(components.explained[0] - 25 / 29.25) < 0.02)
    let projected = try components.project(features)
    let means = try projected.mean(axes: [0]).scalars
    #expect(means.allSatisfy { abs($0) < 1e-3 })
    let spread = try projected.squared().mean(axes: [0]).scalars
    #expect(abs(spread[0] - 25) < 1.5 && abs(spread[1] - 4) < 0.3)
  }

  @Test func signsAreFixed() throws {
    var generator = Generator(seed: 6)
    let features = Tensor.normal([50, 4], using: &generator)
    let one = try PrincipalComponents(of: features).directions.scalars
    let two = try PrincipalComponents(of: try features * -1).directions.scalars
    #expect(zip(one, two).allSatisfy { abs($0 - $1) < 1e-4 })
  }
}
