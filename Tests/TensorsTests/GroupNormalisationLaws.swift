import Compute
import Tensors
import Testing

extension Law {
  static let groupNormalisations: [Law] = {
    var laws: [Law] = []
    let epsilon = Double(Float(1e-3))
    let batches: [([Int], Int)] = [
      ([3, 2, 3, 6], 2), ([2, 3, 3, 6], 6), ([2, 5, 7, 17], 1), ([1, 2, 2, 1], 1),
      ([3, 4, 5, 16], 4), ([2, 3, 1, 48], 3), ([5, 24], 4), ([2, 7, 3, 3], 1), ([70, 2, 4], 2),
      ([1, 2, 1, 272], 2), ([2, 1, 257], 1),
    ]
    for (shape, groups) in batches {
      let channels = [shape[shape.count - 1]]
      laws.append(
        Law(
          name: "groupNormalised, groups \(groups)", shapes: [shape, channels, channels],
          operation: {
            try $0[0].groupNormalised(groups: groups, scale: $0[1], shift: $0[2], epsilon: 1e-3)
          }
        ) { $0[0].groupNormalised(groups, $0[1], $0[2], epsilon: epsilon) })
    }
    for shape in [[7], [3, 16], [2, 3, 33], [5, 1], [129, 5]] {
      let channels = [shape[shape.count - 1]]
      let rows = shape.dropLast().reduce(1, *)
      laws.append(
        Law(
          name: "layerNormalised", shapes: [shape, channels, channels],
          operation: { try $0[0].layerNormalised(scale: $0[1], shift: $0[2], epsilon: 1e-3) }
        ) {
          let flat = Naive([rows] + channels, $0[0].values)
          return Naive(
            shape, flat.groupNormalised(1, $0[1], $0[2], epsilon: epsilon).values)
        })
    }
    return laws
  }()
}

extension Naive {
  fileprivate func groupNormalised(
    _ groups: Int, _ scale: Naive, _ shift: Naive, epsilon: Double
  ) -> Naive {
    let channels = shape[shape.count - 1]
    let (image, depth) = (values.count / shape[0], channels / groups)
    func group(_ i: Int) -> Int { i / image * groups + i % channels / depth }
    let size = Double(image / groups)
    var mean = [Double](repeating: 0, count: shape[0] * groups)
    var variance = mean
    for (i, value) in values.enumerated() { mean[group(i)] += value / size }
    for (i, value) in values.enumerated() {
      variance[group(i)] += (value - mean[group(i)]) * (value - mean[group(i)]) / size
    }
    return Naive(
      shape,
      values.enumerated().map { i, value in
        let (c, g) = (i % channels, group(i))
        return scale.values[c] * (value - mean[g]) / (variance[g] + epsilon).squareRoot()
          + shift.values[c]
      })
  }
}

@Suite("Group normalisation of large images")
struct LargeGroupNormalisationTests {
  /// Long enough for several blocks of sums, narrow and wide, whole vectors and not.
  @Test(
    "is that of single values in double precision",
    arguments: [
      ([3, 28, 28, 24], 8), ([2, 16, 16, 192], 8), ([2, 9, 67, 3], 3), ([1, 41, 13, 20], 5),
      ([2, 11, 7, 300], 4),
    ], [Float(0), 30])
  func naive(_ batch: ([Int], Int), mean: Float) throws {
    let (shape, groups) = batch
    var generator = Generator(seed: 3)
    let x = Tensor.uniform(shape, in: mean - 1...mean + 1, using: &generator)
    let upstream = Tensor.uniform(shape, in: -1...1, using: &generator)
    let scale = Tensor.uniform([shape[3]], in: 0.5...1.5, using: &generator)
    let shift = Tensor.uniform([shape[3]], in: -1...1, using: &generator)
    let epsilon = 1e-5
    let expected = Naive(x).groupNormalised(groups, Naive(scale), Naive(shift), epsilon: epsilon)
    let gradients = Naive(x).groupNormalisationGradients(
      groups, Naive(scale), Naive(upstream), epsilon: epsilon)
    // What the input's own rounding makes of a deviation of 0.6.
    let tolerance = 1e-6 * Double(4 + mean)
    var bits: [[Float]] = []
    for threads in [1, 2] {
      let before = Parallel.threadCount
      Parallel.setThreadCount(threads)
      defer { Parallel.setThreadCount(before) }
      let tape = Tape()
      let inputs = [x, scale, shift].map(tape.watch)
      let output = try inputs[0].groupNormalised(
        groups: groups, scale: inputs[1], shift: inputs[2], epsilon: Float(epsilon))
      #expect(distance(output.scalars, expected.values) < tolerance)
      let found = try tape.gradients(of: output, given: upstream)
      for (input, gradient) in zip(inputs, gradients) {
        #expect(distance(try #require(found[input]).scalars, gradient.values) < tolerance)
      }
      bits.append(try output.scalars + inputs.flatMap { try #require(found[$0]).scalars })
    }
    #expect(bits[0] == bits[1], "the number of threads changes nothing")
  }

  /// Large batches are written past the cache.
  @Test("of a large batch is to the bit that of its images")
  func largeBatch() throws {
    var generator = Generator(seed: 4)
    let shape = [90, 31, 16, 24]
    let x = Tensor.uniform(shape, in: -1...1, using: &generator)
    let upstream = Tensor.uniform(shape, in: -1...1, using: &generator)
    let ones = Tensor.filled(1, shape: [24])
    func run(_ x: Tensor, _ upstream: Tensor) throws -> [[Float]] {
      let tape = Tape()
      let input = tape.watch(x)
      let output = try input.groupNormalised(groups: 8, scale: ones, shift: ones)
      let gradient = try tape.gradients(of: output, given: upstream)[input]
      return [output.scalars, try #require(gradient).scalars]
    }
    let together = try run(x, upstream)
    let (given, wanted, size) = (x.scalars, upstream.scalars, x.count / 90)
    for n in [0, 11, 44, 89] {
      let place = n * size..<(n + 1) * size
      let alone = try run(
        try Tensor(Array(given[place]), shape: [1, 31, 16, 24]),
        try Tensor(Array(wanted[place]), shape: [1, 31, 16, 24]))
      for (all, one) in zip(together, alone) { #expect(all[place].elementsEqual(one)) }
    }
  }
}

extension Naive {
  /// By input, scale and shift.
  fileprivate func groupNormalisationGradients(
    _ groups: Int, _ scale: Naive, _ upstream: Naive, epsilon: Double
  ) -> [Naive] {
    let channels = shape[shape.count - 1]
    let (image, depth) = (values.count / shape[0], channels / groups)
    func group(_ i: Int) -> Int { i / image * groups + i % channels / depth }
    let size = Double(image / groups)
    let zeros = Naive([channels], [Double](repeating: 0, count: channels))
    let ones = Naive([channels], [Double](repeating: 1, count: channels))
    let normal = groupNormalised(groups, ones, zeros, epsilon: epsilon).values
    let none = [Double](repeating: 0, count: shape[0] * groups)
    var (mean, square, all, along) = (none, none, none, none)
    var (byScale, byShift) = (zeros.values, zeros.values)
    for i in values.indices {
      let (g, c) = (upstream.values[i], i % channels)
      mean[group(i)] += values[i] / size
      all[group(i)] += g * scale.values[c] / size
      along[group(i)] += g * scale.values[c] * normal[i] / size
      byScale[c] += g * normal[i]
      byShift[c] += g
    }
    for i in values.indices {
      square[group(i)] += (values[i] - mean[group(i)]) * (values[i] - mean[group(i)]) / size
    }
    let byInput = values.indices.map { i in
      let own = upstream.values[i] * scale.values[i % channels]
      return (own - all[group(i)] - normal[i] * along[group(i)])
        / (square[group(i)] + epsilon).squareRoot()
    }
    return [Naive(shape, byInput), Naive([channels], byScale), Naive([channels], byShift)]
  }
}
