import Testing

@testable import Compute

@Suite("Lanes")
struct LaneTests {
  @Test(
    "hold each image once, in order, within its branch", arguments: [1, 2, 5, 8, 9, 30, 64, 129],
    [1, 2, 3])
  func cover(images: Int, branches: Int) {
    let batch = images * branches
    let lanes = Lanes(batch: batch, branches: branches)
    #expect(lanes.lanes.flatMap { Array($0.images) } == Array(0..<batch))
    for lane in lanes.lanes {
      #expect(!lane.images.isEmpty)
      #expect(lane.images.allSatisfy { $0 / images == lane.branch })
    }
    for size in [1, 1000, 300_000, 1 << 22] {
      let chunks = lanes.lanes.map { lanes.chunks(of: $0, valuesPerImage: size) }
      #expect(chunks.joined().flatMap { Array($0) } == Array(0..<batch))
      let sizes = lanes.chunkSizes(valuesPerImage: size)
      #expect(Set(sizes) == Set(chunks.joined().map(\.count)) && Set(sizes).count == sizes.count)
    }
  }

  @Test("do not depend on the number of threads")
  func threads() async {
    let cuts = await TeamTests.onThread {
      [1, 2, 7].map { threads in
        Parallel.setThreadCount(threads)
        return Lanes(batch: 37).lanes.map(\.images)
      }
    }
    #expect(cuts[0] == cuts[1] && cuts[0] == cuts[2])
  }
}

/// A convolution with stride 1 goes back as the convolution of the gradient with the turned weights.
@Suite("Convolutions reversed")
struct ReversedConvolutionTests {
  static let shapes: [Convolution?] = [
    Convolution(
      batch: 2, height: 5, width: 6, channels: 3, outputs: 4, windowHeight: 3, windowWidth: 3,
      padding: 1),
    Convolution(
      batch: 1, height: 7, width: 5, channels: 17, outputs: 5, windowHeight: 5, windowWidth: 5,
      padding: 2),
    Convolution(
      batch: 3, height: 6, width: 6, channels: 16, outputs: 1, windowHeight: 3, windowWidth: 3),
    Convolution(
      batch: 2, height: 8, width: 7, channels: 20, outputs: 18, windowHeight: 3, windowWidth: 3,
      padding: 1, dilation: 2),
    Convolution(
      batch: 2, height: 3, width: 3, channels: 1, outputs: 1, windowHeight: 1, windowWidth: 1),
  ]

  @Test("twice are what they were, weights and all", arguments: shapes)
  func twice(shape: Convolution?) throws {
    let shape = try #require(shape)
    let reversed = try #require(shape.reversed)
    #expect(reversed.reversed == shape)
    #expect(reversed.weightCount == shape.weightCount)
    let weight = numbers(shape.weightCount)
    var (turned, back) = (weight.map { _ in Float.nan }, weight.map { _ in Float.nan })
    shape.turn(weight, into: &turned)
    reversed.turn(turned, into: &back)
    #expect(back == weight)
  }

  @Test("are the adjoint, by either way of computing it", arguments: shapes)
  func adjoint(shape: Convolution?) throws {
    let shape = try #require(shape)
    let reversed = try #require(shape.reversed)
    let sourceCount = shape.batch * shape.height * shape.width * shape.channels
    let outputCount = shape.batch * shape.outputHeight * shape.outputWidth * shape.outputs
    let (x, y) = (numbers(sourceCount), numbers(outputCount, seed: 2))
    let weight = numbers(shape.weightCount, seed: 3)
    var turned = weight
    shape.turn(weight, into: &turned)
    var forward = [Float](repeating: .nan, count: outputCount)
    var backward = [Float](repeating: .nan, count: sourceCount)
    var convolved = backward
    try shape.forward(source: x, weight: weight, bias: nil, into: &forward)
    try shape.backwardSource(gradient: y, weight: weight, into: &backward)
    try reversed.forward(source: y, weight: turned, bias: nil, into: &convolved)
    let worst = zip(backward, convolved).reduce(0) { max($0, abs($1.0 - $1.1)) }
    #expect(worst < 1e-5 * Float(shape.outputs))
    func product(_ a: [Float], _ b: [Float]) -> Double {
      zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    let (left, right) = (product(forward, y), product(x, convolved))
    #expect(abs(left - right) < 1e-6 * Double(shape.multiplyAdds))
  }

  @Test("exist for no stride, no groups and no more padding than the window reaches")
  func none() throws {
    func shape(
      stride: Int = 1, padding: Int = 0, groups: Int = 1, width: Int = 3
    ) throws -> Convolution {
      try #require(
        Convolution(
          batch: 1, height: 8, width: 8, channels: 4, outputs: 4, windowHeight: 3,
          windowWidth: width, stride: stride, padding: padding, groups: groups))
    }
    #expect(try shape().reversed != nil && shape(padding: 2).reversed != nil)
    #expect(try shape(stride: 2).reversed == nil && shape(padding: 3).reversed == nil)
    #expect(try shape(groups: 2).reversed == nil && shape(width: 1).reversed == nil)
  }
}
