import Compute
import Foundation
import Layers
import Tensors
import Training

/// A single operation that is timed here and, under the same name, in `Benchmarks/pytorch/operations.py`.
struct TimedOperation: Encodable {
  let name: String
  /// The median over the calls.
  let seconds: Double
  /// Multiplications and additions of a call, where that is what bounds it.
  let operations: Double

  /// Times `body`: as many calls as fit a third of a second, at least five, after two that do not count.
  init(_ name: String, operations: Double = 0, _ body: () throws -> Void) rethrows {
    self.name = name
    self.operations = operations
    for _ in 0..<2 { try body() }
    var times: [Double] = []
    let start = ContinuousClock.now
    while times.count < 5 || ContinuousClock.now - start < .milliseconds(300) {
      let before = ContinuousClock.now
      try body()
      times.append((ContinuousClock.now - before) / .seconds(1))
    }
    seconds = times.sorted()[times.count / 2]
  }
}

/// Times every operation and hands each to `report`.
func timeOperations(_ report: (TimedOperation) throws -> Void) throws {
  try timeConvolutions(report)
  try timeImages(report)
  try timeGridSampling(report)
  try timeVectors(report)
}

private func noise(_ shape: [Int], seed: UInt64 = 1) -> Tensor {
  var generator = Generator(seed: seed)
  return .uniform(shape, in: -1...1, using: &generator)
}

/// Calls `body` on watched tensors and takes all gradients.
private func forwardAndBack(
  _ inputs: [Tensor], given upstream: Tensor, _ body: ([Tensor]) throws -> Tensor
) throws {
  let tape = Tape()
  let output = try body(inputs.map(tape.watch))
  _ = try tape.gradients(of: output, given: upstream)
}

private func timeConvolutions(_ report: (TimedOperation) throws -> Void) throws {
  for (batch, inputs, side, outputs, window, stride) in [
    (32, 192, 16, 192, 5, 1), (32, 192, 16, 192, 3, 1), (32, 192, 32, 160, 1, 1),
    (64, 32, 28, 64, 3, 1), (64, 64, 14, 64, 3, 1), (128, 24, 28, 24, 1, 1),
    (128, 24, 14, 48, 3, 1), (128, 32, 14, 64, 4, 2),
  ] {
    let (x, w) = (noise([batch, side, side, inputs]), noise([outputs, inputs, window, window]))
    let padding = (window - 1) / 2
    func convolve(_ x: Tensor, _ w: Tensor) throws -> Tensor {
      try x.convolution(weight: w, stride: stride, padding: padding)
    }
    let upstream = noise(try convolve(x, w).shape)
    let once = 2 * Double(upstream.count * inputs * window * window)
    let name =
      "convolution \(window)×\(window), \(batch)×\(side)²×\(inputs)→\(outputs)"
      + (stride > 1 ? ", stride \(stride)" : "")
    try report(TimedOperation("\(name): forward", operations: once) { _ = try convolve(x, w) })
    try report(
      TimedOperation("\(name): forward and back", operations: 3 * once) {
        try forwardAndBack([x, w], given: upstream) { try convolve($0[0], $0[1]) }
      })
  }
  let (x, w) = (noise([128, 14, 14, 64]), noise([64, 32, 4, 4]))
  let upstream = noise([128, 28, 28, 32])
  try report(
    TimedOperation(
      "transposed convolution 4×4, 128×14²×64→32, stride 2: forward and back",
      operations: 6 * Double(x.count * 32 * 16)
    ) {
      try forwardAndBack([x, w], given: upstream) {
        try $0[0].transposedConvolution(weight: $0[1], stride: 2, padding: 1)
      }
    })
}

private func timeImages(_ report: (TimedOperation) throws -> Void) throws {
  for shape in [[128, 16, 16, 192], [128, 28, 28, 24]] {
    let (x, upstream) = (noise(shape), noise(shape, seed: 2))
    let (scale, shift) = (noise([shape[3]], seed: 3), noise([shape[3]], seed: 4))
    let size = "\(shape[0])×\(shape[1])²×\(shape[3])"
    try report(
      TimedOperation("batch normalisation and ReLU, \(size): forward and back") {
        try forwardAndBack([x, scale, shift], given: upstream) {
          try $0[0].batchNormalised(scale: $0[1], shift: $0[2], rectify: true).output
        }
      })
    try report(
      TimedOperation("group normalisation (8), \(size): forward and back") {
        try forwardAndBack([x, scale, shift], given: upstream) {
          try $0[0].groupNormalised(groups: 8, scale: $0[1], shift: $0[2])
        }
      })
    let pooled = noise(try x.averagePooled(window: 3, stride: 2, padding: 1).shape)
    try report(
      TimedOperation("maximum 3×3, stride 2, \(size): forward and back") {
        try forwardAndBack([x], given: pooled) {
          try $0[0].maximumPooled(window: 3, stride: 2, padding: 1)
        }
      })
    try report(
      TimedOperation("average 3×3, stride 2, \(size): forward and back") {
        try forwardAndBack([x], given: pooled) {
          try $0[0].averagePooled(window: 3, stride: 2, padding: 1)
        }
      })
  }
}

private func timeGridSampling(_ report: (TimedOperation) throws -> Void) throws {
  for shape in [[128, 28, 28, 1], [64, 32, 32, 3], [64, 14, 14, 48]] {
    let (images, upstream) = (noise(shape), noise(shape, seed: 2))
    // The identity, with up to a fifth more or less in each entry of the affine part.
    let identity = try Tensor([1, 0, 0, 0, 1, 0, 0, 0, 1], shape: [3, 3])
    let affine = try Tensor([0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0, 0, 0], shape: [3, 3])
    let maps = try noise([shape[0], 3, 3], seed: 3) * affine + identity
    let grid = try maps.homographyGrid(height: shape[1], width: shape[2])
    for (fill, suffix) in [
      (GridFill.constant(0), ""), (.clamp, ", clamped"), (.reflect, ", reflected"),
    ] {
      try report(
        TimedOperation(
          "grid sampling, \(shape[0])×\(shape[1])²×\(shape[3])\(suffix): forward and back"
        ) {
          try forwardAndBack([images, grid], given: upstream) {
            try $0[0].gridSampled($0[1], fill: fill)
          }
        })
    }
  }
}

private func timeVectors(_ report: (TimedOperation) throws -> Void) throws {
  let (x, w, upstream) = (noise([64, 3136]), noise([128, 3136]), noise([64, 128]))
  try report(
    TimedOperation("linear, 64×3136→128: forward and back", operations: 6 * 64 * 3136 * 128) {
      try forwardAndBack([x, w], given: upstream) { try $0[0].linear(weight: $0[1]) }
    })
  let (vectors, codebook) = (noise([6272, 16]), noise([128, 16], seed: 2))
  try report(
    TimedOperation("nearest of 128 codes, 6272×16") { _ = try vectors.nearestCodes(in: codebook) })
  let (logits, targets) = (noise([640, 784]), noise([640, 784], seed: 2))
  let ones = Tensor.filled(1, shape: [640])
  try report(
    TimedOperation("Bernoulli likelihood, 640×784: forward and back") {
      try forwardAndBack([logits], given: ones) {
        try $0[0].bernoulliNegativeLogLikelihood(of: targets)
      }
    })
  for (name, optimiser) in [
    ("SGD with momentum", SGD() as any Optimiser), ("Adam", Adam() as any Optimiser),
  ] {
    var optimiser = optimiser
    let shapes = (0..<20).map { $0 % 2 == 0 ? [192, 192, 3, 1] : [192] }
    let parameters = shapes.map { Parameter(noise($0)) }
    let gradients = zip(parameters, shapes).map { (parameter: $0, gradient: noise($1, seed: 5)) }
    try report(
      TimedOperation("\(name), 1.1 million values in 20 tensors") {
        optimiser.step(gradients, rate: 1e-4)
      })
  }
}
