import Glibc
import Tensors
import Testing

extension Law {
  static let gridSamplings: [Law] = {
    var laws: [Law] = []
    // An image and the grid's height and width.
    let cases: [([Int], [Int])] = [
      ([2, 4, 5, 3], [3, 4]), ([1, 6, 3, 1], [5, 5]), ([2, 3, 4, 17], [2, 5]),
      ([1, 1, 1, 2], [3, 3]),
      ([1, 2, 7, 16], [4, 2]), ([3, 5, 5, 1], [1, 1]), ([1, 1, 4, 33], [2, 3]),
    ]
    for (image, size) in cases {
      for fill in [GridFill.constant(0), .constant(0.7), .clamp, .reflect] {
        laws.append(
          Law(
            name: "gridSampled, \(fill)", shapes: [image, [image[0]] + size + [2]],
            // Two thirds of the positions are in the frame, the others up to a side beyond it.
            range: -1.7...1.7, linear: fill == .constant(0.7) ? [] : [0],
            operation: { try $0[0].gridSampled($0[1], fill: fill) }
          ) { $0[0].gridSampled($0[1], fill) })
      }
    }
    return laws
  }()

  static let homographyGrids: [Law] = [
    ([1, 3, 3], 1, 1), ([2, 3, 3], 3, 5), ([3, 3, 3], 17, 2), ([1, 3, 3], 4, 19),
  ].flatMap { shape, height, width in
    [
      Law(
        name: "homographyGrid \(height)×\(width)", shapes: [shape], range: -0.2...0.2,
        operation: { try nearIdentity($0[0]).homographyGrid(height: height, width: width) }
      ) { nearIdentity($0[0]).homographyGrid(height, width) },
      // The gradients of an image reach the matrices.
      Law(
        name: "an image through homographyGrid \(height)×\(width)",
        shapes: [shape, [shape[0], 5, 4, 2]], range: -0.2...0.2,
        operation: {
          try $0[1].gridSampled(
            nearIdentity($0[0]).homographyGrid(height: height, width: width), fill: .reflect)
        }
      ) { $0[1].gridSampled(nearIdentity($0[0]).homographyGrid(height, width), .reflect) },
    ]
  }

  private static let identity: [Float] = [1, 0, 0, 0, 1, 0, 0, 0, 1]

  private static func nearIdentity(_ matrices: Tensor) throws -> Tensor {
    let identities = (0..<matrices.shape[0]).flatMap { _ in identity }
    return try matrices + Tensor(identities, shape: matrices.shape)
  }

  private static func nearIdentity(_ matrices: Naive) -> Naive {
    Naive(
      matrices.shape, matrices.values.enumerated().map { $1 + Double(identity[$0 % 9]) })
  }
}

extension Naive {
  /// The pixel index that a coordinate reads, x for axis 2 and y for axis 1.
  static func index(_ coordinate: Double, _ side: Int) -> Double {
    (coordinate + 1) * Double(side) / 2 - 0.5
  }

  func gridSampled(_ grid: Naive, _ fill: GridFill) -> Naive {
    /// The image continued over the plane, at whole indices.
    func pixel(_ n: Int, _ y: Int, _ x: Int, _ c: Int) -> Double {
      func source(_ i: Int, _ side: Int) -> Int? {
        switch fill {
        case .constant: return (0..<side).contains(i) ? i : nil
        case .clamp: return min(max(0, i), side - 1)
        case .reflect:
          // -1 is 0 again, and `side` is `side - 1`.
          let around = ((i % (2 * side)) + 2 * side) % (2 * side)
          return around < side ? around : 2 * side - 1 - around
        }
      }
      guard let row = source(y, shape[1]), let column = source(x, shape[2]) else {
        if case .constant(let value) = fill { return Double(value) }
        return .nan
      }
      return self[[n, row, column, c]]
    }
    return Naive(grid.shape.dropLast() + [shape[3]]) { place in
      let (n, row, column, c) = (place[0], place[1], place[2], place[3])
      let x = Self.index(grid[[n, row, column, 0]], shape[2])
      let y = Self.index(grid[[n, row, column, 1]], shape[1])
      let (left, top) = (Int(floor(x)), Int(floor(y)))
      let (a, b) = (x - floor(x), y - floor(y))
      return (1 - a) * (1 - b) * pixel(n, top, left, c) + a * (1 - b) * pixel(n, top, left + 1, c)
        + (1 - a) * b * pixel(n, top + 1, left, c) + a * b * pixel(n, top + 1, left + 1, c)
    }
  }

  func homographyGrid(_ height: Int, _ width: Int) -> Naive {
    Naive([shape[0], height, width, 2]) { place in
      let x = Double(2 * place[2] + 1) / Double(width) - 1
      let y = Double(2 * place[1] + 1) / Double(height) - 1
      func row(_ r: Int) -> Double {
        self[[place[0], r, 0]] * x + self[[place[0], r, 1]] * y + self[[place[0], r, 2]]
      }
      return row(place[3]) / row(2)
    }
  }
}

@Suite("Grid sampling")
struct GridSamplingTests {
  /// The interpolation has kinks at pixel centres and at the mirrors half a pixel beyond; finite
  /// differences say nothing there.
  @Test("is measured away from lattice points", arguments: Law.gridSamplings)
  func clearOfLattice(_ law: Law) {
    let inputs = law.inputs(seed: 2)
    let (image, grid) = (inputs[0].shape, inputs[1].scalars)
    for (i, coordinate) in grid.enumerated() {
      let index = Naive.index(Double(coordinate), image[i % 2 == 0 ? 2 : 1])
      let distance = abs(2 * index - (2 * index).rounded()) / 2
      #expect(distance > 1e-4, "position \(i) is at \(index)")
    }
  }

  @Test(
    "reads every position as it would alone",
    arguments: [GridFill.constant(0.5), .clamp, .reflect],
    [[2, 7, 9, 1], [1, 5, 1, 1], [2, 6, 4, 3], [1, 4, 5, 2], [2, 3, 4, 21]])
  func alone(_ fill: GridFill, _ shape: [Int]) throws {
    var generator = Generator(seed: 8)
    let (images, rows, columns) = (shape[0], 23, 25)
    let image = Tensor.uniform(shape, in: -1...1, using: &generator)
    let grid = Tensor.uniform([images, rows, columns, 2], in: -1.7...1.7, using: &generator)
    let upstream = Tensor.uniform([images, rows, columns, shape[3]], in: -1...1, using: &generator)
    func run(_ grid: Tensor, _ upstream: Tensor) throws -> [[Float]] {
      let tape = Tape()
      let (image, grid) = (tape.watch(image), tape.watch(grid))
      let output = try image.gridSampled(grid, fill: fill)
      let gradients = try tape.gradients(of: output, given: upstream)
      return [
        output.scalars, try #require(gradients[image]).scalars,
        try #require(gradients[grid]).scalars,
      ]
    }
    /// The position p of every image.
    func position(_ tensor: Tensor, _ p: Int) throws -> Tensor {
      let (depth, all) = (tensor.shape[3], tensor.scalars)
      return try Tensor(
        (0..<images).flatMap { n in
          all[((n * rows * columns + p) * depth)...].prefix(depth)
        }, shape: [images, 1, 1, depth])
    }
    let together = try run(grid, upstream)
    var sum = [Double](repeating: 0, count: image.count)
    for p in 0..<rows * columns {
      let one = try run(try position(grid, p), try position(upstream, p))
      for (i, value) in one[1].enumerated() { sum[i] += Double(value) }
      for (result, depth) in [(0, shape[3]), (2, 2)] {
        for n in 0..<images {
          let start = (n * rows * columns + p) * depth
          #expect(
            together[result][start..<start + depth].elementsEqual(
              one[result][n * depth..<(n + 1) * depth]))
        }
      }
    }
    #expect(distance(together[1], sum) < 1e-6)
  }

  @Test("shows what is not a number", arguments: [GridFill.constant(0.5), .clamp, .reflect])
  func notANumber(_ fill: GridFill) throws {
    let image = Tensor.filled(0.25, shape: [1, 3, 3, 2])
    let grid = try Tensor([.nan, 0, 0, .nan, 0, 0], shape: [1, 1, 3, 2])
    let output = try image.gridSampled(grid, fill: fill).scalars
    #expect(output.map(\.isNaN) == [true, true, true, true, false, false])
  }

  @Test("keeps to the fill at infinity", arguments: [GridFill.constant(0.5), .clamp, .reflect])
  func infinite(_ fill: GridFill) throws {
    var generator = Generator(seed: 1)
    let image = Tensor.uniform([1, 3, 4, 1], in: 0.6...1, using: &generator)
    let far: [Float] = [.infinity, -.infinity, 1e30, -1e30, -3e9, 0]
    let tape = Tape()
    let grid = tape.watch(try Tensor(far, shape: [1, 1, 3, 2]))
    let output = try image.gridSampled(grid, fill: fill)
    if case .constant(let value) = fill {
      #expect(output.scalars == [value, value, value])
    } else {
      #expect(output.scalars.allSatisfy { (0.6...1).contains($0) })
    }
    let gradient = try #require(try tape.gradients(of: output.sum())[grid])
    #expect(gradient.isFinite)
    if fill != .reflect { #expect(gradient.scalars.prefix(5).allSatisfy { $0 == 0 }) }
  }

  @Test(
    "of the identity's grid is the image, to the bit", arguments: [[2, 5, 7, 3], [1, 8, 8, 16]])
  func identity(_ shape: [Int]) throws {
    var generator = Generator(seed: 6)
    let image = Tensor.uniform(shape, in: -1...1, using: &generator)
    let matrices = try Tensor(
      (0..<shape[0]).flatMap { _ in [2, 0, 0, 0, 2, 0, 0, 0, 2] as [Float] },
      shape: [shape[0], 3, 3])
    let grid = try matrices.homographyGrid(height: shape[1], width: shape[2])
    let output = try image.gridSampled(grid)
    #expect(distance(output.scalars, image.scalars.map(Double.init)) < 1e-6)
  }

  @Test("holds its positions where a homography has its horizon")
  func horizon() throws {
    let matrix = try Tensor([1, 0, 0, 0, 1, 0, 1, 0, 0], shape: [1, 3, 3])
    let tape = Tape()
    let watched = tape.watch(matrix)
    // The middle column of three is at x = 0, where w = 0.
    let grid = try watched.homographyGrid(height: 3, width: 3)
    #expect(grid.isFinite)
    let gradient = try #require(try tape.gradients(of: grid.tanh().sum())[watched])
    #expect(gradient.isFinite)
  }
}
