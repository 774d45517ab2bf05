import Tensors
import Testing

@testable import Datasets

@Suite("Image sets")
struct ImageSetTests {
  let data: Dataset

  init() throws { data = try TinyFiles().load() }

  /// The numbers of the chosen images in the whole split, found by their pixels.
  func origins(_ set: ImageSet) throws -> [Int] {
    let tiny = TinyFiles()
    let all = (0..<30).map { tiny.pixels($0, 0) }
    return try (0..<set.count).map { try #require(all.firstIndex(of: set.pixels(at: $0))) }
  }

  @Test("the tensor is the bytes over 255, [N, H, W, C]")
  func tensor() throws {
    let tensor = try data.train.tensor()
    #expect(tensor.shape == [30, 2, 3, 1])
    var expected: [Float] = []
    for image in 0..<30 { expected += TinyFiles().pixels(image, 0).map { Float($0) / 255 } }
    #expect(tensor.scalars == expected)
    #expect(expected.allSatisfy { (0...1).contains($0) })
  }

  @Test("chosen images come in the order asked for, repeated when asked for twice")
  func chosen() throws {
    let indices = [29, 0, 5, 5, 17]
    let tensor = try data.train.tensor(at: indices)
    let whole = try data.train.tensor().scalars
    #expect(tensor.shape == [5, 2, 3, 1])
    #expect(tensor.scalars == indices.flatMap { whole[($0 * 6)..<($0 * 6 + 6)] })
    #expect(try data.train.tensor(at: []).shape == [0, 2, 3, 1])
    var buffer = [Float](repeating: -1, count: 31)
    buffer.withUnsafeMutableBufferPointer { data.train.fill($0, at: indices[1...]) }
    #expect(Array(buffer[..<24]) == Array(tensor.scalars[6...]))
    #expect(buffer[24...].allSatisfy { $0 == -1 })
  }

  @Test("images that do not exist are named", arguments: [-1, 30, Int.max, Int.min])
  func outside(index: Int) throws {
    for error in [
      datasetError({ () throws(DatasetError) in _ = try data.train.tensor(at: [0, index]) }),
      datasetError({ () throws(DatasetError) in _ = try data.train.pixels(at: index) }),
    ] {
      #expect(error?.description.contains("no image \(index) among 30") == true)
      #expect(error?.description.contains("from 0 to 29") == true)
    }
  }

  @Test("more images than memory has room for are refused with both numbers of bytes")
  func memory() throws {
    let store = ImageStore(
      pixels: ArraySlice([UInt8](repeating: 0, count: 12_000_000)), labels: [0],
      imageShape: [2000, 2000, 3], classNames: ["a"], checksum: "")
    let set = ImageSet(name: "n", recipe: "large", store: store)
    let available = try #require(Tensor.availableMemory(lessThan: .max))
    let number = 2 * available / 48_000_000
    let error = datasetError({ () throws(DatasetError) in
      _ = try set.tensor(at: [Int](repeating: 0, count: number))
    })
    let text = try #require(error?.description)
    #expect(text.contains("need \((48_000_000 * number).grouped) bytes, and "))
    #expect(text.contains("are available; choose fewer"))
    #expect(try set.tensor().count == 12_000_000)
  }

  @Test("a range keeps the order, also a range of a range")
  func ranges() throws {
    let middle = try data.train[10..<20]
    #expect(try origins(middle) == Array(10..<20))
    #expect(middle.labels == (10..<20).map { $0 % 3 })
    #expect(try origins(middle[3..<5]) == [13, 14])
    #expect(try middle[3..<5].recipe.hasSuffix(".train[10..<20][3..<5]"))
    #expect(try data.train[30..<30].count == 0)
    #expect(try origins(data.train.first(4)) == [0, 1, 2, 3])
    #expect(try data.train.first(30).recipe.hasSuffix(".train.first(30)"))
    #expect(middle.store === data.train.store)
  }

  @Test("a range that does not fit names itself and the count")
  func wrongRanges() throws {
    for range in [0..<31, -1..<3, 40..<50, Int.min..<Int.max] {
      let error = datasetError { () throws(DatasetError) in _ = try data.train[range] }
      #expect(error?.description.contains("[\(range)]") == true)
      #expect(error?.description.contains("30 images") == true)
    }
    for count in [-1, 31, Int.max] {
      for error in [
        datasetError({ () throws(DatasetError) in _ = try data.train.first(count) }),
        datasetError({ () throws(DatasetError) in _ = try data.train.sample(count, seed: 1) }),
        datasetError({ () throws(DatasetError) in _ = try data.train.labelled(count, seed: 1) }),
      ] { #expect(error?.description.contains("ask for 1 to 30") == true) }
    }
  }

  @Test("a sample has no image twice, is the seed's own, and grows with its size")
  func samples() throws {
    let sample = try data.train.sample(12, seed: 1)
    let chosen = try origins(sample)
    #expect(Set(chosen).count == 12)
    #expect(sample.labels == chosen.map { $0 % 3 })
    #expect(try origins(data.train.sample(12, seed: 1)) == chosen)
    #expect(try origins(data.train.sample(12, seed: 2)) != chosen)
    #expect(try Array(origins(data.train.sample(20, seed: 1)).prefix(12)) == chosen)
    #expect(try origins(data.train.sample(30, seed: 3)).sorted() == Array(0..<30))
    #expect(sample.recipe.hasSuffix(".train.sample(12, seed: 1)"))
  }

  @Test("over many seeds each image is sampled as often as any other")
  func uniformSamples() throws {
    var counts = [Int](repeating: 0, count: 30)
    for seed in 0..<600 as Range<UInt64> {
      for origin in try origins(data.train.sample(5, seed: seed)) { counts[origin] += 1 }
    }
    // 100 expected, standard deviation 9.1: five of them on either side.
    #expect(counts.allSatisfy { abs($0 - 100) < 46 }, "\(counts)")
  }

  @Test("labelled images are as many of each class, in turns")
  func labelled() throws {
    let set = try data.train.labelled(12, seed: 1)
    #expect(set.labels == [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2])
    #expect(set.classCounts == [4, 4, 4])
    let chosen = try origins(set)
    #expect(Set(chosen).count == 12)
    #expect(chosen.map { $0 % 3 } == set.labels)
    #expect(try origins(data.train.labelled(12, seed: 1)) == chosen)
    #expect(try origins(data.train.labelled(12, seed: 2)) != chosen)
    #expect(try origins(data.train.labelled(30, seed: 4)).sorted() == Array(0..<30))
  }

  @Test("labelled images that cannot be given are refused with the nearest numbers")
  func labelledRefused() throws {
    let uneven = datasetError { () throws(DatasetError) in
      _ = try data.train.labelled(10, seed: 1)
    }
    #expect(uneven?.description.contains("ask for 9 or 12") == true)
    // Classes 0, 1, 2, 0, 1: only one image of the last.
    #expect(try data.train.first(5).labelled(3, seed: 1).count == 3)
    let store = ImageStore(
      pixels: [1, 2, 3, 4][...], labels: [0, 0, 0, 1], imageShape: [1, 1, 1],
      classNames: ["many", "few"], checksum: "")
    let error = datasetError { () throws(DatasetError) in
      _ = try ImageSet(name: "n", recipe: "r", store: store).labelled(4, seed: 1)
    }
    #expect(error?.description.contains("only 1 images of \"few\"; ask for at most 2") == true)
  }

  @Test("counts and statistics are those of a naive loop, over selections too")
  func statistics() throws {
    for set in [data.train, data.test, try data.train.sample(7, seed: 2), try data.train[3..<4]] {
      let values = try set.tensor().scalars.map(Double.init)
      let mean = values.reduce(0, +) / Double(values.count)
      let variance =
        values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(values.count)
      #expect(set.mean.count == 1)
      #expect(abs(Double(set.mean[0]) - mean) < 1e-6)
      #expect(abs(Double(set.standardDeviation[0]) - variance.squareRoot()) < 1e-6)
      #expect(set.classCounts == (0..<3).map { label in set.labels.count { $0 == label } })
    }
    #expect(try data.train.first(0).channelStatistics.mean == [0])
  }

  @Test("channels have statistics of their own")
  func channels() throws {
    let store = ImageStore(
      pixels: [0, 255, 51, 0, 255, 153, 255, 255, 102, 255, 255, 204][...], labels: [0, 0],
      imageShape: [1, 2, 3], classNames: ["one"], checksum: "")
    let set = ImageSet(name: "n", recipe: "r", store: store)
    #expect(set.mean == [0.5, 1, 0.5])
    #expect(set.standardDeviation[0] == 0.5)
    #expect(set.standardDeviation[1] == 0)
    #expect(abs(set.standardDeviation[2] - 0.2236068) < 1e-6)
  }

  @Test("numbers are grouped as in a cell")
  func grouped() {
    #expect(
      [0, 7, 999, 1000, 60_000, 1_234_567, -1000].map(\.grouped)
        == ["0", "7", "999", "1_000", "60_000", "1_234_567", "-1_000"])
  }
}
