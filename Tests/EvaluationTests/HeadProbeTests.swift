import Imaging
import Layers
import Tensors
import Testing
import Training

@testable import Evaluation

@Suite struct HeadProbeTests {
  static let heads: [HeadArchitecture] = [.layers(1), .layers(2), .layers(3), .convolution]

  /// Maps whose class is where the bright corner is, with noise.
  private func maps(_ count: Int, seed: UInt64) throws -> (Tensor, [Int]) {
    var generator = Generator(seed: seed)
    var values = Tensor.normal([count, 4, 4, 6], deviation: 1, using: &generator).scalars
    let labels = (0..<count).map { ($0 * 7) % 3 }
    for (image, label) in labels.enumerated() {
      for row in 0..<2 {
        for column in 0..<2 {
          let place = ((image * 4 + row) * 4 + column) * 6
          values[place + label] += 3
        }
      }
    }
    return (try Tensor(values, shape: [count, 4, 4, 6]), labels)
  }

  @Test(arguments: heads)
  func learnsAndRepeatsItself(head: HeadArchitecture) throws {
    let (train, labels) = try maps(600, seed: 1)
    let (test, answers) = try maps(300, seed: 2)
    func trained() throws -> [Int] {
      let probe = try HeadProbe(
        .init(head, epochs: 6, batch: 32, seed: 4), on: [4, 4, 6], classes: 3)
      let run = try probe.train(on: FrozenMaps(train, labels: labels))
      #expect(run.status == .completed)
      return try probe.classify(test)
    }
    let first = try trained()
    let right = zip(first, answers).count { $0 == $1 }
    #expect(right > 270, "\(head.title): \(right) of 300")
    #expect(try trained() == first)
  }

  @Test func architecturesAreThePublishedOnes() throws {
    // 192 × 8 × 8 = 12,288 features of block 2 of the published network; ten classes.
    let shape = [8, 8, 192]
    func count(_ head: HeadArchitecture) throws -> Int {
      try HeadProbe(.init(head), on: shape, classes: 10).trainableCount
    }
    #expect(try count(.layers(1)) == 12_288 * 10 + 10)
    #expect(try count(.layers(2)) == 12_288 * 200 + 400 + 200 * 10 + 10)
    #expect(try count(.layers(3)) == 12_288 * 200 + 400 + 200 * 200 + 400 + 200 * 10 + 10)
    #expect(try count(.convolution) == 192 * 192 * 11 + 3 * 384 + 192 * 10 + 10)
  }

  @Test func linearHeadIsNormalisedByTheBatch() throws {
    let (train, labels) = try maps(64, seed: 3)
    let probe = try HeadProbe(.init(.layers(1)), on: [4, 4, 6], classes: 3)
    func loss(_ maps: Tensor) throws -> Float {
      try probe.loss(
        of: Batch(maps, labels: labels), in: Pass(.training), using: Generator(seed: 1))[0]
        .value.item()
    }
    // Scale and shift of the maps are undone.
    let (plain, moved) = (try loss(train), try loss(train * 50 + 7))
    #expect(abs(plain - moved) < 1e-3 * plain)
    #expect(
      probe.parameters.filter(\.parameter.isTrainable).map(\.name) == [
        "network.2.weight", "network.2.bias",
      ])
  }

  @Test func runningStatisticsOfThePlainNormalisation() throws {
    let (train, _) = try maps(64, seed: 3)
    let layer = PlainNormalisation(channels: 6)
    let known = BatchNormalisation(channels: 6, rectifies: false)
    for layer in [layer as any Layer, known] {
      let pass = Pass(.training)
      _ = try layer(train, in: pass)
      try pass.commit()
    }
    #expect(layer.runningMean.value.scalars == known.runningMean.value.scalars)
    #expect(
      zip(layer.runningVar.value.scalars, known.runningVar.value.scalars).allSatisfy {
        abs($0 - $1) < 1e-6
      })
    #expect(
      try layer(train, in: Pass(.evaluation)).scalars
        == known(train, in: Pass(.evaluation)).scalars)
  }

  @Test func augmentedImagesGoThroughTheEncoder() throws {
    let (images, labels) = try maps(64, seed: 5)
    let probe = try HeadProbe(
      .init(.layers(2), epochs: 2, batch: 16, augments: true), on: [6], classes: 3
    ) { (images) throws(TensorError) in try images.globallyAveraged() }
    let run = try probe.train(on: FrozenMaps(images, labels: labels))
    #expect(run.step == 8)
    #expect(try probe.classify(images).count == 64)
    #expect(throws: TensorError.self) {
      try HeadProbe(.init(.layers(2), augments: true), on: [6], classes: 3)
    }
  }

  @Test func cropsMoveAndMirror() throws {
    var generator = Generator(seed: 9)
    let image = Tensor.uniform([1, 9, 9, 2], in: 0.5...1, using: &generator)
    let images = try Tensor.concatenated([Tensor](repeating: image, count: 200), axis: 0)
    var first = Generator(seed: 1)
    let crops = try images.randomlyCropped(padding: 4, mirrors: true, using: &first)
    let (source, values) = (image.scalars, crops.scalars)
    var seen: Set<[Int]> = []
    for crop in 0..<200 {
      let own = Array(values[crop * 162..<(crop + 1) * 162])
      // Exactly one shift and turn explains the crop.
      var found: [[Int]] = []
      for down in -4...4 {
        for right in -4...4 {
          for turns in 0...1 {
            let explained = (0..<162).allSatisfy { place in
              let (row, column, channel) = (place / 18, place / 2 % 9, place % 2)
              let (y, x) = (row + down, (turns == 1 ? 8 - column : column) + right)
              let inside = (0..<9).contains(y) && (0..<9).contains(x)
              return own[place] == (inside ? source[(y * 9 + x) * 2 + channel] : 0)
            }
            if explained { found.append([down, right, turns]) }
          }
        }
      }
      #expect(found.count == 1)
      seen.formUnion(found)
    }
    #expect(Set(seen.map { $0[0] }).count == 9 && Set(seen.map { $0[2] }).count == 2)
  }

  @Test func stopsWhenAsked() throws {
    let (train, labels) = try maps(64, seed: 5)
    let probe = try HeadProbe(.init(.layers(1), batch: 16), on: [4, 4, 6], classes: 3)
    let run = try probe.train(on: FrozenMaps(train, labels: labels)) { false }
    #expect(run.status == .interrupted && run.step == 0)
  }

  @Test func refusesWhatCannotBe() throws {
    #expect(throws: TensorError.self) {
      try HeadProbe(.init(.layers(4)), on: [4, 4, 6], classes: 3)
    }
    #expect(throws: TensorError.self) { try HeadProbe(.init(.convolution), on: [6], classes: 3) }
    #expect(throws: TensorError.self) {
      try FrozenMaps(Tensor.zeros([4, 2]), labels: [0, 1])
    }
    let probe = try HeadProbe(.init(.layers(1)), on: [2], classes: 2)
    #expect(throws: TensorError.self) {
      try probe.loss(
        of: Tensor.zeros([4, 2]), in: Pass(.training), using: Generator(seed: 1))
    }
  }
}
