public import Tensors

/// The widths of a NIN backbone.
public struct NINConfiguration: Sendable, Hashable {
  /// How the blocks are laid out.
  public enum Layout: Sendable, Hashable {
    /// The four blocks of AET's and RotNet's released code, 192 channels.
    case published
    /// The small network: `first` channels in block 1, `second` from block 2 on.
    case small(first: Int, second: Int)
  }
  /// The layout.
  public let layout: Layout

  /// The published 4-block network: 1.4 million weights.
  public static let published = NINConfiguration(layout: .published)

  /// The small network with these two widths.
  ///
  /// - Throws: `TensorError.argument` unless there are two widths from 1 to 1024.
  public static func small(_ widths: [Int]) throws(TensorError) -> NINConfiguration {
    guard widths.count == 2, widths.allSatisfy({ (1...1024).contains($0) }) else {
      throw .argument(
        operation: "NIN", name: "widths", value: "\(widths)",
        fix: "give two widths from 1 to 1024, such as [32, 64]; NIN.published is the large network")
    }
    return NINConfiguration(layout: .small(first: widths[0], second: widths[1]))
  }

  /// How the network is written in a cell.
  public var text: String {
    switch layout {
    case .published: "NIN.published"
    case .small(let first, let second): "NIN(widths: [\(first), \(second)])"
    }
  }
}

/// Network in network: four blocks of convolution units, then a global average.
///
/// The published layout is the one of the released code of RotNet (Gidaris et al., ICLR 2018) and AET
/// (Zhang et al., CVPR 2019): block 1 is 5×5, 1×1, 1×1 with 192, 160 and 96 channels and a 3×3 maximum
/// with stride 2; block 2 is 5×5, 1×1, 1×1 with a 3×3 average with stride 2; blocks 3 and 4 are 3×3,
/// 1×1, 1×1; all of them 192 channels. The small layout keeps the four blocks, the 1×1 mixing and the
/// two poolings with one 1×1 a block and 3×3 windows from block 2 on.
///
/// Input `[N, H, W, C]`, output of block b `[N, H', W', widths]`, output `[N, features]`.
public struct NIN: Module {
  /// The widths.
  public let configuration: NINConfiguration
  /// The four blocks in order.
  public let blocks: [Sequential]
  /// The number of features after the global average.
  public let features: Int

  /// Only the blocks hold parameters, and their names are their places.
  public var parts: [(name: String, part: Any)] { [("blocks", blocks)] }

  /// Makes the first `depth` blocks of the network (1 to 4) for images with `channels` channels.
  ///
  /// The blocks of a shallow network begin with the same weights as those of a deep one.
  public init(
    _ configuration: NINConfiguration, channels: Int, depth: Int = 4, generator: inout Generator
  ) {
    self.configuration = configuration
    func unit(_ window: Int, _ inputs: Int, _ outputs: Int) -> ConvolutionUnit {
      ConvolutionUnit(inputs: inputs, outputs: outputs, window: window, generator: &generator)
    }
    let maximum = MaximumPooling(window: 3, stride: 2, padding: 1)
    let average = AveragePooling(window: 3, stride: 2, padding: 1)
    let all: [Sequential]
    switch configuration.layout {
    case .published:
      all = [
        Sequential([unit(5, channels, 192), unit(1, 192, 160), unit(1, 160, 96), maximum]),
        Sequential([unit(5, 96, 192), unit(1, 192, 192), unit(1, 192, 192), average]),
        Sequential([unit(3, 192, 192), unit(1, 192, 192), unit(1, 192, 192)]),
        Sequential([unit(3, 192, 192), unit(1, 192, 192), unit(1, 192, 192)]),
      ]
      features = depth > 1 ? 192 : 96
    case .small(let first, let second):
      all = [
        Sequential([unit(5, channels, first), unit(1, first, first), maximum]),
        Sequential([unit(3, first, second), unit(1, second, second), average]),
        Sequential([unit(3, second, second), unit(1, second, second)]),
        Sequential([unit(3, second, second), unit(1, second, second)]),
      ]
      features = depth > 1 ? second : first
    }
    blocks = Array(all.prefix(depth))
  }

  /// The output of block `last`, `[N, H', W', C]`; that of the last block unless given.
  ///
  /// - Parameter first: the block whose output `images` already is; 0 for images.
  /// - Throws: `TensorError.argument` for another block, `TensorError.shape` for images that do not fit.
  public func maps(
    _ images: Tensor, after first: Int = 0, block last: Int? = nil, in pass: Pass
  ) throws(TensorError) -> Tensor {
    let last = last ?? blocks.count
    guard (1...blocks.count).contains(last), (0...last).contains(first) else {
      throw .argument(
        operation: "NIN", name: "block", value: "\(last)",
        fix: "take one from 1 to \(blocks.count)")
    }
    var value = images
    for index in first..<last {
      value = try within("blocks.\(index)") { () throws(TensorError) in
        try blocks[index](value, in: pass)
      }
    }
    return value
  }

  /// The globally averaged output of block `last`, `[N, features]`; that of the last block unless given.
  public func callAsFunction(
    _ images: Tensor, block last: Int? = nil, in pass: Pass
  ) throws(TensorError) -> Tensor {
    try maps(images, block: last, in: pass).globallyAveraged()
  }

  /// The shape of one output of block `last` for images of this shape, `[H', W', C]`.
  public func outputShape(for input: [Int], block last: Int) throws(TensorError) -> [Int] {
    var shape = input
    for block in blocks.prefix(last) { shape = try block.outputShape(for: shape) }
    return shape
  }

  /// The table of the layers for images of this shape `[H, W, C]`, with paths below `path`.
  public func rows(path: String = "", input: [Int]) throws(TensorError) -> [LayerRow] {
    let prefix = path.isEmpty ? "" : path + "."
    var shape = input
    var rows: [LayerRow] = []
    for (index, block) in blocks.enumerated() {
      rows += try block.rows(path: "\(prefix)blocks.\(index)", input: shape)
      shape = try block.outputShape(for: shape)
    }
    let average = GlobalAverage()
    rows += try average.rows(path: "\(prefix)average", input: shape)
    return rows
  }
}
