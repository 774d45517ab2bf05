import Compute

extension Tensor {
  /// The bytes that tensors can still take on this machine, where `bytes` leave no tenth of them free;
  /// `nil` where so many fit.
  ///
  /// To be asked where a user chooses a size, before the system ends the process over it. What is below a
  /// sixteenth of a gigabyte always fits.
  public static func availableMemory(lessThan bytes: Int) -> Int? {
    guard bytes > 1 << 26 else { return nil }
    let available = Memory.available
    return bytes > available / 10 * 9 ? available : nil
  }
}
