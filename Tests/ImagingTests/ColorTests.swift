import Foundation
import Tensors
import Testing

@testable import Imaging

/// What `Fixtures/make_colour_fixtures.py` wrote down of Pillow's ImageEnhance and of the definition.
private struct Golden: Decodable, Sendable {
  struct Case: Decodable, Sendable {
    let blend: String
    let factor: Float
    let shape: [Int]
    let image, pillow, exact: [Double]
  }
  struct Chain: Decodable, Sendable {
    let factors: [String: Float]
    let shape: [Int]
    let image, exact: [Double]
  }
  let cases: [Case]
  let chains: [Chain]

  static func read() throws -> Golden {
    let url = try #require(
      Bundle.module.url(forResource: "colour", withExtension: "json", subdirectory: "Fixtures"))
    return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
  }
}

@Suite struct ColorTests {
  private static let size = ImageSize(height: 8, width: 8)

  private static func recoloured(
    _ bytes: [Double], shape: [Int], _ factors: ColorFactors
  ) throws -> [Float] {
    let images = try Tensor(bytes.map { Float($0 / 255) }, shape: [1] + shape)
    return try images.recoloured(by: [factors]).scalars
  }

  private static func largest(_ found: [Float], _ known: [Double]) -> Double {
    zip(found, known).map { abs(Double($0) - $1) }.max() ?? 0
  }

  @Test func everyBlendIsPillows() throws {
    let golden = try Golden.read()
    #expect(golden.cases.count == 40)
    for known in golden.cases {
      let blend = try #require(ColorBlend(rawValue: known.blend))
      var factors = ColorFactors.identity
      factors[blend] = known.factor
      let found = try Self.recoloured(known.image, shape: known.shape, factors)
      #expect(Self.largest(found, known.exact) < 1e-6, "\(known.blend) \(known.factor)")
      // Pillow cuts the result to a whole level, and rounds the degenerate image before.
      let limit = (1 + 0.5 * abs(1 - Double(known.factor)) + 0.01) / 255
      #expect(Self.largest(found, known.pillow.map { $0 / 255 }) <= limit)
    }
  }

  @Test func theBlendsFollowOneAnotherInOrder() throws {
    for known in try Golden.read().chains {
      var factors = ColorFactors.identity
      for (name, factor) in known.factors {
        factors[try #require(ColorBlend(rawValue: name))] = factor
      }
      let found = try Self.recoloured(known.image, shape: known.shape, factors)
      #expect(Self.largest(found, known.exact) < 2e-6)
    }
  }

  @Test func theIdentityLeavesEveryBit() throws {
    var generator = Generator(seed: 41)
    let images = Tensor.uniform([3, 8, 8, 3], in: -1...2, using: &generator)
    let same = [ColorFactors](repeating: .identity, count: 3)
    #expect(try images.recoloured(by: same).scalars == images.scalars)
  }

  @Test func imagesDoNotMixAndThreadsDoNotMatter() throws {
    var generator = Generator(seed: 42)
    let images = Tensor.uniform([40, 9, 7, 3], in: 0...1, using: &generator)
    let factors = try Color().samples(40, size: Self.size, using: &generator).map(\.color)
    let whole = try images.recoloured(by: factors)
    for n in 0..<40 {
      let one = try images.rows(n..<n + 1).recoloured(by: [factors[n]])
      #expect(one.scalars == (try whole.rows(n..<n + 1)).scalars)
    }
    #expect(whole.scalars.allSatisfy { (0...1).contains($0) })
  }

  @Test func factorsMultiplyAndUndoWhereNothingIsClamped() throws {
    var generator = Generator(seed: 43)
    let images = Tensor.uniform([1, 8, 8, 3], in: 0.4...0.5, using: &generator)
    let first = try ColorFactors(saturation: 0.7, contrast: 1.3, brightness: 0.9)
    let second = try ColorFactors(saturation: 1.2, contrast: 0.8, brightness: 1.2)
    let steps = try images.recoloured(by: [first]).recoloured(by: [second])
    let once = try images.recoloured(by: [first.followed(by: second)])
    #expect(zip(steps.scalars, once.scalars).allSatisfy { abs($0 - $1) < 1e-6 })
    let back = try images.recoloured(by: [first]).recoloured(by: [first.inverse()])
    #expect(zip(back.scalars, images.scalars).allSatisfy { abs($0 - $1) < 1e-6 })
    let t = Transformation(color: first).with(second)
    #expect(t.color == second && t.followed(by: t.inverse()).color[.contrast] == 1)
    let warp = Transformation.rotation(degrees: 30, size: Self.size).with(first)
    #expect(warp.followed(by: .identity).color == first)
    #expect(warp.inverse().color[.brightness] == 1 / 0.9 as Float)
  }

  @Test func factorsAreUniformAboutOne() throws {
    let family = try Color(brightness: 0.5)
    var generator = Generator(seed: 44)
    let drawn = try family.samples(20_000, size: Self.size, using: &generator)
    #expect(family.targetNames == ["saturation", "contrast", "brightness", "sharpness"])
    for (k, half) in [0.8, 0.8, 0.5, 0.8].enumerated() {
      let values = drawn.map { Double(family.target(of: $0, size: Self.size)[k]) }
      let mean = values.reduce(0, +) / 20_000
      let variance = values.reduce(0) { $0 + $1 * $1 } / 20_000 - mean * mean
      #expect(abs(mean) < 0.02 && abs(variance / (half * half / 3) - 1) < 0.03)
      #expect(values.allSatisfy { abs($0) <= half + 1e-6 })
    }
    let published = try family.adopting(.published)
    #expect(published.target(of: drawn[0], size: Self.size) == drawn[0].parameters)
    #expect(try published.whitening(size: Self.size) == .none(dimension: 4))
    #expect(abs(try family.chance(size: Self.size) - 1) < 1e-4)
  }

  @Test func greyImagesHaveNoSaturation() throws {
    let grey = try Color().fitting(channels: 1)
    #expect(grey.targetNames == ["contrast", "brightness", "sharpness"])
    #expect(try Color().fitting(channels: 3) == Color())
    let both = try Projective().with(Color()).fitting(channels: 1)
    #expect(both.targetDimension == 11 && both.color?.saturation == 0)
    #expect(throws: TensorError.self) {
      try Color(brightness: 0, contrast: 0, sharpness: 0).fitting(channels: 1)
    }
    var generator = Generator(seed: 45)
    let images = Tensor.uniform([1, 8, 8, 1], in: 0...1, using: &generator)
    let change = try ColorFactors(saturation: 0.3)
    #expect(try images.recoloured(by: [change]).scalars == images.scalars)
  }

  @Test func composedFamiliesMoveAndRecolour() throws {
    let family = try Projective(fill: .constant(0.5)).with(Color())
    #expect(family.name == "projective and colour" && family.targetDimension == 12)
    #expect(family.isGeometric && family.color != nil && family.fill == .constant(0.5))
    var generator = Generator(seed: 46)
    let size = ImageSize(height: 16, width: 16)
    let drawn = try family.samples(10, size: size, using: &generator)
    let images = Tensor.uniform([10, 16, 16, 3], in: 0...1, using: &generator)
    let views = try family.views(of: images, by: drawn, using: generator)
    // Colours first, then the warp: what lies beyond the frame keeps its value.
    let motions = drawn.map { $0.with(.identity) }
    let steps = try images.recoloured(by: drawn.map(\.color)).warped(
      by: motions, fill: .constant(0.5))
    #expect(views.transformed.scalars == steps.scalars && views.original.scalars == images.scalars)
    #expect(
      views.transformed.scalars != (try images.warped(by: motions, fill: .constant(0.5))).scalars)
    #expect(try family.adopting(.published).convention == .published)
    #expect(throws: TensorError.self) { try family.with(Color()) }
    #expect(throws: TensorError.self) { try Color().with(Color()) }
    // The geometry's corners decide the corner error.
    #expect(cornerError(predicted: motions[0], truth: drawn[0], size: size) == 0)
  }

  @Test func rangesOutOfBoundsAreErrors() throws {
    #expect(throws: TensorError.self) { try Color(brightness: -0.1) }
    #expect(throws: TensorError.self) { try Color(contrast: 1) }
    #expect(throws: TensorError.self) { try Color(sharpness: .nan) }
    #expect(throws: TensorError.self) {
      try Color(brightness: 0, contrast: 0, saturation: 0, sharpness: 0)
    }
    #expect(throws: TensorError.self) { try ColorFactors(contrast: 0) }
    #expect(throws: TensorError.self) {
      try Tensor.zeros([2, 4, 4, 1]).recoloured(by: [.identity])
    }
    let family = try Color()
    #expect(family.transformation(fromTarget: [0, 0, .nan, 0], size: Self.size) == nil)
    #expect(family.transformation(fromTarget: [0, 0], size: Self.size) == nil)
    // A prediction below 0 is shown as almost black, not as a negative.
    let dark = family.transformation(fromTarget: [0, 0, -3, 0], size: Self.size)
    #expect(dark?.color[.brightness] == 0.01)
    #expect(family.error(predicted: try #require(dark), truth: .identity) == 0.99 / 4)
  }
}
