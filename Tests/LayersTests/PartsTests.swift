import Tensors
import Testing

@testable import Layers

/// What a pass does for layers that treat every image alone.
@Suite("A pass in parts")
struct PartsTests {
  private func images(_ count: Int) -> Tensor {
    var generator = Generator(seed: 7)
    return .normal([count, 3, 3, 2], using: &generator)
  }

  @Test("hands each part its images, with a pass that is not cut again", arguments: [1, 7, 8, 100])
  func parts(count: Int) throws {
    let images = images(count)
    let output = try Pass(.evaluation).inParts(images) { (part, pass) throws(TensorError) in
      try pass.inParts(part) { (again, _) throws(TensorError) in
        #expect(again.shape == part.shape)
        return try again * 2
      }
    }
    #expect(output.scalars == images.scalars.map { $0 * 2 })
    #expect(!output.isTracked)
  }

  @Test("takes over each part's changes of state, in the order of the images")
  func updates() throws {
    final class Log: @unchecked Sendable { var entries: [Float] = [] }
    let (log, images, pass) = (
      Log(), try Tensor((0..<40).map(Float.init), shape: [40, 1, 1, 1]), Pass(.training)
    )
    _ = try pass.inParts(images) { (part, pass) throws(TensorError) in
      let first = part.scalars[0]
      pass.afterStep { log.entries.append(first) }
      return part
    }
    #expect(log.entries.isEmpty)
    try pass.commit()
    #expect(log.entries.count > 1 && log.entries == log.entries.sorted())
  }

  @Test("throws the error of the first part that failed")
  func failure() throws {
    let error = #expect(throws: TensorError.self) {
      _ = try Pass(.training).inParts(images(64)) { (part, _) throws(TensorError) in
        throw .argument(operation: "test", name: "images", value: "\(part.shape[0])", fix: "none")
      }
    }
    #expect("\(try #require(error))".hasPrefix("test: images is "))
  }

  @Test("goes back once")
  func once() throws {
    let tape = Tape()
    let source = tape.watch(images(40))
    let output = try Pass(.training).inParts(source) { (part, _) throws(TensorError) in
      try part.squared()
    }
    let gradient = try tape.gradients(of: output.sum())[source]
    #expect(gradient?.scalars == source.scalars.map { 2 * $0 })
  }
}
