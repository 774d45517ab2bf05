import Compute
import Imaging
import Tensors

/// Warps of a batch of 512 images on one core: images a second, the median of the rounds.
///
/// `Benchmarks/pytorch/warp.py` times `grid_sample` and Pillow under the same names.
func warpOperations() throws -> [(name: String, imagesPerSecond: Double)] {
  let threads = Parallel.threadCount
  Parallel.setThreadCount(1)
  defer { Parallel.setThreadCount(threads) }
  let (batch, rounds) = (512, 31)
  let pictures = [(name: "grey", side: 28, channels: 1), (name: "colour", side: 32, channels: 3)]
  let fills: [(name: String, fill: Fill, convention: Convention)] = [
    ("constant", .grey, .centred), ("hard constant", .grey, .published),
    ("clamp", .clamp, .centred), ("reflect", .reflect, .centred), ("noise", .noise, .centred),
    ("crop", .halfView, .centred),
  ]
  var results: [(name: String, imagesPerSecond: Double)] = []
  for (picture, side, channels) in pictures {
    var generator = Generator(seed: 1)
    let size = ImageSize(height: side, width: side)
    let images = Tensor.uniform([batch, side, side, channels], in: 0...1, using: &generator)
    let drawn = [
      (name: "projective", try Projective().samples(batch, size: size, using: &generator)),
      (name: "affine", try Affine().samples(batch, size: size, using: &generator)),
    ]
    for (kind, transformations) in drawn {
      for (fill, mode, convention) in fills {
        var times: [Duration] = []
        for round in 0..<rounds + 3 {
          let start = ContinuousClock.now
          _ = try images.warped(
            by: transformations, fill: mode, convention: convention, using: generator)
          if round >= 3 { times.append(ContinuousClock.now - start) }
        }
        let median = times.sorted()[rounds / 2] / .seconds(1)
        results.append(("\(picture) \(side)×\(side) \(kind) \(fill)", Double(batch) / median))
      }
    }
  }
  return results
}
