import Glibc
import Imaging
import Methods
import Plotting
import Tensors

/// Where the corners of an image's frame may be, by the distribution that a model gives to its transformation.
struct CornerSpread {
  /// An ellipse of one standard deviation for each corner, in frame pixels.
  let ellipses: [[Plotting.Point]]
  /// The mean corner error, in pixels, that the model expects of its prediction.
  let expectedError: Double

  /// Draws from the distribution of each image; `nil` where a mean stands for no transformation.
  static func all(
    _ distributions: TransformationDistributions, family: any TransformationFamily, size: ImageSize,
    draws: Int = 200, using generator: Generator
  ) throws -> [CornerSpread?] {
    let width = distributions.means.shape[1]
    return try distributions.predictions.predictions.enumerated().map { index, prediction in
      guard let prediction else { return nil }
      var stream = generator.split(.sampling, index)
      let noise = Tensor.normal([draws, width], using: &stream)
      let deviation = try distributions.deviations.rows(index..<index + 1).reshaped([width])
      let mean = try distributions.means.rows(index..<index + 1).reshaped([width])
      let rows = try noise * deviation + mean
      let drawn = try family.transformations(fromWhitened: rows, size: size).compactMap { $0 }
      return CornerSpread(of: drawn, around: prediction, size: size)
    }
  }

  private init?(of drawn: [Transformation], around mean: Transformation, size: ImageSize) {
    let errors = drawn.map { Double(cornerError(predicted: mean, truth: $0, size: size)) }
      .filter(\.isFinite)
    let frames = drawn.map { $0.frame(size: size) }.filter { frame in
      frame.allSatisfy { $0.x.isFinite && $0.y.isFinite }
    }
    guard errors.count > 1, frames.count > 1 else { return nil }
    expectedError = errors.reduce(0, +) / Double(errors.count)
    ellipses = (0..<4).map { corner in Self.ellipse(frames.map { $0[corner] }) }
  }

  /// The ellipse of one standard deviation around the mean of some points.
  private static func ellipse(_ points: [Imaging.Point]) -> [Plotting.Point] {
    let count = Double(points.count)
    let x = points.reduce(0) { $0 + $1.x } / count
    let y = points.reduce(0) { $0 + $1.y } / count
    var (xx, xy, yy) = (0.0, 0.0, 0.0)
    for point in points {
      xx += (point.x - x) * (point.x - x) / (count - 1)
      xy += (point.x - x) * (point.y - y) / (count - 1)
      yy += (point.y - y) * (point.y - y) / (count - 1)
    }
    // The Cholesky factor of the covariance takes the unit circle to the ellipse.
    let a = xx.squareRoot()
    let b = a > 0 ? xy / a : 0
    let c = max(0, yy - b * b).squareRoot()
    return (0..<32).map { step in
      let angle = 2 * .pi * Double(step) / 32
      return Plotting.Point(x + a * cos(angle), y + b * cos(angle) + c * sin(angle))
    }
  }
}
