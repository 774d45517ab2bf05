import Imaging
import Tensors
import Testing

/// Grids with gradients read what the warps read.
@Suite struct GridSamplingTests {
  @Test(arguments: [GridFill.constant(0.5), .clamp, .reflect], [1, 3])
  func gridOfATransformationReadsWhatItsWarpReads(_ fill: GridFill, channels: Int) throws {
    let warpFill: Fill =
      switch fill {
      case .constant(let value): .constant(value)
      case .clamp: .clamp
      case .reflect: .reflect
      }
    let size = ImageSize(height: 9, width: 12)
    let affine = try Affine(rotation: 180, translation: 0.3, scale: 0.6...1.4, shear: 30)
    let projective = try Projective(scale: 0.7...1.3, jitter: 1.5)
    var generator = Generator(seed: 4)
    var transformations = [Transformation.identity, .rotation(degrees: 90, size: size)]
    for _ in 0..<6 {
      transformations.append(try affine.sample(size: size, using: &generator))
      transformations.append(try projective.sample(size: size, using: &generator))
    }
    let images = Tensor.uniform(
      [transformations.count, size.height, size.width, channels], in: 0...1, using: &generator)
    for output in [size, ImageSize(height: 5, width: 17)] {
      let matrices = try Tensor(
        transformations.flatMap { $0.sampling.entries.map(Float.init) },
        shape: [transformations.count, 3, 3])
      let grid = try matrices.homographyGrid(height: output.height, width: output.width)
      let sampled = try images.gridSampled(grid, fill: fill)
      let warped = try images.warped(by: transformations, fill: warpFill, size: output)
      #expect(sampled.shape == warped.shape)
      let worst = zip(sampled.scalars, warped.scalars).reduce(0) { max($0, abs($1.0 - $1.1)) }
      // Both find positions in single precision, a few units in the last place apart.
      #expect(worst < 2e-5, "\(fill)")
    }
  }
}
