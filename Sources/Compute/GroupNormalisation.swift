private import CVectors

/// Normalisation of every image by itself, in groups of neighbouring channels.
///
/// Images are `[images, positions, channels]`; the group g of an image has the channels from
/// `g · channels / groups` on. With one position and one group it is layer normalisation of rows.
public struct GroupNormalisation: Hashable, Sendable {
  /// The number of images.
  public let images: Int
  /// The number of pixels of an image.
  public let positions: Int
  /// The number of channels.
  public let channels: Int
  /// The number of groups that the channels are cut into.
  public let groups: Int
  /// What is added to the variance.
  public let epsilon: Float

  /// Takes the sizes; `nil` when one is not positive or the groups do not divide the channels.
  public init?(images: Int, positions: Int, channels: Int, groups: Int, epsilon: Float) {
    guard images > 0, positions > 0, channels > 0, groups > 0, channels % groups == 0 else {
      return nil
    }
    (self.images, self.positions, self.channels) = (images, positions, channels)
    (self.groups, self.epsilon) = (groups, epsilon)
  }

  /// Whether this is layer normalisation of rows.
  private var isOfRows: Bool { positions == 1 && groups == 1 }
  /// The values of an image.
  private var values: Int { positions * channels }
  /// Images that make a thread worth its start.
  private var grain: Int { max(1, Elementwise.grain / (2 * values)) }
  /// The parts in which gradients of scale and shift are summed, whatever the number of threads.
  private var parts: Int { min(images, 64) }
  private var sizes: orbit_group_sizes {
    // Four megabytes: more than the caches of two cores, with the other tensors of the step.
    orbit_group_sizes(
      positions: Int64(positions), channels: Int64(channels), groups: Int64(groups),
      is_large: images * values >= 1 << 20 ? 1 : 0)
  }

  /// Writes `scale · (x − mean) / √(variance + epsilon) + shift`, and for the backward run the mean
  /// and `1 / √(variance + epsilon)` of each image and group, `[images, groups]`.
  ///
  /// The variance is the biased one.
  public func forward(
    source: UnsafePointer<Float>, scale: UnsafePointer<Float>, shift: UnsafePointer<Float>,
    into destination: UnsafeMutablePointer<Float>, mean: UnsafeMutablePointer<Float>,
    inverseDeviation: UnsafeMutablePointer<Float>
  ) {
    Parallel.ranges(images, grain: grain) { range in
      let (n, i, count) = (range.lowerBound, range.lowerBound * values, Int64(range.count))
      let (mean, inverse) = (mean + n * groups, inverseDeviation + n * groups)
      if isOfRows {
        return orbit_layer_normalise(
          source + i, scale, shift, destination + i, mean, inverse, count, Int64(channels),
          epsilon)
      }
      var sizes = sizes
      let scratch = Buffer(count: Int(orbit_group_scratch(sizes.channels)))
      orbit_group_normalise(
        source + i, scale, shift, destination + i, mean, inverse, count, &sizes, epsilon,
        scratch.pointer)
      withExtendedLifetime(scratch) {}
    }
  }

  /// Writes the gradients with respect to source, scale and shift.
  ///
  /// With x̂ the normalised source, g the gradient times the scale and ⟨·⟩ the mean over the group,
  /// the gradient with respect to the source is `(g − ⟨g⟩ − x̂ ⟨g x̂⟩) / √(variance + epsilon)`.
  public func backward(
    source: UnsafePointer<Float>, mean: UnsafePointer<Float>,
    inverseDeviation: UnsafePointer<Float>, scale: UnsafePointer<Float>,
    gradient: UnsafePointer<Float>, into sourceGradient: UnsafeMutablePointer<Float>,
    scale scaleGradient: UnsafeMutablePointer<Float>,
    shift shiftGradient: UnsafeMutablePointer<Float>
  ) {
    let partial = Buffer(count: 2 * parts * channels)
    let (scaleParts, shiftParts) = (partial.pointer, partial.pointer + parts * channels)
    partial.pointer.update(repeating: 0, count: 2 * parts * channels)
    Parallel.ranges(parts, grain: max(1, grain * parts / images)) { range in
      var sizes = sizes
      let scratch = Buffer(count: isOfRows ? 1 : Int(orbit_group_scratch(sizes.channels)))
      for part in range {
        let n = images * part / parts
        let count = Int64(images * (part + 1) / parts - n)
        let (i, row) = (n * values, part * channels)
        let (mean, inverse) = (mean + n * groups, inverseDeviation + n * groups)
        if isOfRows {
          orbit_layer_normalise_gradient(
            source + i, mean, inverse, scale, gradient + i, sourceGradient + i, scaleParts + row,
            shiftParts + row, count, Int64(channels))
        } else {
          orbit_group_normalise_gradient(
            source + i, mean, inverse, scale, gradient + i, sourceGradient + i, scaleParts + row,
            shiftParts + row, count, &sizes, scratch.pointer)
        }
      }
      withExtendedLifetime(scratch) {}
    }
    for (parts, target) in [(scaleParts, scaleGradient), (shiftParts, shiftGradient)] {
      Reduction.sumMiddle(
        parts, outer: 1, reduced: self.parts, inner: channels, into: target)
    }
    withExtendedLifetime(partial) {}
  }
}
