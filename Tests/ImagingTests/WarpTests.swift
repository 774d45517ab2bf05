import Compute
import Glibc
import Tensors
import Testing

@testable import Imaging

@Suite struct WarpTests {
  private static let fills: [Fill] = [
    .constant(0.25), .reflect, .clamp, .noise, .crop(view: 0.6),
  ]

  private static func images(_ shape: [Int], seed: UInt64 = 7) -> Tensor {
    var generator = Generator(seed: seed)
    return .uniform(shape, in: 0...1, using: &generator)
  }

  /// Draws of both families, strong perspective whose horizon crosses the frame, and far shifts.
  private static func transformations(_ size: ImageSize) throws -> [Transformation] {
    var generator = Generator(seed: 8)
    var all = try Projective(jitter: 1).samples(6, size: size, using: &generator)
    all += try Affine().samples(6, size: size, using: &generator)
    all.append(try Transformation(sampling: Matrix3(1, 0.1, 0, -0.2, 1, 0.1, 0.9, 0.7, 1)))
    all.append(try Transformation(sampling: Matrix3(1, 0, 0, 0, 1, 0, -1.5, 0.4, 1)))
    all.append(try Transformation(sampling: Matrix3(-3, 1, 0.5, 2, 4, 0, 0, 0, 1)))
    all.append(.translation(x: 70.25, y: -33.5, size: size))
    return all
  }

  @Test(arguments: fills, [1, 2, 3, 5])
  func equalsTheNaiveWarp(fill: Fill, channels: Int) throws {
    for (input, output) in [
      (ImageSize(height: 9, width: 13), ImageSize(height: 9, width: 13)),
      (ImageSize(height: 16, width: 12), ImageSize(height: 7, width: 10)),
    ] {
      for convention in Convention.allCases {
        try compare(input, output, channels: channels, fill: fill, convention: convention)
      }
    }
  }

  private func compare(
    _ input: ImageSize, _ output: ImageSize, channels: Int, fill: Fill, convention: Convention
  ) throws {
    let transformations = try Self.transformations(input)
    let images = Self.images([transformations.count, input.height, input.width, channels])
    let generator = Generator(seed: 11)
    let warped = try images.warped(
      by: transformations, fill: fill, convention: convention, size: output, using: generator)
    #expect(
      warped.shape == [transformations.count, output.height, output.width, channels])
    let (source, found) = (images.scalars, warped.scalars)
    let view = fill == .crop(view: 0.6) ? Double(Float(0.6)) : 1
    var compared = 0
    for (n, transformation) in transformations.enumerated() {
      let values = input.height * input.width * channels
      let naive = NaiveWarp(
        height: input.height, width: input.width, channels: channels,
        pixels: Array(source[n * values..<(n + 1) * values]))
      var stream = generator.split(.transformation, n)
      let m = transformation.sampling
      for i in 0..<output.height * output.width {
        let (column, row) = (Double(i % output.width), Double(i / output.width))
        let x = (2 * column + 1) / Double(output.width) - 1
        let y = (2 * row + 1) / Double(output.height) - 1
        let w = m[2, 0] * x + m[2, 1] * y + m[2, 2]
        let u = (view * (m[0, 0] * x + m[0, 1] * y + m[0, 2]) / w + 1) * Double(input.width) / 2
        let v = (view * (m[1, 0] * x + m[1, 1] * y + m[1, 2]) / w + 1) * Double(input.height) / 2
        for channel in 0..<channels {
          let noise = stream.uniform()
          let expected = naive.value(
            u - 0.5, v - 0.5, channel: channel, fill: fill, hard: convention == .published,
            noise: noise)
          // Near the horizon single precision does not resolve positions any more.
          guard let expected, abs(u) < 500, abs(v) < 500, abs(w) > 0.02 * m[2, 2] else { continue }
          let place = (n * output.height * output.width + i) * channels + channel
          let reach = 1 + max(abs(u), abs(v))
          #expect(abs(Double(found[place]) - expected) < 2e-5 * reach)
          compared += 1
        }
      }
    }
    #expect(compared > transformations.count * output.height * output.width * channels * 8 / 10)
  }

  @Test(arguments: [Fill.constant(0.25), .reflect, .clamp, .noise], Convention.allCases)
  func theIdentityKeepsEveryBit(fill: Fill, convention: Convention) throws {
    for shape in [[2, 28, 28, 1], [2, 32, 32, 3], [1, 7, 11, 2], [1, 1, 1, 1], [0, 4, 4, 1]] {
      let images = Self.images(shape)
      let unmoved = [Transformation](repeating: .identity, count: shape[0])
      let warped = try images.warped(by: unmoved, fill: fill, convention: convention)
      #expect(warped.scalars == images.scalars && warped.shape == shape)
    }
  }

  @Test(arguments: Fill.allPlain, [1, 3])
  func quarterTurnsMovePixelsWithoutTouchingThem(fill: Fill, channels: Int) throws {
    for side in [6, 7, 28] {
      let size = ImageSize(height: side, width: side)
      let images = Self.images([1, side, side, channels])
      let source = images.scalars
      let turned = try images.warped(by: [.rotation(degrees: 90, size: size)], fill: fill).scalars
      let half = try images.warped(by: [.rotation(degrees: 180, size: size)], fill: fill).scalars
      let mirror = try Transformation(sampling: Matrix3(-1, 0, 0, 0, 1, 0, 0, 0, 1))
      let mirrored = try images.warped(by: [mirror], fill: fill).scalars
      for y in 0..<side {
        for x in 0..<side {
          for c in 0..<channels {
            func pixel(_ x: Int, _ y: Int) -> Float { source[(y * side + x) * channels + c] }
            let here = (y * side + x) * channels + c
            // Clockwise: what was at the left comes to the top.
            #expect(turned[here] == pixel(y, side - 1 - x))
            #expect(half[here] == pixel(side - 1 - x, side - 1 - y))
            #expect(mirrored[here] == pixel(side - 1 - x, y))
          }
        }
      }
    }
  }

  @Test(arguments: Fill.allPlain)
  func shiftsByWholePixelsMovePixelsWithoutTouchingThem(fill: Fill) throws {
    let size = ImageSize(height: 11, width: 28)
    let images = Self.images([1, 11, 28, 1])
    let source = images.scalars
    for (dx, dy) in [(3, -2), (-27, 10), (0, 5), (30, 0)] {
      let shift = Transformation.translation(x: Double(dx), y: Double(dy), size: size)
      let found = try images.warped(by: [shift], fill: fill).scalars
      for y in 0..<11 {
        for x in 0..<28 {
          let (sx, sy) = (x - dx, y - dy)
          if sx >= 0, sy >= 0, sx < 28, sy < 11 {
            #expect(found[y * 28 + x] == source[sy * 28 + sx])
          } else if case .constant(let value) = fill {
            #expect(found[y * 28 + x] == value)
          }
        }
      }
    }
  }

  /// Against an image that Pillow 13 made.
  ///
  /// ```python
  /// a = np.random.default_rng(3).integers(0, 256, (6, 6)).astype(np.uint8)
  /// h = (0.9, 0.2, -0.6, -0.3, 1.1, 0.7, 0.02, -0.01)
  /// Image.fromarray(a).transform((6, 6), Image.PERSPECTIVE, h, Image.BILINEAR, fillcolor=128)
  /// ```
  @Test func thePublishedWarpIsPillows() throws {
    let image: [Float] = [
      207, 21, 45, 60, 46, 205, 222, 149, 10, 24, 85, 110, 159, 122, 67, 40, 177, 188, 8, 29, 115,
      100, 227, 132, 107, 110, 170, 150, 44, 188, 193, 244, 201, 72, 81, 166,
    ]
    let known: [Float] = [
      128, 160, 25, 44, 128, 128, 177, 166, 95, 22, 44, 52, 30, 79, 87, 47, 51, 97, 108, 78, 113,
      98, 129, 184, 207, 210, 179, 152, 119, 165, 128, 128, 128, 72, 72, 139,
    ]
    let size = ImageSize(height: 6, width: 6)
    let family = try Projective(convention: .published)
    let h: [Float] = [0.9, 0.2, -0.6, -0.3, 1.1, 0.7, 0.02, -0.01]
    let transformation = try #require(family.transformation(fromTarget: h, size: size))
    let found = try Tensor(image, shape: [1, 6, 6, 1]).warped(
      by: [transformation], fill: .constant(128), convention: .published)
    for (a, b) in zip(found.scalars, known) { #expect(abs(a - b) <= 1) }
    // Pillow keeps whole numbers, so bits below one are its rounding.
    let mean = zip(found.scalars, known).reduce(0) { $0 + abs($1.0 - $1.1) } / 36
    #expect(mean < 0.6)
  }

  @Test func warpingThereAndBackReturnsASmoothImage() throws {
    let size = ImageSize(height: 48, width: 48)
    let smooth = Tensor(shape: [1, 48, 48, 1]) { target in
      for i in target.indices {
        let (x, y) = (Double(i % 48), Double(i / 48))
        let waves: Double = sin(x / 6) + cos(y / 7 + x / 20)
        target[i] = Float(0.5 + 0.25 * waves)
      }
    }
    var generator = Generator(seed: 12)
    for transformation in try Projective().samples(8, size: size, using: &generator) {
      let there = try smooth.warped(by: [transformation], fill: .reflect)
      let back = try there.warped(by: [transformation.inverse()], fill: .reflect)
      // Only what was in sight on the way can return.
      let mask = try Tensor.filled(1, shape: [1, 48, 48, 1])
        .warped(by: [transformation], fill: .constant(0))
        .warped(by: [transformation.inverse()], fill: .constant(0)).scalars
      let (before, after) = (smooth.scalars, back.scalars)
      var seen = 0
      for i in before.indices where mask[i] > 0.999 {
        #expect(abs(before[i] - after[i]) < 0.02)
        seen += 1
      }
      #expect(seen > 48 * 48 / 2)
    }
  }

  @Test func composedTransformationsWarpAsOneAfterTheOther() throws {
    let size = ImageSize(height: 21, width: 21)
    let images = Self.images([1, 21, 21, 1])
    let shift = Transformation.translation(x: 4, y: 1, size: size)
    let turn = Transformation.rotation(degrees: 90, size: size)
    let both = try images.warped(by: [shift.followed(by: turn)], fill: .constant(0)).scalars
    let steps = try images.warped(by: [shift], fill: .constant(0))
      .warped(by: [turn], fill: .constant(0)).scalars
    #expect(both == steps)
  }

  @Test(arguments: fills)
  func theSameBitsForAnyNumberOfThreads(fill: Fill) throws {
    let size = ImageSize(height: 28, width: 28)
    var generator = Generator(seed: 13)
    let drawn = try Projective().samples(301, size: size, using: &generator)
    let images = Self.images([301, 28, 28, 1])
    let threads = Parallel.threadCount
    defer { Parallel.setThreadCount(threads) }
    var results: [[Float]] = []
    for count in [1, 2, 3] {
      Parallel.setThreadCount(count)
      results.append(
        try images.warped(by: drawn, fill: fill, using: Generator(seed: 1)).scalars)
    }
    #expect(results[0] == results[1] && results[1] == results[2])
    let again = try images.warped(by: drawn, fill: fill, using: Generator(seed: 2)).scalars
    #expect((again == results[0]) == (fill != .noise))
  }

  @Test func whatIsWarpedWrongIsAnError() throws {
    let images = Self.images([2, 4, 4, 1])
    #expect(throws: TensorError.self) { try images.warped(by: [.identity]) }
    #expect(throws: TensorError.self) { try Tensor.zeros([4, 4]).warped(by: []) }
    #expect(throws: TensorError.self) { try Tensor.zeros([1, 0, 4, 1]).warped(by: [.identity]) }
    #expect(throws: TensorError.self) {
      try images.warped(by: [.identity, .identity], fill: .crop(view: 2))
    }
    let tape = Tape()
    #expect(throws: TensorError.self) {
      try tape.watch(images).warped(by: [.identity, .identity])
    }
  }
}

extension Fill {
  /// The modes that show the whole image.
  static let allPlain: [Fill] = [.constant(0.25), .reflect, .clamp, .noise]
}
