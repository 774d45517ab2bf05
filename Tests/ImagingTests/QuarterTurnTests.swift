import Imaging
import Tensors
import Testing

@Suite struct QuarterTurnTests {
  private static func images(_ shape: [Int]) -> Tensor {
    var generator = Generator(seed: 4)
    return .uniform(shape, in: 0...1, using: &generator)
  }

  @Test func turnsAreTheWarpsPixelByPixel() throws {
    let images = Self.images([3, 7, 7, 2])
    let turned = try images.quarterTurned(by: [0, 1, 2, 3])
    #expect(turned.shape == [12, 7, 7, 2])
    #expect(try turned.rows(0..<3).scalars == images.scalars)
    for quarter in 1...3 {
      let transformation = Transformation.rotation(
        degrees: 90 * Double(quarter), size: ImageSize(height: 7, width: 7))
      let warped = try images.warped(
        by: [Transformation](repeating: transformation, count: 3))
      let got = try turned.rows(3 * quarter..<3 * quarter + 3).scalars
      #expect(zip(got, warped.scalars).allSatisfy { abs($0 - $1) < 1e-5 })
    }
  }

  @Test func fourQuartersAreAWholeToTheBit() throws {
    let images = Self.images([2, 6, 6, 3])
    var turned = images
    for _ in 0..<4 { turned = try turned.quarterTurned(by: [1]) }
    #expect(turned.scalars == images.scalars)
    #expect(
      try images.quarterTurned(by: [3]).scalars == images.quarterTurned(by: [-1]).scalars)
    // The top left pixel goes to the top right.
    #expect(
      try images.quarterTurned(by: [1]).scalars[5 * 3..<6 * 3].elementsEqual(images.scalars[0..<3]))
  }

  @Test func oblongImagesTakeHalfTurnsOnly() throws {
    let images = Self.images([2, 4, 6, 1])
    let turned = try images.quarterTurned(by: [0, 2])
    #expect(try turned.rows(2..<3).scalars == images.rows(0..<1).scalars.reversed())
    #expect(throws: TensorError.self) { try images.quarterTurned(by: [1]) }
    #expect(throws: TensorError.self) { try images.quarterTurned(by: []) }
  }
}

@Suite struct RandomCropTests {
  @Test func cropsAreShiftsOfTheImageOrItsMirror() throws {
    var generator = Generator(seed: 4)
    let images = Tensor.uniform([60, 8, 6, 2], in: 0.1...1, using: &generator)
    var stream = Generator(seed: 1)
    let crops = try images.randomlyCropped(padding: 2, mirrors: true, using: &stream)
    var seen: Set<[Int]> = []
    for row in 0..<60 {
      let (image, crop) = (try images.rows(row..<row + 1), try crops.rows(row..<row + 1).scalars)
      let pixels = image.scalars
      var mirrored: [Float] = []
      for place in 0..<48 {
        let other = place / 6 * 6 + 5 - place % 6
        mirrored += pixels[2 * other..<2 * other + 2]
      }
      let mirror = try Tensor(mirrored, shape: [1, 8, 6, 2])
      var found: [Int]?
      for down in -2...2 {
        for right in -2...2 {
          // A mirrored window moves to the other side.
          if try image.shifted(down: down, right: right).scalars == crop {
            found = [down, right, 0]
          }
          if try mirror.shifted(down: down, right: right).scalars == crop {
            found = [down, right, 1]
          }
        }
      }
      seen.insert(try #require(found, "image \(row) is no crop"))
    }
    #expect(seen.count > 25)
    #expect(Set(seen.map { $0[2] }) == [0, 1])
  }

  @Test func sameStreamSameCrops() throws {
    var generator = Generator(seed: 4)
    let images = Tensor.uniform([9, 8, 8, 1], in: 0...1, using: &generator)
    var (one, two) = (Generator(seed: 7), Generator(seed: 7))
    let first = try images.randomlyCropped(padding: 1, mirrors: false, using: &one)
    #expect(
      try first.scalars == images.randomlyCropped(padding: 1, mirrors: false, using: &two).scalars)
    #expect(
      try images.randomlyCropped(padding: 0, mirrors: false, using: &one).scalars == images.scalars)
    #expect(throws: TensorError.self) {
      try images.randomlyCropped(padding: -1, mirrors: false, using: &one)
    }
  }
}
