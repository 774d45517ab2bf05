import Tensors
import Testing

@Suite("Every operation")
struct OperationLaws {
  @Test("has the value of plain loops", arguments: Law.all)
  func value(_ law: Law) throws {
    let inputs = law.inputs(seed: 1)
    let output = try law.operation(inputs)
    let expected = law.reference(inputs.map(Naive.init))
    #expect(output.shape == expected.shape)
    #expect(distance(output.scalars, expected.values) < 3e-6)
  }

  @Test("has the gradient of finite differences", arguments: Law.all)
  func gradient(_ law: Law) throws {
    let inputs = law.inputs(seed: 2)
    let all = Set(inputs.indices)
    let run = try law.run(inputs, watched: all)
    func loss(_ inputs: [Naive]) -> Double {
      zip(run.weights, law.reference(inputs).values).reduce(0) { $0 + $1.0 * $1.1 }
    }
    var naive = inputs.map(Naive.init)
    for (i, input) in inputs.enumerated() {
      let gradient = try #require(run.gradients[i], "input \(i) has no gradient")
      #expect(gradient.shape == input.shape)
      // Every value of a small input, and some forty spread over a large one.
      let places = Array(stride(from: 0, to: input.count, by: max(1, input.count / 40)))
      let expected = places.map { place in
        let (value, h) = (naive[i].values[place], 1e-5)
        naive[i].values[place] = value + h
        let above = loss(naive)
        naive[i].values[place] = value - h
        let below = loss(naive)
        naive[i].values[place] = value
        return (above - below) / (2 * h)
      }
      let values = gradient.scalars
      #expect(distance(places.map { values[$0] }, expected) < 1e-5, "gradient of input \(i)")
    }
  }

  @Test("gives a gradient to each input alone", arguments: Law.all)
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

  @Test("repeats to the bit", arguments: Law.all)
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
  @Test("agrees with its adjoint where linear", arguments: Law.all.filter { !$0.linear.isEmpty })
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
    losses,
  ].flatMap { $0 }
}
