import Imaging
import Layers
import Methods
import Tensors
import Testing
import Training

private struct Blobs: BatchSource {
  let count = 256
  let images = blobs(256)
  func images(at places: [Int]) throws -> Tensor { try images.gathered(rows: places) }
}

@Suite("Training with half the bits", .enabled(if: Precision.bfloat16.isAvailable))
struct PrecisionTests {
  private func train(_ precision: Precision, steps: Int) throws -> ([Float], AET) {
    var configuration = AET.Configuration()
    configuration.transformation = try Affine(
      rotation: 0, translation: 0.3, scale: 1...1, shear: 0, fill: .clamp)
    configuration.encoder = try .small([16, 24])
    let model = try AET(configuration, for: AETTests.format, seed: 1)
    let run = try TrainingRun(
      model, on: Blobs(),
      options: .init(
        epochs: steps / 8, batch: 32, rate: 0.01, schedule: .constant, precision: precision),
      optimiser: Adam())
    try run.advance(watchedBy: [])
    return (run.history["loss"] ?? [], model)
  }

  @Test("learns what whole ones learn")
  func learns() throws {
    let (single, _) = try train(.float32, steps: 64)
    let (half, model) = try train(.bfloat16, steps: 64)
    func mean(_ losses: some Collection<Float>) -> Float {
      losses.reduce(0, +) / Float(losses.count)
    }
    #expect(half != single)
    #expect(mean(single.suffix(10)) < 0.8 * mean(single.prefix(10)))
    #expect(abs(mean(half.suffix(10)) - mean(single.suffix(10))) < 0.05)
    // The parameters keep their bits.
    let weights = model.parameters.flatMap { $0.parameter.value.scalars }
    #expect(weights.contains { $0.bitPattern & 0xffff != 0 })
  }

  @Test("repeats to the bit")
  func repeats() throws {
    #expect(try train(.bfloat16, steps: 8).0 == train(.bfloat16, steps: 8).0)
  }
}
