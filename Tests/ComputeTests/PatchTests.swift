import CVectors
import Testing

/// Windows of images, taken out and put back, against plain loops.
@Suite("Patches")
struct PatchTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let count, height, width, channels, window, stride, padding: Int
    var testDescription: String {
      "\(count)×\(height)×\(width)×\(channels), window \(window), \(stride), \(padding)"
    }

    init(_ shape: (Int, Int, Int, Int), window: Int, stride: Int = 1, padding: Int = 0) {
      (count, height, width, channels) = shape
      (self.window, self.stride, self.padding) = (window, stride, padding)
    }

    var outputHeight: Int { (height + 2 * padding - window) / stride + 1 }
    var outputWidth: Int { (width + 2 * padding - window) / stride + 1 }
    var imageCount: Int { count * height * width * channels }
    var patchCount: Int { count * outputHeight * outputWidth * window * window * channels }

    /// Calls `body` with the place of each value of a patch and of the image's value there, if any.
    func walk(_ body: (_ patch: Int, _ image: Int?) -> Void) {
      var patch = 0
      for n in 0..<count {
        for y in 0..<outputHeight {
          for x in 0..<outputWidth {
            for i in 0..<window {
              for j in 0..<window {
                let (v, u) = (y * stride - padding + i, x * stride - padding + j)
                for c in 0..<channels {
                  let isInside = v >= 0 && v < height && u >= 0 && u < width
                  body(patch, isInside ? ((n * height + v) * width + u) * channels + c : nil)
                  patch += 1
                }
              }
            }
          }
        }
      }
    }

    func gathered(_ images: Guarded) -> Guarded {
      let patches = Guarded(.nan, count: patchCount)
      orbit_gather_patches(
        images.pointer, patches.pointer, Int64(count), Int64(height), Int64(width),
        Int64(channels), Int64(window), Int64(stride), Int64(padding), Int64(outputHeight),
        Int64(outputWidth))
      return patches
    }

    func scattered(_ patches: Guarded) -> Guarded {
      let images = Guarded(.nan, count: imageCount)
      orbit_scatter_patches(
        patches.pointer, images.pointer, Int64(count), Int64(height), Int64(width),
        Int64(channels), Int64(window), Int64(stride), Int64(padding), Int64(outputHeight),
        Int64(outputWidth))
      return images
    }
  }

  static let cases = [
    Case((1, 1, 1, 1), window: 1), Case((2, 5, 4, 3), window: 3, padding: 1),
    Case((3, 28, 28, 1), window: 4, stride: 2, padding: 1),
    Case((2, 7, 5, 4), window: 2, stride: 3),
    // Windows larger than the image, more padding than image, windows wholly outside.
    Case((1, 2, 3, 2), window: 5, padding: 2), Case((2, 1, 2, 1), window: 3, stride: 2, padding: 3),
    Case((1, 3, 2, 17), window: 2, padding: 4),
    Case((1, 6, 6, 1), window: 5, stride: 1, padding: 4),
  ]

  @Test("are taken out of images, with zeros outside", arguments: cases)
  func gather(_ c: Case) {
    let images = numbers(c.imageCount)
    let source = Guarded(images)
    let patches = c.gathered(source)
    var expected: [Float] = []
    c.walk { _, image in expected.append(image.map { images[$0] } ?? 0) }
    #expect(patches.values == expected)
    #expect(patches.isIntact && source.isIntact)
  }

  @Test("are added up where they were taken, in their order", arguments: cases)
  func scatter(_ c: Case) {
    let patches = numbers(c.patchCount, seed: 2)
    let images = c.scattered(Guarded(patches))
    var expected = [Float](repeating: 0, count: c.imageCount)
    c.walk { patch, image in if let image { expected[image] += patches[patch] } }
    #expect(images.values == expected)
    #expect(images.isIntact)
  }

  @Test("going out and coming back are each other's adjoint", arguments: cases)
  func adjoint(_ c: Case) {
    let (x, y) = (numbers(c.imageCount, seed: 3), numbers(c.patchCount, seed: 4))
    func product(_ a: [Float], _ b: [Float]) -> Double {
      zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    let left = product(c.gathered(Guarded(x)).values, y)
    let right = product(x, c.scattered(Guarded(y)).values)
    #expect(abs(left - right) < 1e-6 * (1 + Double(c.patchCount)))
  }
}
