import Layers
import Synchronization
import Tensors
import Training

/// A VQ-VAE with a codebook that follows the encoder by moving averages, written on `Layers`
/// (hidden 64, residual 2 × 32, 16 dimensions, 128 codes; 28×28×1).
struct VQVAEStep: Trainable {
  let encoder: Sequential
  let decoder: Sequential
  let codebook: Parameter
  private let averages: Averages

  var parts: [(name: String, part: Any)] {
    [("encoder", encoder), ("decoder", decoder), ("codebook", codebook)]
  }

  /// The state of the codebook's moving averages and the last assignment.
  private final class Averages: Sendable {
    struct State {
      var counts: [Float]
      var sums: [Float]
      var assigned: (rows: Tensor, places: [Int])?
    }
    let state: Mutex<State>
    init(codebook: Tensor) {
      state = Mutex(
        State(
          counts: .init(repeating: 1, count: codebook.shape[0]), sums: codebook.scalars))
    }
  }

  init(hidden: Int = 64, inner: Int = 32, dimension: Int = 16, codes: Int = 128, seed: UInt64) {
    var generator = Generator(seed: seed).split(.initialisation)
    func convolution(_ inputs: Int, _ outputs: Int, _ window: Int, stride: Int = 1) -> Convolution {
      Convolution(
        inputs: inputs, outputs: outputs, window: window, stride: stride, bias: true,
        generator: &generator)
    }
    func transposed(_ inputs: Int, _ outputs: Int) -> TransposedConvolution {
      TransposedConvolution(
        inputs: inputs, outputs: outputs, window: 4, stride: 2, padding: 1, bias: true,
        generator: &generator)
    }
    func residual() -> Residual { Residual(channels: hidden, inner: inner, generator: &generator) }
    encoder = Sequential([
      convolution(1, hidden / 2, 4, stride: 2), Rectifier(),
      convolution(hidden / 2, hidden, 4, stride: 2), Rectifier(),
      convolution(hidden, hidden, 3), residual(), residual(), Rectifier(),
      convolution(hidden, dimension, 1),
    ])
    decoder = Sequential([
      convolution(dimension, hidden, 3), residual(), residual(), Rectifier(),
      transposed(hidden, hidden / 2), Rectifier(), transposed(hidden / 2, 1),
    ])
    let codes = Tensor.normal([codes, dimension], using: &generator)
    codebook = Parameter(codes, isTrainable: false)
    averages = Averages(codebook: codes)
  }

  func loss(
    of batch: Batch, in pass: Pass, using generator: Generator
  ) throws(TensorError) -> [NamedTensor] {
    let images = batch.images
    let encoded = try encoder(images, in: pass)
    let codes = codebook.value
    let rows = try encoded.detached.reshaped([encoded.count / codes.shape[1], codes.shape[1]])
    let places = try rows.nearestCodes(in: codes)
    averages.state.withLock { $0.assigned = (rows, places) }
    let quantised = try codes.gathered(rows: places).reshaped(encoded.shape)
    let decoded = try decoder(quantised.straightThrough(to: encoded), in: pass)
    return [
      NamedTensor("reconstruction", try decoded.meanSquaredError(images) / 0.0833),
      NamedTensor("commitment", try encoded.meanSquaredError(quantised) * 0.25),
    ]
  }

  /// The moving averages of counts and sums, smoothed at read-out (van den Oord et al., 2017, appendix A.1).
  func didStep() throws(TensorError) {
    let codes = codebook.shape[0]
    let (rows, places) = averages.state.withLock { state in
      defer { state.assigned = nil }
      return state.assigned ?? (.zeros([0, codebook.shape[1]]), [])
    }
    let sums = try rows.scatterAdded(rows: places, count: codes).scalars
    averages.state.withLock { state in
      var counts = [Float](repeating: 0, count: codes)
      for place in places { counts[place] += 1 }
      for i in counts.indices { state.counts[i] = 0.99 * state.counts[i] + 0.01 * counts[i] }
      for i in sums.indices { state.sums[i] = 0.99 * state.sums[i] + 0.01 * sums[i] }
      let total = state.counts.reduce(0, +)
      codebook.update { values in
        let width = values.count / codes
        for code in 0..<codes {
          let smoothed = (state.counts[code] + 1e-5) / (total + Float(codes) * 1e-5) * total
          for i in code * width..<(code + 1) * width { values[i] = state.sums[i] / smoothed }
        }
      }
    }
  }
}
