import Formats
import Tensors
import Testing

@testable import Datasets

/// The real data set, as Debian's package installs it.
@Suite("Fashion-MNIST")
struct FashionMNISTTests {
  @Test("all 70,000 images are there, as many of each class, with the published statistics")
  func complete() throws {
    let data = try FashionMNIST.load()
    #expect(data.train.count == 60_000)
    #expect(data.test.count == 10_000)
    #expect(data.shape == [28, 28, 1])
    #expect(data.train.classCounts == [Int](repeating: 6000, count: 10))
    #expect(data.test.classCounts == [Int](repeating: 1000, count: 10))
    #expect(data.classNames.count == 10)
    #expect(data.train.labels.prefix(5) == [9, 0, 0, 3, 0])
    #expect(data.test.labels.prefix(5) == [9, 2, 1, 1, 6])
    // 0.2860 and 0.3530 are the constants that everybody normalises this set with.
    #expect(abs(data.train.mean[0] - 0.2860) < 5e-5)
    #expect(abs(data.train.standardDeviation[0] - 0.3530) < 5e-5)
    #expect(data.train.recipe == "FashionMNIST().train")
    #expect(
      data.train.checksum
        == SHA256.hex(
          of: FashionMNIST.distribution.train.imagesChecksum
            + FashionMNIST.distribution.train.labelsChecksum))
  }

  @Test("plain files verify as the compressed ones do, and give the same images")
  func plain() throws {
    let packed = try FashionMNIST.load()
    try withFolder { folder in
      for name in [
        "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte",
        "t10k-labels-idx1-ubyte",
      ] {
        let path = "\(packed.folder)/\(name).gz"
        try File.write(
          try Gzip.decompress(try File.read(path), path: path), to: "\(folder)/\(name)")
      }
      let plain = try FashionMNIST.load(from: folder)
      #expect(plain.train.store.pixels == packed.train.store.pixels)
      #expect(plain.test.store.pixels == packed.test.store.pixels)
      #expect(plain.train.labels == packed.train.labels)
      #expect(plain.train.checksum == packed.train.checksum)
      #expect(plain.train.store !== packed.train.store)
    }
  }

  @Test("loaded twice it shares memory")
  func shared() throws {
    let first = try FashionMNIST.load()
    let second = try FashionMNIST.load()
    #expect(first.train.store === second.train.store)
    #expect(first.test.store === second.test.store)
  }

  @Test("labelled gives the few labels that semi-supervised learning starts from")
  func labelled() throws {
    let set = try FashionMNIST.load().train.labelled(100, seed: 1)
    #expect(set.classCounts == [Int](repeating: 10, count: 10))
    #expect(set.recipe == "FashionMNIST().train.labelled(100, seed: 1)")
    let tensor = try set.tensor()
    #expect(tensor.shape == [100, 28, 28, 1])
    #expect(tensor.scalars.max() == 1)
  }

  @Test("a missing folder says how to get the data")
  func missing() throws {
    let error = datasetError { () throws(DatasetError) in
      _ = try FashionMNIST.load(from: "/no/such/folder")
    }
    #expect(
      error?.description.contains("install it with apt-get install dataset-fashion-mnist") == true)
    #expect(error?.description.contains("FashionMNIST(at: \"folder\")") == true)
  }
}
