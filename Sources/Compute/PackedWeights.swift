import Synchronization

/// Weights in the layouts of kernels, shared by the parts of a batch while nobody changes them.
///
/// Each part of a batch convolves on its own and would bring the weights into the kernel's layout once more:
/// eight times 4 % of a decoder's step.
public final class PackedWeights: Sendable {
  private struct Key: Hashable, Sendable {
    let weight: UInt
    let kernel: ObjectIdentifier?
  }
  private struct State: Sendable {
    /// The weights themselves, by address: as long as they are held nothing else can be there.
    var kept: [UInt: Buffer] = [:]
    /// With the kernel, so that no other can be made at its address.
    var packed: [Key: (buffer: Buffer, kernel: Kernel?)] = [:]
  }
  private let state = Mutex(State())

  /// The weights shared by the work at hand, where it is cut into parts.
  @TaskLocal static var shared: PackedWeights?

  /// Runs `body` for each of some parts with packed weights that they share.
  ///
  /// The weights must not change meanwhile.
  static func sharing(_ parts: Int, _ body: (Int) -> Void) {
    let packed = PackedWeights()
    Parallel.tasks(parts) { part, _ in
      $shared.withValue(packed) { body(part) }
    }
  }

  /// Lets the parts share what is made of these weights; without it each makes its own.
  public static func share(_ weights: Buffer, at address: UnsafePointer<Float>) {
    shared?.state.withLock { $0.kept[UInt(bitPattern: address)] = weights }
  }

  /// What `make` writes for the weights at an address and a kernel (none: for every kernel), once.
  static func buffer(
    _ weight: UnsafePointer<Float>, for kernel: Kernel?, count: Int,
    make: (UnsafeMutablePointer<Float>) throws(ComputeError) -> Void
  ) throws(ComputeError) -> Buffer {
    func made() throws(ComputeError) -> Buffer {
      let buffer = Buffer(count: count)
      try make(buffer.pointer)
      return buffer
    }
    guard let shared else { return try made() }
    let key = Key(weight: UInt(bitPattern: weight), kernel: kernel.map(ObjectIdentifier.init))
    // Whoever comes second waits for the first rather than do its work again.
    return try shared.state.withLock { state throws(ComputeError) in
      if let known = state.packed[key] { return known.buffer }
      let buffer = try made()
      guard state.kept[key.weight] != nil else { return buffer }
      state.packed[key] = (buffer, kernel)
      // What is made of it may be packed in its turn.
      state.kept[UInt(bitPattern: buffer.pointer)] = buffer
      return buffer
    }
  }
}
