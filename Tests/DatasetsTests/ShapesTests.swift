import Tensors
import Testing

@testable import Datasets

@Suite("Shapes")
struct ShapesTests {
  @Test("the same seed gives the same images, another gives others")
  func repeats() throws {
    var options = Shapes.Options()
    options.count = 64
    let (one, two) = (try Shapes.make(options), try Shapes.make(options))
    #expect(try one.train.tensor().scalars == two.train.tensor().scalars)
    #expect(one.train.checksum == two.train.checksum)
    options.seed = 2
    let other = try Shapes.make(options)
    #expect(try one.train.tensor().scalars != other.train.tensor().scalars)
    #expect(one.train.checksum != other.train.checksum)
    #expect(one.train.classCounts == .init(repeating: 8, count: 8) && one.test.count == 10)
    // The first images do not depend on how many follow.
    options.seed = 1
    options.count = 16
    #expect(
      try Shapes.make(options).train.tensor().scalars == one.train.first(16).tensor().scalars)
  }

  @Test("a quarter turn of the figure is a quarter turn of the image", arguments: 0..<8)
  func turns(figure: Int) {
    let side = 28
    let upright = Shapes.draw(figure, .init(rotation: 0, scale: 1, x: 0, y: 0), side: side)
    let turned = Shapes.draw(figure, .init(rotation: 90, scale: 1, x: 0, y: 0), side: side)
    // Clockwise: what was at the top is at the right.
    var differences = 0
    for row in 0..<side {
      for column in 0..<side {
        let difference =
          Int(upright[row * side + column]) - Int(turned[column * side + side - 1 - row])
        // Places exactly on an edge may fall to either side.
        if abs(difference) > 64 { differences += 1 }
      }
    }
    #expect(differences == 0)
    #expect(upright.contains(255) && upright.contains(0))
  }

  @Test("shifts move the image, scales the area, and the factors tell both")
  func moves() throws {
    func mass(_ image: [UInt8]) -> (sum: Double, x: Double, y: Double) {
      let sum = image.reduce(0.0) { $0 + Double($1) }
      let x = image.enumerated().reduce(0.0) { $0 + Double($1.offset % 28) * Double($1.element) }
      let y = image.enumerated().reduce(0.0) { $0 + Double($1.offset / 28) * Double($1.element) }
      return (sum, x / sum, y / sum)
    }
    let still = mass(Shapes.draw(4, .init(rotation: 0, scale: 0.8, x: 0, y: 0), side: 28))
    let moved = mass(Shapes.draw(4, .init(rotation: 0, scale: 0.8, x: 3, y: -2), side: 28))
    #expect(abs(moved.x - still.x - 3) < 0.01 && abs(moved.y - still.y + 2) < 0.01)
    let small = mass(Shapes.draw(4, .init(rotation: 0, scale: 0.4, x: 0, y: 0), side: 28))
    #expect(abs(still.sum / small.sum - 4) < 0.2)
    var options = Shapes.Options()
    options.count = 40
    let set = try Shapes.make(options).train
    #expect(set.factors.map(\.name) == Shapes.factorNames)
    for image in [0, 17, 39] {
      let values = set.factors.map { $0.values[image] }
      let pose = Shapes.Pose(rotation: values[0], scale: values[1], x: values[2], y: values[3])
      #expect(try set.pixels(at: image) == Shapes.draw(image % 8, pose, side: 28))
    }
    let chosen = try set.sample(5, seed: 3)
    let shape = try chosen.tensor().shape
    #expect(chosen.factors[0].values.count == 5 && shape == [5, 28, 28, 1])
  }

  @Test("options out of their range are refused")
  func refusals() {
    for change in [
      { (o: inout Shapes.Options) in o.count = 3 }, { $0.size = 4 }, { $0.rotation = 400 },
      { $0.scale = 0.01...1 },
    ] {
      var options = Shapes.Options()
      change(&options)
      #expect(datasetError { () throws(DatasetError) in _ = try Shapes.make(options) } != nil)
    }
  }
}
