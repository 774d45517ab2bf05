import Glibc
import Tensors
import Testing

@testable import Imaging

@Suite struct FamilyTests {
  private static let cifar = ImageSize(height: 32, width: 32)
  private static let fashion = ImageSize(height: 28, width: 28)

  private static func families() throws -> [any TransformationFamily] {
    [
      try Affine(), try Projective(), try Affine(convention: .published),
      try Projective(convention: .published),
      try Projective(scale: 0.9...1.1, jitter: 2, quarterTurns: false),
      try Affine(rotation: 0, translation: 0.1, scale: 1...1, shear: 0),
      try Similarity(), try Similarity(convention: .published), try Euclidean(),
      try Euclidean(rotation: 20, convention: .published), try Color(),
      try Color(saturation: 0, convention: .published), try Projective().with(Color()),
      try Affine(convention: .published).with(Color(contrast: 0.3, saturation: 0)),
    ]
  }

  /// The spread of the released code's targets, found with an independent sampler (200,000
  /// draws).
  @Test func publishedProjectiveHasItsKnownSpread() throws {
    let family = try Projective(convention: .published)
    let statistics = try family.statistics(size: Self.cifar)
    let known = [0.763, 0.763, 17.0, 0.763, 0.763, 17.0, 0.00613, 0.00613]
    for (found, expected) in zip(statistics.deviation, known) {
      #expect(abs(found / expected - 1) < 0.03)
    }
    // A mean of 20,000 draws is off by 17/√20,000 = 0.12 pixels.
    #expect(abs(statistics.mean[2] - 16) < 0.5 && abs(statistics.mean[5] - 16) < 0.5)
    #expect(abs(try family.chance(size: Self.cifar) - 0.513) < 0.01)
    let whitening = try family.whitening(size: Self.cifar)
    #expect(whitening.mean == [0, 0, 16, 0, 0, 16, 0, 0])
    #expect(whitening.deviation == [1, 1, 20, 1, 1, 20, 0.015, 0.015])
    let large = try family.whitening(size: ImageSize(height: 224, width: 224))
    #expect(large.mean[2] == 112 && large.deviation[7] == 7.75e-4)
  }

  @Test func publishedJitterOfThreeAtTwentyEightPixels() throws {
    let family = try Projective(jitter: 3, convention: .published)
    let statistics = try family.statistics(size: Self.fashion)
    let known = [0.753, 0.753, 14.7, 0.753, 0.753, 14.7, 0.00597, 0.00597]
    for (found, expected) in zip(statistics.deviation, known) {
      #expect(abs(found / expected - 1) < 0.03)
    }
    #expect(statistics.kurtosis.allSatisfy { $0 < 8 })
  }

  @Test func publishedAffineHasItsKnownChance() throws {
    let family = try Affine(convention: .published)
    #expect(abs(try family.chance(size: Self.cifar) - 0.389) < 0.005)
    #expect(try family.whitening(size: Self.cifar) == .none(dimension: 6))
    var generator = Generator(seed: 1)
    for transformation in try family.samples(500, size: Self.cifar, using: &generator) {
      let target = family.target(of: transformation, size: Self.cifar)
      // Rounding may carry a shift of 6.4 pixels to 6, never beyond its range.
      #expect(target.allSatisfy { abs($0) <= 1.0001 })
      let drawn = transformation.parameters
      #expect(drawn[1] == drawn[1].rounded() && abs(target[2] - drawn[1] / 6.4) < 1e-4)
      #expect(abs(target[4] - (drawn[3] - 1) / 0.3) < 1e-4)
      #expect(abs(target[5] - drawn[4] / 30) < 1e-4)
    }
  }

  /// The inverse matrix as torchvision 0.2.1 writes it, with the centre of the released code.
  @Test func publishedAffineIsTorchvisions() throws {
    let family = try Affine(convention: .published)
    var generator = Generator(seed: 2)
    for transformation in try family.samples(50, size: Self.cifar, using: &generator) {
      let drawn = transformation.parameters.map { Double($0) }
      let (angle, x, y, scale, shear) = (
        drawn[0] * .pi / 180, drawn[1], drawn[2], drawn[3], drawn[4] * .pi / 180
      )
      let centre = 32 * 0.5 + 0.5
      let d = scale * (cos(angle + shear) * cos(angle) + sin(angle + shear) * sin(angle))
      let (a, b) = (cos(angle + shear) / d, sin(angle + shear) / d)
      let (c, e) = (-sin(angle) / d, cos(angle) / d)
      let known = Matrix3(
        a, b, a * (-centre - x) + b * (-centre - y) + centre,
        c, e, c * (-centre - x) + e * (-centre - y) + centre, 0, 0, 1)
      let size = Self.cifar
      let found = size.frameFromNormalised * transformation.sampling * size.normalisedFromFrame
      #expect(largestDifference(1 / found[2, 2] * found, known) < 1e-4)
    }
  }

  @Test func projectiveTakesItsMovedCornersHome() throws {
    for convention in Convention.allCases {
      let family = try Projective(convention: convention)
      var generator = Generator(seed: 3)
      for transformation in try family.samples(50, size: Self.cifar, using: &generator) {
        let drawn = transformation.parameters.map { Double($0) }
        let centre = convention == .published ? 16.5 : 16.0
        let corners = [(0.0, 0.0), (32.0, 0.0), (32.0, 32.0), (0.0, 32.0)]
        let frame = transformation.frame(size: Self.cifar)
        for k in 0..<4 {
          let (x, y) = corners[(k + Int(drawn[1])) % 4]
          let moved = Point(
            x: centre + drawn[0] * (x - centre) + drawn[2 + 2 * k],
            y: centre + drawn[0] * (y - centre) + drawn[3 + 2 * k])
          #expect(frame[k].distance(to: moved) < 1e-4)
        }
      }
    }
  }

  @Test func whiteningFitsFreshDraws() throws {
    for family in try Self.families() where family.convention == .centred {
      for size in [Self.cifar, Self.fashion, ImageSize(height: 20, width: 40)] {
        let whitening = try family.whitening(size: size)
        let statistics = try family.statistics(size: size)
        var generator = Generator(seed: 4)
        let draws = 20_000
        var (sum, square) = (
          [Float](repeating: 0, count: family.targetDimension),
          [Float](repeating: 0, count: family.targetDimension)
        )
        for transformation in try family.samples(draws, size: size, using: &generator) {
          let white = whitening.whiten(family.target(of: transformation, size: size))
          for (k, value) in white.enumerated() {
            sum[k] += value
            square[k] += value * value
          }
        }
        for k in 0..<family.targetDimension where statistics.deviation[k] > 1e-6 {
          #expect(abs(sum[k] / Float(draws)) < 0.04)
          #expect(abs(square[k] / Float(draws) - 1) < 0.06)
        }
        // Light tails: a normal distribution has 3.
        #expect(statistics.kurtosis.allSatisfy { $0 < 4 })
      }
    }
  }

  @Test func theChanceLineIsTheVarianceThatVaries() throws {
    #expect(abs(try Projective().chance(size: Self.fashion) - 1) < 1e-4)
    #expect(abs(try Affine().chance(size: Self.fashion) - 1) < 1e-4)
    // Only the two shifts vary.
    let shifts = try Affine(rotation: 0, translation: 0.1, scale: 1...1, shear: 0)
    #expect(abs(try shifts.chance(size: Self.fashion) - 2.0 / 6) < 1e-4)
  }

  @Test func targetsDecodeToWhatWasDrawn() throws {
    for family in try Self.families() {
      for size in [Self.cifar, Self.fashion, ImageSize(height: 24, width: 40)] {
        var generator = Generator(seed: 6)
        let drawn = try family.samples(100, size: size, using: &generator)
        let targets = try family.targets(of: drawn, size: size)
        #expect(targets.shape == [100, family.targetDimension])
        let decoded = try family.transformations(fromWhitened: targets, size: size)
        for (truth, guess) in zip(drawn, decoded) {
          let guess = try #require(guess)
          #expect(cornerError(predicted: guess, truth: truth, size: size) < 2e-3)
          for blend in ColorBlend.allCases {
            #expect(abs(guess.color[blend] - truth.color[blend]) < 1e-5)
          }
        }
      }
    }
  }

  @Test func targetsThatMeanNothingDecodeToNothing() throws {
    let affine = try Affine()
    let projective = try Projective()
    #expect(affine.transformation(fromTarget: [1, 0, 0, 0, 0, 0], size: Self.cifar) == nil)
    #expect(affine.transformation(fromTarget: [1, 0, .nan, 0, 1, 0], size: Self.cifar) == nil)
    #expect(affine.transformation(fromTarget: [1, 0], size: Self.cifar) == nil)
    let zeros = [Float](repeating: 0, count: 8)
    #expect(projective.transformation(fromTarget: zeros, size: Self.cifar) == nil)
    let infinite = [Float](repeating: .infinity, count: 8)
    #expect(projective.transformation(fromTarget: infinite, size: Self.cifar) == nil)
    #expect(throws: TensorError.self) {
      try projective.transformations(fromWhitened: .zeros([3, 6]), size: Self.cifar)
    }
  }

  @Test func theDecodedAngleIgnoresTheLengthOfItsVector() throws {
    let family = try Affine()
    let (one, half): ([Float], [Float]) = ([0, 1, 0, 0, 1, 0], [0, 0.5, 0, 0, 1, 0])
    let a = family.transformation(fromTarget: one, size: Self.cifar)
    let b = family.transformation(fromTarget: half, size: Self.cifar)
    let first = try #require(a)
    #expect(a == b && first == .rotation(degrees: 90, size: Self.cifar))
  }

  @Test func theSameSeedDrawsTheSameBits() throws {
    for family in try Self.families() {
      var (first, second, other) = (Generator(seed: 9), Generator(seed: 9), Generator(seed: 10))
      let drawn = try family.samples(20, size: Self.cifar, using: &first)
      #expect(drawn == (try family.samples(20, size: Self.cifar, using: &second)))
      #expect(drawn != (try family.samples(20, size: Self.cifar, using: &other)))
      #expect(drawn.allSatisfy { $0.parameters.count == family.parameterNames.count })
    }
  }

  @Test func defaultJitterIsAnEighthOfTheSide() throws {
    #expect(try Projective().jitter(size: Self.cifar) == 4)
    #expect(try Projective().jitter(size: Self.fashion) == 3)
  }

  @Test func rangesOutOfBoundsAreErrors() throws {
    #expect(throws: TensorError.self) { try Affine(rotation: -1) }
    #expect(throws: TensorError.self) { try Affine(rotation: .nan) }
    #expect(throws: TensorError.self) { try Affine(rotation: 181) }
    #expect(throws: TensorError.self) { try Affine(translation: .infinity) }
    #expect(throws: TensorError.self) { try Affine(scale: 0...1) }
    #expect(throws: TensorError.self) { try Affine(scale: -1...1) }
    #expect(throws: TensorError.self) { try Affine(scale: 1 ... .infinity) }
    #expect(throws: TensorError.self) { try Affine(shear: 90) }
    #expect(throws: TensorError.self) { try Projective(scale: 0...1) }
    #expect(throws: TensorError.self) { try Projective(jitter: -1) }
    #expect(throws: TensorError.self) { try Projective(jitter: .nan) }
    #expect(throws: TensorError.self) { try Projective(fill: .crop(view: 0)) }
    #expect(throws: TensorError.self) { try Projective(fill: .crop(view: .nan)) }
    #expect(throws: TensorError.self) { try Affine(fill: .constant(.infinity)) }
    #expect(throws: TensorError.self) { try Affine().check(size: ImageSize(height: 0, width: 3)) }
    let half = try Projective(jitter: 2.5, convention: .published)
    #expect(throws: TensorError.self) { try half.check(size: Self.cifar) }
  }

  @Test func jitterThatCouldFoldTheFrameNamesItsLimit() throws {
    let family = try Projective(jitter: 7)
    var generator = Generator(seed: 1)
    let error = #expect(throws: TensorError.self) {
      try family.sample(size: Self.fashion, using: &generator)
    }
    #expect(error?.description.contains("below 5.6") == true)
    #expect(throws: TensorError.self) { try family.whitening(size: Self.fashion) }
    // Close to the limit every draw still shows the frame from one side.
    let strong = try Projective(jitter: 5.5)
    for drawn in try strong.samples(2_000, size: Self.fashion, using: &generator) {
      let m = drawn.sampling
      #expect((abs(m[2, 0]) + abs(m[2, 1])) / m[2, 2] <= 0.8)
    }
  }
}
