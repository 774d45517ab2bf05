import Tensors
import Testing

/// What `Fixtures/make_spatial.py` wrote down of PyTorch.
private struct Golden: Decodable, Sendable {
  struct TransposedConvolution: Decodable, Sendable {
    struct Options: Decodable, Sendable {
      let stride, padding, outputPadding, dilation, groups: Int
    }
    let options: Options
    let x, weight, bias, y, upstream, dx, dweight, dbias: GoldenValues
  }

  struct Normalisation: Decodable, Sendable {
    /// Zero for layer normalisation.
    let groups: Int
    let x, scale, shift, y, upstream, dx, dscale, dshift: GoldenValues
  }

  struct Padding: Decodable, Sendable {
    let mode: String
    let sides: [Int]
    let x, y, upstream, dx: GoldenValues
  }

  struct Upsampling: Decodable, Sendable {
    let factor: Int
    let x, y, upstream, dx: GoldenValues
  }

  struct GridSampling: Decodable, Sendable {
    let mode: String
    let x, grid, y, upstream, dx, dgrid: GoldenValues
  }

  struct AffineGrid: Decodable, Sendable {
    let matrices, grid, upstream, drows: GoldenValues
  }

  let transposedConvolution: [TransposedConvolution]
  let normalisation: [Normalisation]
  let padding: [Padding]
  let upsampling: [Upsampling]
  let gridSampling: [GridSampling]
  let affineGrid: AffineGrid
}

@Suite("PyTorch's spatial values and gradients")
struct SpatialGoldenTests {
  private func read() throws -> Golden { try golden("spatial") }

  @Test("of transposed convolutions")
  func transposedConvolution() throws {
    for golden in try read().transposedConvolution {
      let tape = Tape()
      let x = tape.watch(try golden.x.tensor)
      let weight = tape.watch(try golden.weight.tensor)
      let bias = tape.watch(try golden.bias.tensor)
      let options = golden.options
      let y = try x.transposedConvolution(
        weight: weight, bias: bias, stride: options.stride, padding: options.padding,
        outputPadding: options.outputPadding, dilation: options.dilation, groups: options.groups)
      expectEqual(y, golden.y, "y")
      let gradients = try tape.gradients(of: (y * golden.upstream.tensor).sum())
      expectEqual(gradients[x], golden.dx, "dx")
      expectEqual(gradients[weight], golden.dweight, "dweight")
      expectEqual(gradients[bias], golden.dbias, "dbias")
    }
  }

  @Test("of group and layer normalisations")
  func normalisation() throws {
    for golden in try read().normalisation {
      let tape = Tape()
      let x = tape.watch(try golden.x.tensor)
      let scale = tape.watch(try golden.scale.tensor)
      let shift = tape.watch(try golden.shift.tensor)
      let y =
        golden.groups > 0
        ? try x.groupNormalised(groups: golden.groups, scale: scale, shift: shift)
        : try x.layerNormalised(scale: scale, shift: shift)
      expectEqual(y, golden.y, "y")
      let gradients = try tape.gradients(of: (y * golden.upstream.tensor).sum())
      expectEqual(gradients[x], golden.dx, "dx")
      expectEqual(gradients[scale], golden.dscale, "dscale")
      expectEqual(gradients[shift], golden.dshift, "dshift")
    }
  }

  @Test("of paddings")
  func padding() throws {
    let modes: [String: PaddingMode] = [
      "constant": .constant(0.75), "reflect": .reflect, "replicate": .edge,
    ]
    for golden in try read().padding {
      let tape = Tape()
      let x = tape.watch(try golden.x.tensor)
      let sides = golden.sides
      let y = try x.padded(
        top: sides[0], left: sides[1], bottom: sides[2], right: sides[3],
        mode: #require(modes[golden.mode]))
      expectEqual(y, golden.y, "y")
      expectEqual(try tape.gradients(of: (y * golden.upstream.tensor).sum())[x], golden.dx, "dx")
    }
  }

  @Test("of nearest upsampling")
  func upsampling() throws {
    for golden in try read().upsampling {
      let tape = Tape()
      let x = tape.watch(try golden.x.tensor)
      let y = try x.upsampled(by: golden.factor)
      expectEqual(y, golden.y, "y")
      expectEqual(try tape.gradients(of: (y * golden.upstream.tensor).sum())[x], golden.dx, "dx")
    }
  }

  @Test("of grid sampling, with align_corners false")
  func gridSampling() throws {
    let fills: [String: GridFill] = [
      "zeros": .constant(0), "border": .clamp, "reflection": .reflect,
    ]
    for golden in try read().gridSampling {
      let tape = Tape()
      let x = tape.watch(try golden.x.tensor)
      let grid = tape.watch(try golden.grid.tensor)
      let y = try x.gridSampled(grid, fill: #require(fills[golden.mode]))
      expectEqual(y, golden.y, "y, \(golden.mode)")
      let gradients = try tape.gradients(of: (y * golden.upstream.tensor).sum())
      expectEqual(gradients[x], golden.dx, "dx, \(golden.mode)")
      expectEqual(gradients[grid], golden.dgrid, "dgrid, \(golden.mode)")
    }
  }

  @Test("of the grids of affine maps")
  func affineGrid() throws {
    let golden = try read().affineGrid
    let tape = Tape()
    let matrices = tape.watch(try golden.matrices.tensor)
    let shape = golden.grid.shape
    let grid = try matrices.homographyGrid(height: shape[1], width: shape[2])
    expectEqual(grid, golden.grid, "grid")
    let gradients = try tape.gradients(of: (grid * golden.upstream.tensor).sum())
    // PyTorch's affine maps have no third row.
    let rows = try gradients[matrices]?.sliced(axis: 1, range: 0..<2)
    expectEqual(rows, golden.drows, "drows")
  }
}
