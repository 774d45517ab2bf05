import Foundation
import Tensors
import Testing

@Suite("Every operation")
struct OperationLaws {
  @Test("has the value of plain loops", arguments: Law.tested)
  func value(_ law: Law) throws {
    let inputs = law.inputs(seed: 1)
    let output = try law.operation(inputs)
    let expected = law.reference(inputs.map(Naive.init))
    #expect(output.shape == expected.shape)
    #expect(distance(output.scalars, expected.values) < 3e-6)
  }

  @Test("has the gradient of finite differences", arguments: Law.tested)
  func gradient(_ law: Law) throws {
    let inputs = law.inputs(seed: 2)
    let all = Set(inputs.indices)
    let run = try law.run(inputs, watched: all)
    func loss(_ inputs: [Naive]) -> Double {
      zip(run.weights, law.reference(inputs).values).reduce(0) { $0 + $1.0 * $1.1 }
    }
    /// The derivative of the loss as input `i` moves along `direction`.
    func slope(_ i: Int, along direction: [Double]) -> Double {
      let step = 1e-5
      var (above, below) = (inputs.map(Naive.init), inputs.map(Naive.init))
      for (place, d) in direction.enumerated() {
        above[i].values[place] += step * d
        below[i].values[place] -= step * d
      }
      return (loss(above) - loss(below)) / (2 * step)
    }
    var generator = Generator(seed: 5)
    for (i, input) in inputs.enumerated() {
      let gradient = try #require(run.gradients[i], "input \(i) has no gradient")
      #expect(gradient.shape == input.shape)
      let values = gradient.scalars
      // Some places one by one, and directions that move every value at once.
      let (most, directions) = Law.isRepresentative ? (1, 1) : (10, 2)
      let places = Array(stride(from: 0, to: input.count, by: max(1, input.count / most)))
      let slopes = places.map { place in
        slope(i, along: values.indices.map { $0 == place ? 1 : 0 })
      }
      #expect(distance(places.map { values[$0] }, slopes) < 1e-5, "input \(i)")
      for _ in 0..<directions {
        let direction = values.map { _ in Double(generator.uniform(in: -1...1)) }
        let expected = slope(i, along: direction)
        let products = zip(values, direction).map { Double($0) * $1 }
        let size = 1 + products.reduce(0) { $0 + abs($1) }
        #expect(abs(products.reduce(0, +) - expected) / size < 1e-5, "input \(i)")
      }
    }
  }

  @Test("gives a gradient to each input alone", arguments: Law.tested)
  func eachInputAlone(_ law: Law) throws {
    let inputs = law.inputs(seed: 2)
    let together = try law.run(inputs, watched: Set(inputs.indices))
    for i in inputs.indices {
      let alone = try law.run(inputs, watched: [i])
      let expected = try #require(together.gradients[i]).scalars.map(Double.init)
      #expect(distance(try #require(alone.gradients[i]).scalars, expected) < 1e-6)
      for other in inputs.indices where other != i { #expect(alone.gradients[other] == nil) }
    }
  }

  @Test("repeats to the bit", arguments: Law.tested)
  func repeats(_ law: Law) throws {
    let inputs = law.inputs(seed: 3)
    let first = try law.run(inputs, watched: Set(inputs.indices))
    for _ in 0..<3 {
      let again = try law.run(inputs, watched: Set(inputs.indices))
      #expect(bits(again.output) == bits(first.output))
      #expect(again.gradients.map(bits) == first.gradients.map(bits))
    }
  }

  /// `<A x, y> = <x, Aᵀ y>` in every input in which the operation is linear.
  @Test("agrees with its adjoint where linear", arguments: Law.tested.filter { !$0.linear.isEmpty })
  func adjoint(_ law: Law) throws {
    for i in law.linear {
      let inputs = law.inputs(seed: 4)
      let run = try law.run(inputs, watched: [i])
      let left = zip(run.output.scalars, run.weights).reduce(0) { $0 + Double($1.0) * $1.1 }
      let gradient = try #require(run.gradients[i]).scalars
      let right = zip(inputs[i].scalars, gradient).reduce(0) { $0 + Double($1.0) * Double($1.1) }
      let scale = zip(run.output.scalars, run.weights).reduce(1) { $0 + abs(Double($1.0) * $1.1) }
      #expect(abs(left - right) / scale < 1e-6, "input \(i): \(left) and \(right)")
    }
  }
}

extension Law {
  static let all: [Law] = [
    arithmetic, functions, reductions, movements, products, convolutions, normalisations, poolings,
    losses, transposedConvolutions, groupNormalisations, pixelMovements,
    gridSamplings, homographyGrids, thinPlateGrids,
    numerics, chains, edges,
  ].flatMap { $0 }

  /// Whether the environment asks for a part of the laws: runs that look at ways through the code, under a
  /// sanitizer or with lesser instructions, and need no more numbers for it.
  static let isRepresentative =
    ProcessInfo.processInfo.environment["ORBIT_TESTS"] == "representative"

  /// All laws, or one in three, the first and the last of each operation among them.
  static let tested: [Law] = {
    guard isRepresentative else { return all }
    func operation(_ law: Law) -> Substring { law.name.prefix { $0 != " " && $0 != "(" } }
    return Dictionary(grouping: all.indices) { operation(all[$0]) }.values.flatMap { places in
      places.enumerated().filter { $0.offset % 3 == 0 || $0.offset == places.count - 1 }
        .map(\.element)
    }.sorted().map { all[$0] }
  }()
}
