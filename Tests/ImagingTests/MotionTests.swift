import Tensors
import Testing

@testable import Imaging

/// The Euclidean and the similarity family beside the affine one, of which they are parts.
@Suite struct MotionTests {
  private static let sizes = [
    ImageSize(height: 28, width: 28), ImageSize(height: 24, width: 40),
  ]

  /// (angle, x, y, scale, shear) as the affine family reads them, in its own units.
  private static func numbers(_ transformation: Transformation, _ size: ImageSize) throws -> [Float]
  {
    try Affine().target(of: transformation, size: size)
  }

  @Test func similaritiesKeepRatiosAndEuclideansDistances() throws {
    for size in Self.sizes {
      var generator = Generator(seed: 31)
      let (w, h) = (Double(size.width), Double(size.height))
      for drawn in try Similarity().samples(50, size: size, using: &generator) {
        let frame = drawn.frame(size: size)
        let factor = Double(drawn.parameters[3])
        #expect(abs(frame[0].distance(to: frame[1]) - factor * w) < 1e-4)
        #expect(abs(frame[1].distance(to: frame[2]) - factor * h) < 1e-4)
        #expect(abs(frame[0].distance(to: frame[2]) - factor * (w * w + h * h).squareRoot()) < 1e-4)
      }
      for drawn in try Euclidean().samples(50, size: size, using: &generator) {
        let frame = drawn.frame(size: size)
        #expect(abs(frame[0].distance(to: frame[1]) - w) < 1e-4)
        #expect(abs(frame[1].distance(to: frame[2]) - h) < 1e-4)
      }
    }
  }

  @Test func targetsAreTheFirstOfTheAffineOnes() throws {
    for convention in Convention.allCases {
      let affine = try Affine(convention: convention)
      let similarity = try Similarity(convention: convention)
      let euclidean = try Euclidean(convention: convention)
      for size in Self.sizes {
        var generator = Generator(seed: 32)
        for drawn in try similarity.samples(30, size: size, using: &generator) {
          let known = affine.target(of: drawn, size: size)
          #expect(similarity.target(of: drawn, size: size) == Array(known.prefix(5)))
          #expect(euclidean.target(of: drawn, size: size) == Array(known.prefix(4)))
          #expect(abs(known[5]) < 1e-4)
        }
      }
    }
    #expect(try Similarity().targetNames == ["cosine", "sine", "x", "y", "scale"])
    #expect(try Euclidean().parameterNames.count == 3)
  }

  @Test func warpsEqualTheAffineFamilysOfTheSameNumbers() throws {
    let size = Self.sizes[1]
    var generator = Generator(seed: 33)
    let images = Tensor.uniform([20, 24, 40, 1], in: 0...1, using: &generator)
    let affine = try Affine()
    for family in [try Similarity(), try Euclidean()] as [any TransformationFamily] {
      let drawn = try family.samples(20, size: size, using: &generator)
      let same = try drawn.map { transformation in
        var target = family.target(of: transformation, size: size)
        if target.count == 4 { target.append(1) }
        return try #require(affine.transformation(fromTarget: target + [0], size: size))
      }
      let (one, other) = (try images.warped(by: drawn).scalars, try images.warped(by: same).scalars)
      #expect(zip(one, other).allSatisfy { abs($0 - $1) < 1e-3 })
      #expect(one != images.scalars)
    }
  }

  @Test func drawsHaveTheMomentsOfTheirRanges() throws {
    let size = Self.sizes[0]
    let family = try Similarity(rotation: 60, translation: 0.1, scale: 0.5...0.9)
    var generator = Generator(seed: 34)
    let drawn = try family.samples(20_000, size: size, using: &generator).map(\.parameters)
    let known: [(middle: Double, half: Double)] = [(0, 60), (0, 2.8), (0, 2.8), (0.7, 0.2)]
    for (k, (middle, half)) in known.enumerated() {
      let values = drawn.map { Double($0[k]) }
      let mean = values.reduce(0, +) / 20_000
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
      #expect(abs(mean - middle) < 0.03 * half)
      #expect(abs(variance / (half * half / 3) - 1) < 0.03)
      #expect(values.allSatisfy { abs($0 - middle) <= half + 1e-4 })
    }
  }

  @Test func publishedTargetsFillTheirRange() throws {
    let size = ImageSize(height: 32, width: 32)
    for family in [
      try Similarity(convention: .published), try Euclidean(convention: .published),
    ] as [any TransformationFamily] {
      #expect(family.fill == .grey)
      var generator = Generator(seed: 35)
      for drawn in try family.samples(300, size: size, using: &generator) {
        #expect(drawn.parameters[1] == drawn.parameters[1].rounded())
        #expect(family.target(of: drawn, size: size).allSatisfy { abs($0) <= 1.0001 })
      }
      let home = try family.adopting(.centred)
      #expect(home.fill == .reflect && home.convention == .centred)
    }
  }

  @Test func rangesOutOfBoundsAreErrors() throws {
    #expect(throws: TensorError.self) { try Similarity(scale: 0...1) }
    #expect(throws: TensorError.self) { try Similarity(rotation: .nan) }
    let error = #expect(throws: TensorError.self) { try Euclidean(translation: 1.5) }
    #expect(error?.description.contains("Euclidean") == true)
    let (similarity, euclidean) = (try Similarity(), try Euclidean())
    let size = Self.sizes[0]
    #expect(similarity.transformation(fromTarget: [1, 0, 0, 0, 0], size: size) == nil)
    #expect(euclidean.transformation(fromTarget: [1, 0, 0, .nan], size: size) == nil)
    #expect(euclidean.transformation(fromTarget: [1, 0, 0, 0], size: size) == .identity)
  }
}

@Suite struct ViewMaskTests {
  @Test func theCircleHidesTheSamePixelsOfBothViews() throws {
    let size = ImageSize(height: 12, width: 16)
    var generator = Generator(seed: 36)
    let images = Tensor.uniform([6, 12, 16, 3], in: 0...1, using: &generator)
    let family = try Affine(fill: .constant(0.25), mask: .circle)
    let plain = try Affine(fill: .constant(0.25))
    let drawn = try family.samples(6, size: size, using: &generator)
    let (views, whole) = (
      try family.views(of: images, by: drawn, using: generator),
      try plain.views(of: images, by: drawn, using: generator)
    )
    var hidden = 0
    for i in 0..<6 * 12 * 16 {
      let (x, y) = (Double(i % 16) + 0.5 - 8, Double(i / 16 % 12) + 0.5 - 6)
      let isInside = x * x + y * y <= 36
      hidden += isInside ? 0 : 1
      for c in 0..<3 {
        let place = 3 * i + c
        #expect(views.original.scalars[place] == (isInside ? whole.original.scalars[place] : 0.25))
        #expect(
          views.transformed.scalars[place] == (isInside ? whole.transformed.scalars[place] : 0.25))
      }
    }
    #expect(hidden > 6 * 12 * 16 / 4)
  }

  @Test func aTurnBringsNothingIntoTheCircle() throws {
    let size = ImageSize(height: 28, width: 28)
    var generator = Generator(seed: 37)
    let turns = try Euclidean(rotation: 180, translation: 0)
      .samples(50, size: size, using: &generator)
    let whole = try outOfFrameMask(of: turns, size: size).scalars.reduce(0, +)
    let circle = try outOfFrameMask(of: turns, size: size, mask: .circle).scalars.reduce(0, +)
    #expect(whole > 1_000 && circle == 0)
  }

  @Test func whatHidesIsGreyUnlessTheFillHasAValue() throws {
    let images = Tensor.filled(1, shape: [1, 9, 9, 1])
    let views = try images.views(by: [.identity], fill: .reflect, mask: .circle)
    #expect(views.original.scalars[0] == 128.0 / 255 && views.original.scalars[40] == 1)
    #expect(views.original.scalars == views.transformed.scalars)
    #expect(try Projective(mask: .circle).description.contains("circle mask"))
  }
}
