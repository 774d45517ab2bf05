import Glibc
import Testing

@testable import Tensors

@Suite("A precision that the processor does not have")
struct PrecisionRefusals {
  /// In a process of its own, because oneDNN looks once at what it may use.
  @Test("is refused by every operation that takes one")
  func refused() async {
    await #expect(processExitsWith: .success) {
      setenv("ONEDNN_MAX_CPU_ISA", "AVX512_CORE", 1)
      let (image, weight) = (Tensor.zeros([1, 4, 4, 2]), Tensor.zeros([2, 2, 3, 3]))
      let matrix = Tensor.zeros([2, 2])
      let unit = ChainUnit(
        weight: weight, scale: .zeros([2]), shift: .zeros([2]), padding: 1, path: "unit")
      let calls: [(String, () throws -> Void)] = [
        ("convolution", { _ = try image.convolution(weight: weight, precision: .bfloat16) }),
        (
          "transposedConvolution",
          { _ = try image.transposedConvolution(weight: weight, precision: .bfloat16) }
        ),
        ("linear", { _ = try matrix.linear(weight: matrix, precision: .bfloat16) }),
        ("matrixProduct", { _ = try matrix.matrixProduct(matrix, precision: .bfloat16) }),
        ("convolutionChain", { _ = try image.convolutionChain([unit], precision: .bfloat16) }),
      ]
      for (name, call) in calls {
        let error = #expect(throws: TensorError.self) { try call() }
        guard case .argument(name, "precision", "bfloat16", let fix) = error else {
          Issue.record("\(name): \(String(describing: error))")
          continue
        }
        #expect(fix.contains("leave precision out"))
      }
      #expect(!Precision.bfloat16.isAvailable && Precision.float32.isAvailable)
      #expect(throws: Never.self) { try image.convolution(weight: weight) }
    }
  }
}
