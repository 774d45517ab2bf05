import Compute
import Tensors

/// The descent of t-SNE: positions, velocities, and a rate for each coordinate that grows while the
/// gradient keeps its direction (Jacobs, 1988).
struct Descent {
  private let affinities: Tensor
  private let rate: Float
  private(set) var positions: Tensor
  private var velocity: [Float]
  private var gains: [Float]

  /// Starts from positions `[2, N]`.
  init(affinities: Tensor, start: Tensor) {
    self.affinities = affinities
    positions = start
    rate = max(Float(start.shape[1]) / (4 * NeighbourEmbedding.exaggeration), 50)
    velocity = [Float](repeating: 0, count: start.count)
    gains = [Float](repeating: 1, count: start.count)
  }

  /// The gradient of the divergence, `[2, N]`.
  func gradient(exaggeration: Float = 1) -> Tensor {
    let count = positions.shape[1]
    let scratch = Buffer(count: 5 * count)
    return Tensor(shape: positions.shape) { target in
      affinities.withUnsafeScalars { affinities in
        positions.withUnsafeScalars { positions in
          guard let target = target.baseAddress, let affinities = affinities.baseAddress,
            let positions = positions.baseAddress
          else { return }
          NeighbourForces.gradient(
            affinities: affinities, positions: positions, count: count,
            exaggeration: exaggeration, scratch: scratch.pointer, into: target)
        }
      }
    }
  }

  /// The divergence of the positions' affinities, in nats.
  var divergence: Double {
    let count = positions.shape[1]
    let scratch = Buffer(count: 5 * count)
    return affinities.withUnsafeScalars { affinities in
      positions.withUnsafeScalars { positions in
        guard let affinities = affinities.baseAddress, let positions = positions.baseAddress else {
          return 0
        }
        return NeighbourForces.divergence(
          affinities: affinities, positions: positions, count: count, scratch: scratch.pointer)
      }
    }
  }

  /// Moves every point once.
  mutating func step(exaggeration: Float, momentum: Float) {
    let gradient = gradient(exaggeration: exaggeration)
    let rate = rate
    gradient.withUnsafeScalars { slopes in
      for i in slopes.indices {
        // The velocity points down, so the signs differ while the direction holds.
        let holds = slopes[i] * velocity[i] < 0
        gains[i] = max(0.01, holds ? gains[i] + 0.2 : gains[i] * 0.8)
        velocity[i] = momentum * velocity[i] - rate * gains[i] * slopes[i]
      }
    }
    let moves = velocity
    positions.update { values in
      for i in values.indices { values[i] += moves[i] }
    }
    centre()
  }

  /// Takes the mean away, which no force holds.
  private mutating func centre() {
    let count = positions.shape[1]
    positions.update { values in
      for start in [0, count] {
        let mean = values[start..<start + count].reduce(0) { $0 + Double($1) } / Double(count)
        for i in start..<start + count { values[i] -= Float(mean) }
      }
    }
  }
}
