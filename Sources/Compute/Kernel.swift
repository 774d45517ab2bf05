import COneDNN
import Synchronization

/// A oneDNN primitive for one shape.
///
/// `@unchecked Sendable`: a primitive never changes once made, all memory of a run is the caller's,
/// and oneDNN allows concurrent runs of one primitive under those conditions.
final class Kernel: @unchecked Sendable {
  let handle: OpaquePointer
  /// The number of `Float`s that a run needs as scratch memory.
  let scratchCount: Int
  /// The number of `Float`s that a forward run leaves for the backward run.
  let workspaceCount: Int

  init(handle: OpaquePointer) {
    self.handle = handle
    scratchCount = (orbit_kernel_scratch_size(handle) + 3) / 4
    workspaceCount = (orbit_kernel_workspace_size(handle) + 3) / 4
  }

  deinit { orbit_kernel_destroy(handle) }

  /// oneDNN's name for the code it chose, like `brgconv:avx512_core`.
  var implementation: String { String(cString: orbit_kernel_implementation(handle)) }

  /// Runs `body` with scratch memory from the pool.
  func run(_ body: (OpaquePointer, UnsafeMutableRawPointer?) -> orbit_status) throws(ComputeError) {
    let status: orbit_status
    if scratchCount > 0 {
      let scratch = Buffer(count: scratchCount)
      status = body(handle, UnsafeMutableRawPointer(scratch.pointer))
      withExtendedLifetime(scratch) {}
    } else {
      status = body(handle, nil)
    }
    try check(status)
  }
}

/// Throws what a status says when it says no.
func check(_ status: orbit_status) throws(ComputeError) {
  guard status.code != 0 else { return }
  let words = [status.step, status.reason].map { $0.map { String(cString: $0) } ?? "unknown" }
  throw ComputeError("oneDNN could not \(words[0]): \(words[1])")
}

/// The kernels made so far for one operation, by shape.
final class KernelCache<Shape: Hashable & Sendable>: Sendable {
  /// Sessions that walk through more shapes than this start over; a kernel takes about a millisecond
  /// to make.
  private let limit = 512
  private let kernels = Mutex<[Shape: Kernel]>([:])

  /// The kernel for a shape, made by `make` when it is new.
  func kernel(
    _ shape: Shape, make: (UnsafeMutablePointer<OpaquePointer?>) -> orbit_status
  ) throws(ComputeError) -> Kernel {
    if let known = kernels.withLock({ $0[shape] }) { return known }
    var handle: OpaquePointer?
    try check(make(&handle))
    guard let handle else { throw ComputeError("oneDNN returned no primitive") }
    let kernel = Kernel(handle: handle)
    return kernels.withLock { kernels in
      // Another thread may have made the same kernel meanwhile; the first one stays.
      if let known = kernels[shape] { return known }
      if kernels.count >= limit { kernels.removeAll(keepingCapacity: true) }
      kernels[shape] = kernel
      return kernel
    }
  }
}
