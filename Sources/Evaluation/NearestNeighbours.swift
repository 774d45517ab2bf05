import Compute
import Glibc
public import Tensors

/// The k-nearest-neighbour classifier of features.
///
/// Features are scaled to length 1, and the training images nearest by cosine vote for their classes: all
/// alike, or with the weight of instance discrimination (Wu et al., CVPR 2018). One search serves any number
/// of ways to vote. Of classes with equal votes the one with the nearer neighbour wins.
public struct NearestNeighbours: Sendable {
  /// Who votes, and how much.
  public struct Vote: Sendable, Hashable {
    /// The number of neighbours that vote.
    public let neighbours: Int
    /// The temperature τ of the weights exp(cos / τ); all votes count alike when `nil`.
    public let temperature: Float?

    /// The k nearest vote, with weights exp(cos / τ) where a temperature is given.
    public init(neighbours: Int, temperature: Float? = nil) {
      self.neighbours = neighbours
      self.temperature = temperature
    }
  }

  /// The ways to vote.
  public let votes: [Vote]
  private let features: Tensor
  private let labels: [Int]
  private let classes: Int
  private let most: Int

  /// Takes the training features `[N, D]`, their labels and the ways to vote.
  ///
  /// - Throws: `TensorError` when a k is not in 1...N or the labels do not match.
  public init(features: Tensor, labels: [Int], votes: [Vote]) throws(TensorError) {
    guard features.rank == 2, features.shape[0] == labels.count else {
      throw .shape(
        operation: "knn", shapes: [features.shape, [labels.count]],
        fix: "give one label for each row of features")
    }
    for vote in votes {
      guard (1...max(1, labels.count)).contains(vote.neighbours) else {
        throw .argument(
          operation: "knn", name: "k", value: "\(vote.neighbours)",
          fix: "take from 1 to \(labels.count) neighbours, as many as there are training images")
      }
      if let temperature = vote.temperature, !(temperature > 0) {
        throw .argument(
          operation: "knn", name: "temperature", value: "\(temperature)", fix: "it must be positive"
        )
      }
    }
    guard let most = votes.map(\.neighbours).max() else {
      throw .argument(
        operation: "knn", name: "votes", value: "[]", fix: "give at least one way to vote")
    }
    try Self.checkFinite(features)
    self.votes = votes
    self.most = most
    self.labels = labels
    self.features = features.rowsOfLengthOne
    classes = (labels.max() ?? 0) + 1
  }

  /// Takes the training features `[N, D]` and their labels; the k nearest vote with weights exp(cos / τ).
  ///
  /// - Throws: `TensorError` when k is not in 1...N or the labels do not match.
  public init(
    features: Tensor, labels: [Int], neighbours: Int = 200, temperature: Float = 0.07
  ) throws(TensorError) {
    try self.init(
      features: features, labels: labels,
      votes: [Vote(neighbours: neighbours, temperature: temperature)])
  }

  /// The classes that win for each row of `[M, D]` by the first way to vote.
  public func classify(_ queries: Tensor) throws(TensorError) -> [Int] {
    try winners(for: queries)[0]
  }

  /// The classes that win for each row of `[M, D]`, for every way to vote.
  public func winners(for queries: Tensor) throws(TensorError) -> [[Int]] {
    try Self.checkFinite(queries)
    let queries = queries.rowsOfLengthOne
    let (count, known) = (queries.shape.first ?? 0, labels.count)
    var winners = [Int](repeating: 0, count: votes.count * count)
    // A block of queries at a time, so that the similarities stay in the cache's reach.
    let block = 256
    for start in stride(from: 0, to: count, by: block) {
      let part = try queries.rows(start..<min(start + block, count))
      let similarities = try part.matrixProduct(features, transposingRight: true)
      winners.withUnsafeMutableBufferPointer { winners in
        nonisolated(unsafe) let winners = winners
        similarities.withUnsafeScalars { values in
          nonisolated(unsafe) let values = values
          Parallel.ranges(part.shape[0], grain: 8) { rows in
            var nearest = Nearest(capacity: most)
            for row in rows {
              nearest.removeAll()
              for i in 0..<known { nearest.offer(values[row * known + i], i) }
              let sorted = nearest.sorted
              for (index, vote) in votes.enumerated() {
                winners[index * count + start + row] = winner(of: vote, among: sorted)
              }
            }
          }
        }
      }
    }
    return votes.indices.map { Array(winners[$0 * count..<($0 + 1) * count]) }
  }

  private static func checkFinite(_ features: Tensor) throws(TensorError) {
    guard features.isFinite else {
      throw .notFinite(
        path: "a feature", fix: "the model has diverged; make it anew, or load it from a file")
    }
  }

  private func winner(of vote: Vote, among sorted: [(value: Float, index: Int)]) -> Int {
    var sums = [Float](repeating: 0, count: classes)
    let voters = sorted.prefix(vote.neighbours)
    let largest = sorted.first?.value ?? 0
    for (similarity, index) in voters {
      // Relative to the nearest: the same winner, no overflow, and the votes never vanish altogether.
      sums[labels[index]] += vote.temperature.map { expf((similarity - largest) / $0) } ?? 1
    }
    // The nearest come first, so of equal classes the nearer is met first.
    var best = labels[sorted.first?.index ?? 0]
    for (_, index) in voters where sums[labels[index]] > sums[best] { best = labels[index] }
    return best
  }
}

/// The k largest of a stream of numbers: a heap with the smallest of them on top.
struct Nearest {
  private let capacity: Int
  private var heap: [(value: Float, index: Int)] = []

  init(capacity: Int) {
    self.capacity = capacity
    heap.reserveCapacity(capacity)
  }

  /// The kept numbers from the largest down, ties by index.
  var sorted: [(value: Float, index: Int)] {
    heap.sorted { $0.value != $1.value ? $0.value > $1.value : $0.index < $1.index }
  }

  mutating func removeAll() { heap.removeAll(keepingCapacity: true) }

  @inline(__always)
  mutating func offer(_ value: Float, _ index: Int) {
    if heap.count == capacity {
      // Indices come in rising order, so an equal value that comes later loses.
      guard value > heap[0].value else { return }
      heap[0] = (value, index)
      sink(0)
    } else {
      heap.append((value, index))
      rise(heap.count - 1)
    }
  }

  private func isBelow(_ a: Int, _ b: Int) -> Bool {
    heap[a].value != heap[b].value ? heap[a].value < heap[b].value : heap[a].index > heap[b].index
  }

  private mutating func rise(_ start: Int) {
    var place = start
    while place > 0, isBelow(place, (place - 1) / 2) {
      heap.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  private mutating func sink(_ start: Int) {
    var place = start
    while true {
      let (left, right) = (2 * place + 1, 2 * place + 2)
      var least = place
      if left < heap.count, isBelow(left, least) { least = left }
      if right < heap.count, isBelow(right, least) { least = right }
      if least == place { return }
      heap.swapAt(place, least)
      place = least
    }
  }
}

extension Tensor {
  /// The rows of `[N, D]`, each scaled to length 1; a row of zeros stays.
  var rowsOfLengthOne: Tensor {
    guard rank == 2, shape[1] > 0 else { return detached }
    let width = shape[1]
    return Tensor(shape: shape) { target in
      withUnsafeScalars { source in
        for row in 0..<shape[0] {
          var sum = 0.0
          for i in row * width..<(row + 1) * width { sum += Double(source[i]) * Double(source[i]) }
          let scale = sum > 0 ? Float(1 / sum.squareRoot()) : 0
          for i in row * width..<(row + 1) * width { target[i] = source[i] * scale }
        }
      }
    }
  }
}
