import Tensors
import Testing

/// What `Fixtures/make_fixtures.py` wrote down of PyTorch.
private struct Golden: Decodable, Sendable {
  struct Convolution: Decodable, Sendable {
    struct Options: Decodable, Sendable {
      let stride: Int
      let padding: Int
      let dilation: Int
      let groups: Int
    }
    let options: Options
    let x, weight, bias, y, upstream, dx, dweight, dbias: GoldenValues
  }

  struct Normalisation: Decodable, Sendable {
    let training: Bool
    let rectify: Bool
    let x, scale, shift, mean, variance, y, upstream, dx, dscale, dshift: GoldenValues
  }

  struct Pooling: Decodable, Sendable {
    let kind: String
    let window: Int
    let stride: Int
    let padding: Int
    let x, y, upstream, dx: GoldenValues
  }

  struct CrossEntropy: Decodable, Sendable {
    let x: GoldenValues
    let labels: [Int]
    let y, dx: GoldenValues
  }

  let convolution: [Convolution]
  let normalisation: [Normalisation]
  let pooling: [Pooling]
  let crossEntropy: CrossEntropy
}

@Suite("PyTorch's values and gradients")
struct GoldenTests {
  private func read() throws -> Golden { try golden("golden") }

  @Test("of convolutions")
  func convolution() throws {
    for golden in try read().convolution {
      let tape = Tape()
      let x = tape.watch(try golden.x.tensor)
      let weight = tape.watch(try golden.weight.tensor)
      let bias = tape.watch(try golden.bias.tensor)
      let y = try x.convolution(
        weight: weight, bias: bias, stride: golden.options.stride,
        padding: golden.options.padding, dilation: golden.options.dilation,
        groups: golden.options.groups)
      expectEqual(y, golden.y, "y")
      let gradients = try tape.gradients(of: (y * golden.upstream.tensor).sum())
      expectEqual(gradients[x], golden.dx, "dx")
      expectEqual(gradients[weight], golden.dweight, "dweight")
      expectEqual(gradients[bias], golden.dbias, "dbias")
    }
  }

  @Test("of normalisations, in training and outside it")
  func normalisation() throws {
    for golden in try read().normalisation {
      let tape = Tape()
      let x = tape.watch(try golden.x.tensor)
      let scale = tape.watch(try golden.scale.tensor)
      let shift = tape.watch(try golden.shift.tensor)
      let y: Tensor
      if golden.training {
        let result = try x.batchNormalised(scale: scale, shift: shift, rectify: golden.rectify)
        expectEqual(try result.mean.reshaped(golden.mean.shape), golden.mean, "mean")
        expectEqual(try result.variance.reshaped(golden.mean.shape), golden.variance, "variance")
        y = result.output
      } else {
        y = try x.normalised(
          mean: golden.mean.tensor, variance: golden.variance.tensor, scale: scale, shift: shift,
          rectify: golden.rectify)
      }
      expectEqual(y, golden.y, "y")
      let gradients = try tape.gradients(of: (y * golden.upstream.tensor).sum())
      expectEqual(gradients[x], golden.dx, "dx")
      expectEqual(gradients[scale], golden.dscale, "dscale")
      expectEqual(gradients[shift], golden.dshift, "dshift")
    }
  }

  @Test("of poolings")
  func pooling() throws {
    for golden in try read().pooling {
      let tape = Tape()
      let x = tape.watch(try golden.x.tensor)
      let (window, stride, padding) = (golden.window, golden.stride, golden.padding)
      let y =
        golden.kind == "maximum"
        ? try x.maximumPooled(window: window, stride: stride, padding: padding)
        : try x.averagePooled(
          window: window, stride: stride, padding: padding,
          countingPadding: golden.kind == "average")
      expectEqual(y, golden.y, "y")
      let gradients = try tape.gradients(of: (y * golden.upstream.tensor).sum())
      expectEqual(gradients[x], golden.dx, "dx")
    }
  }

  @Test("of the cross-entropy")
  func crossEntropy() throws {
    let golden = try read().crossEntropy
    let tape = Tape()
    let x = tape.watch(try golden.x.tensor)
    let y = try x.crossEntropy(labels: golden.labels)
    expectEqual(y, golden.y, "y")
    expectEqual(try tape.gradients(of: y)[x], golden.dx, "dx")
  }
}
