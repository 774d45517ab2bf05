import Foundation
import Testing

@testable import Compute

@Suite("The format of factors")
struct FactorFormatTests {
  @Test(
    "has code of its own where the processor has it", .enabled(if: FactorFormat.bfloat16.isNative))
  func implementations() throws {
    for (channels, outputs, window, stride) in [
      (1, 24, 5, 1), (24, 48, 3, 1), (192, 192, 3, 1), (192, 160, 1, 1), (32, 64, 4, 2),
    ] {
      let plan = try #require(
        Convolution(
          batch: 2, height: 16, width: 16, channels: channels, outputs: outputs,
          windowHeight: window, windowWidth: window, stride: stride, padding: (window - 1) / 2,
          factors: .bfloat16))
      for name in try plan.implementations() { #expect(name.contains("bf16"), "\(name)") }
    }
    for turns in [(false, false), (true, false), (false, true), (true, true)] {
      let product = HalfProduct(
        rows: 48, columns: 33, inner: 65, transposingLeft: turns.0, transposingRight: turns.1,
        leftStride: turns.0 ? 48 : 65, rightStride: turns.1 ? 65 : 33, stride: 33, beta: 1)
      let name = try product.kernel().implementation
      #expect(!name.contains("ref"), "\(name)")
      print("ORBIT_FOUND_PRODUCT \(turns): \(name)")
    }
  }

  @Test("scales and adds as in single precision", .enabled(if: FactorFormat.bfloat16.isNative))
  func scaled() throws {
    let (rows, columns, inner) = (5, 19, 3)
    let a = (0..<rows * inner).map { Float($0 % 7 - 3) }
    let b = (0..<inner * columns).map { Float($0 % 5 - 2) }
    func run(_ factors: FactorFormat) throws -> [Float] {
      var c = (0..<rows * columns).map { Float($0 % 3) }
      try MatrixProduct.multiply(
        rows: rows, columns: columns, inner: inner, a, b, into: &c, alpha: -0.5, beta: 2,
        factors: factors)
      return c
    }
    #expect(try run(.bfloat16) == run(.float32))
  }
}
