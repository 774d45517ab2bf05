import Tensors

extension Tensor {
  /// The centres of clusters of the rows of `[M, D]`: Lloyd's iterations (1982) from centres that are drawn
  /// far from one another (k-means++, Arthur and Vassilvitskii, 2007); `[count, D]`.
  ///
  /// A centre that no row is nearest to stays where it is.
  ///
  /// - Throws: `TensorError.argument` when there are more centres than rows.
  func clusterCentres(
    _ count: Int, iterations: Int, using generator: inout Generator
  ) throws(TensorError) -> Tensor {
    guard rank == 2, shape[0] >= count else {
      throw .argument(
        operation: "k-means", name: "codes", value: "\(count)",
        fix: "there are \(shape.first ?? 0) vectors; take at most as many codes, or more images")
    }
    var centres = try gathered(rows: scatteredRows(count, using: &generator))
    let width = shape[1]
    for _ in 0..<iterations {
      let nearest = try nearestCodes(in: centres)
      var members = [Float](repeating: 0, count: count)
      for place in nearest { members[place] += 1 }
      try scatterAdded(rows: nearest, count: count).withUnsafeScalars { sums in
        centres.update { centres in
          for i in sums.indices where members[i / width] > 0 {
            centres[i] = sums[i] / members[i / width]
          }
        }
      }
    }
    return centres
  }

  /// Places of rows, each drawn with a probability proportional to its squared distance from those before.
  private func scatteredRows(_ count: Int, using generator: inout Generator) -> [Int] {
    let (rows, width) = (shape[0], shape[1])
    return withUnsafeScalars { values in
      var distances = [Double](repeating: .infinity, count: rows)
      var chosen = [generator.integer(in: 0...rows - 1)]
      while chosen.count < count, let last = chosen.last {
        var total = 0.0
        for row in 0..<rows {
          var square: Float = 0
          for i in 0..<width {
            let difference = values[row * width + i] - values[last * width + i]
            square += difference * difference
          }
          distances[row] = Swift.min(distances[row], Double(square))
          total += distances[row]
        }
        chosen.append(Self.drawn(distances, total, using: &generator))
      }
      return chosen
    }
  }

  /// The place that a random share of the total falls into; any place where all are zero.
  private static func drawn(
    _ weights: [Double], _ total: Double, using generator: inout Generator
  ) -> Int {
    guard total > 0 else { return generator.integer(in: 0...weights.count - 1) }
    var rest = Double(generator.uniform()) * total
    for (place, weight) in weights.enumerated() where weight > 0 {
      rest -= weight
      if rest < 0 { return place }
    }
    return weights.lastIndex { $0 > 0 } ?? 0
  }
}
