import Tensors
import Testing

@testable import Imaging

@Suite struct TransformationTests {
  private static let size = ImageSize(height: 24, width: 32)

  private static func samples(_ count: Int) throws -> [Transformation] {
    var generator = Generator(seed: 5)
    return try Projective().samples(count, size: size, using: &generator)
      + Affine().samples(count, size: size, using: &generator)
  }

  @Test func groupLaws() throws {
    let all = try Self.samples(20)
    for (i, a) in all.enumerated() {
      let (b, c) = (all[(i + 7) % all.count], all[(i + 13) % all.count])
      #expect(largestDifference(a.followed(by: .identity).sampling, a.sampling) < 1e-9)
      #expect(largestDifference(a.followed(by: a.inverse()).sampling, .identity) < 1e-9)
      #expect(largestDifference(a.inverse().followed(by: a).sampling, .identity) < 1e-9)
      let (left, right) = (a.followed(by: b).followed(by: c), a.followed(by: b.followed(by: c)))
      #expect(largestDifference(left.sampling, right.sampling) < 1e-8)
      #expect(abs(left.sampling.determinant - 1) < 1e-8)
      // (a b)⁻¹ = b⁻¹ a⁻¹
      let undone = b.inverse().followed(by: a.inverse())
      #expect(largestDifference(a.followed(by: b).inverse().sampling, undone.sampling) < 1e-8)
    }
  }

  @Test func forwardAndSamplingAreInverse() throws {
    for transformation in try Self.samples(20) {
      let p = Point(x: 0.25, y: -0.5)
      let there = transformation.sampling.apply(to: p)
      #expect(transformation.forward.apply(to: there).distance(to: p) < 1e-9)
    }
  }

  @Test func quarterTurnsComposeExactlyToTheIdentity() {
    let turn = Transformation.rotation(degrees: 90, size: ImageSize(height: 5, width: 5))
    let whole = turn.followed(by: turn).followed(by: turn).followed(by: turn)
    #expect(whole == .identity)
    #expect(turn.inverse() == .rotation(degrees: -90, size: ImageSize(height: 5, width: 5)))
    #expect(turn.inverse() == .rotation(degrees: 270, size: ImageSize(height: 5, width: 5)))
  }

  @Test func rotationKeepsPixelDistancesInFramesThatAreNotSquare() {
    let frame = Transformation.rotation(degrees: 30, size: Self.size).frame(size: Self.size)
    #expect(abs(frame[0].distance(to: frame[1]) - 32) < 1e-9)
    #expect(abs(frame[1].distance(to: frame[2]) - 24) < 1e-9)
    // Clockwise: the top left corner moves up and to the right.
    #expect(frame[0].y < 0 && frame[0].x > 0)
  }

  @Test func framesAndWindows() {
    let size = Self.size
    let corners = [
      Point(x: 0, y: 0), Point(x: 32, y: 0), Point(x: 32, y: 24), Point(x: 0, y: 24),
    ]
    #expect(Transformation.identity.frame(size: size) == corners)
    let shift = Transformation.translation(x: 3, y: -2, size: size)
    for (corner, (there, back)) in zip(
      corners, zip(shift.frame(size: size), shift.window(size: size)))
    {
      #expect(there.distance(to: Point(x: corner.x + 3, y: corner.y - 2)) < 1e-12)
      #expect(back.distance(to: Point(x: corner.x - 3, y: corner.y + 2)) < 1e-12)
    }
  }

  @Test func cornerErrorLaws() throws {
    let all = try Self.samples(10)
    for (i, a) in all.enumerated() {
      let b = all[(i + 3) % all.count]
      #expect(cornerError(predicted: a, truth: a, size: Self.size) == 0)
      let (there, back) = (
        cornerError(predicted: a, truth: b, size: Self.size),
        cornerError(predicted: b, truth: a, size: Self.size)
      )
      #expect(there == back && there > 0)
      // A shift by 5 pixels after the transformation moves every corner by 5 pixels.
      let moved = a.followed(by: .translation(x: 3, y: 4, size: Self.size))
      #expect(abs(cornerError(predicted: moved, truth: a, size: Self.size) - 5) < 1e-4)
    }
  }
}
