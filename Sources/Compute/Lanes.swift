/// A batch cut into runs of consecutive images, each of which one thread works through on its own.
///
/// The cut depends on the batch alone. Sums over the batch are kept for each lane and added up in the
/// order of the lanes, so results depend neither on timing nor on the number of threads.
struct Lanes: Sendable {
  /// One run of images.
  struct Lane: Sendable {
    /// The part of the batch, normalised on its own, that the images belong to.
    let branch: Int
    let images: Range<Int>
  }

  let lanes: [Lane]
  let branches: Int
  /// The number of images of a branch.
  let imagesPerBranch: Int

  init(batch: Int, branches: Int = 1) {
    self.branches = branches
    imagesPerBranch = batch / branches
    let target = Parallel.isInside ? 1 : Parallel.most
    let count = max(1, min(target / branches, imagesPerBranch))
    let size = imagesPerBranch
    lanes = (0..<branches).flatMap { branch in
      (0..<count).map { lane in
        Lane(
          branch: branch,
          images: branch * size + size * lane / count..<branch * size + size * (lane + 1) / count)
      }
    }
  }

  var count: Int { lanes.count }

  /// The lanes of a branch.
  func places(of branch: Int) -> [Int] { lanes.indices.filter { lanes[$0].branch == branch } }

  /// Cuts the images of a lane into equal chunks whose longest rows fit the cache of a core.
  func chunks(of lane: Lane, valuesPerImage: Int) -> [Range<Int>] {
    // Half a megabyte: two such chunks and what belongs to them fit the second-level cache. By
    // measurement a quarter and a whole megabyte are as good, an eighth is slower.
    let most = max(1, (1 << 17) / max(1, valuesPerImage))
    let count = (lane.images.count + most - 1) / most
    return (0..<count).map { chunk in
      let (start, size) = (lane.images.lowerBound, lane.images.count)
      return start + size * chunk / count..<start + size * (chunk + 1) / count
    }
  }

  /// The numbers of images that chunks have, without repetition.
  func chunkSizes(valuesPerImage: Int) -> [Int] {
    var sizes: [Int] = []
    for lane in lanes {
      for chunk in chunks(of: lane, valuesPerImage: valuesPerImage)
      where !sizes.contains(chunk.count) {
        sizes.append(chunk.count)
      }
    }
    return sizes
  }

  /// A number of values after which the next array starts on a cache line.
  static func aligned(_ count: Int) -> Int { (count + 15) / 16 * 16 }

  /// Scratch memory of one size for each thread.
  static func scratch(_ count: Int) -> [Buffer] {
    (0..<Parallel.threadCount).map { _ in Buffer(count: count) }
  }

  /// Runs `body` for every lane, several at a time, and throws the error of the first that failed.
  func run(
    _ body: (_ lane: Int, _ worker: Int) throws(ComputeError) -> Void
  ) throws(ComputeError) {
    try Parallel.attempts(lanes.count, body)
  }
}
