import Foundation
import Tensors
import Testing

/// What `Fixtures/make_spatial.py` wrote down of PyTorch.
private struct Golden: Decodable, Sendable {
  struct Values: Decodable, Sendable {
    let shape: [Int]
    let values: [Double]

    var tensor: Tensor {
      get throws { try Tensor(values.map(Float.init), shape: shape) }
    }
  }

  struct TransposedConvolution: Decodable, Sendable {
    struct Options: Decodable, Sendable {
      let stride, padding, outputPadding, dilation, groups: Int
    }
    let options: Options
    let x, weight, bias, y, upstream, dx, dweight, dbias: Values
  }

  struct Normalisation: Decodable, Sendable {
    /// Zero for layer normalisation.
    let groups: Int
    let x, scale, shift, y, upstream, dx, dscale, dshift: Values
  }

  struct Padding: Decodable, Sendable {
    let mode: String
    let sides: [Int]
    let x, y, upstream, dx: Values
  }

  struct Upsampling: Decodable, Sendable {
    let factor: Int
    let x, y, upstream, dx: Values
  }

  struct GridSampling: Decodable, Sendable {
    let mode: String
    let x, grid, y, upstream, dx, dgrid: Values
  }

  struct AffineGrid: Decodable, Sendable {
    let matrices, grid, upstream, drows: Values
  }

  let transposedConvolution: [TransposedConvolution]
  let normalisation: [Normalisation]
  let padding: [Padding]
  let upsampling: [Upsampling]
  let gridSampling: [GridSampling]
  let affineGrid: AffineGrid

  static func read() throws -> Golden {
    let url = try #require(
      Bundle.module.url(forResource: "spatial", withExtension: "json", subdirectory: "Fixtures"))
    return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
  }
}

@Suite("PyTorch's spatial values and gradients")
struct SpatialGoldenTests {
  private func expect(_ tensor: Tensor?, _ expected: Golden.Values, _ name: Comment) {
    #expect(tensor?.shape == expected.shape, name)
    #expect(distance(tensor?.scalars ?? [], expected.values) < 2e-6, name)
  }

  @Test("of transposed convolutions")
  func transposedConvolution() throws {
    for golden in try Golden.read().transposedConvolution {
      let tape = Tape()
      let x = tape.watch(try golden.x.tensor)
      let weight = tape.watch(try golden.weight.tensor)
      let bias = tape.watch(try golden.bias.tensor)
      let options = golden.options
      let y = try x.transposedConvolution(
        weight: weight, bias: bias, stride: options.stride, padding: options.padding,
        outputPadding: options.outputPadding, dilation: options.dilation, groups: options.groups)
      expect(y, golden.y, "y")
      let gradients = try tape.gradients(of: (y * golden.upstream.tensor).sum())
      expect(gradients[x], golden.dx, "dx")
      expect(gradients[weight], golden.dweight, "dweight")
      expect(gradients[bias], golden.dbias, "dbias")
    }
  }

  @Test("of group and layer normalisations")
  func normalisation() throws {
    for golden in try Golden.read().normalisation {
      let tape = Tape()
      let x = tape.watch(try golden.x.tensor)
      let scale = tape.watch(try golden.scale.tensor)
      let shift = tape.watch(try golden.shift.tensor)
      let y =
        golden.groups > 0
        ? try x.groupNormalised(groups: golden.groups, scale: scale, shift: shift)
        : try x.layerNormalised(scale: scale, shift: shift)
      expect(y, golden.y, "y")
      let gradients = try tape.gradients(of: (y * golden.upstream.tensor).sum())
      expect(gradients[x], golden.dx, "dx")
      expect(gradients[scale], golden.dscale, "dscale")
      expect(gradients[shift], golden.dshift, "dshift")
    }
  }

  @Test("of paddings")
  func padding() throws {
    let modes: [String: PaddingMode] = [
      "constant": .constant(0.75), "reflect": .reflect, "replicate": .edge,
    ]
    for golden in try Golden.read().padding {
      let tape = Tape()
      let x = tape.watch(try golden.x.tensor)
      let sides = golden.sides
      let y = try x.padded(
        top: sides[0], left: sides[1], bottom: sides[2], right: sides[3],
        mode: #require(modes[golden.mode]))
      expect(y, golden.y, "y")
      expect(try tape.gradients(of: (y * golden.upstream.tensor).sum())[x], golden.dx, "dx")
    }
  }

  @Test("of nearest upsampling")
  func upsampling() throws {
    for golden in try Golden.read().upsampling {
      let tape = Tape()
      let x = tape.watch(try golden.x.tensor)
      let y = try x.upsampled(by: golden.factor)
      expect(y, golden.y, "y")
      expect(try tape.gradients(of: (y * golden.upstream.tensor).sum())[x], golden.dx, "dx")
    }
  }

  @Test("of grid sampling, with align_corners false")
  func gridSampling() throws {
    let fills: [String: GridFill] = [
      "zeros": .constant(0), "border": .clamp, "reflection": .reflect,
    ]
    for golden in try Golden.read().gridSampling {
      let tape = Tape()
      let x = tape.watch(try golden.x.tensor)
      let grid = tape.watch(try golden.grid.tensor)
      let y = try x.gridSampled(grid, fill: #require(fills[golden.mode]))
      expect(y, golden.y, "y, \(golden.mode)")
      let gradients = try tape.gradients(of: (y * golden.upstream.tensor).sum())
      expect(gradients[x], golden.dx, "dx, \(golden.mode)")
      expect(gradients[grid], golden.dgrid, "dgrid, \(golden.mode)")
    }
  }

  @Test("of the grids of affine maps")
  func affineGrid() throws {
    let golden = try Golden.read().affineGrid
    let tape = Tape()
    let matrices = tape.watch(try golden.matrices.tensor)
    let shape = golden.grid.shape
    let grid = try matrices.homographyGrid(height: shape[1], width: shape[2])
    expect(grid, golden.grid, "grid")
    let gradients = try tape.gradients(of: (grid * golden.upstream.tensor).sum())
    // PyTorch's affine maps have no third row.
    let rows = try gradients[matrices]?.sliced(axis: 1, range: 0..<2)
    expect(rows, golden.drows, "drows")
  }
}
