import CLibFuzzer

/// Counts the memory that one input takes, with hooks of the sanitizer's allocator.
///
/// Everything happens on libFuzzer's one thread.
enum Memory {
  /// What an input may take whatever its length: tables, and the words of an answer.
  static let mostPerInput = 1 << 20
  /// What each of its bytes may take beside.
  static let mostPerByte = 256

  private nonisolated(unsafe) static var live = 0
  private nonisolated(unsafe) static var highest = 0

  /// The most bytes that were in use at once since `begin`.
  static var peak: Int { highest }

  static func begin() {
    live = 0
    highest = 0
  }

  static func startCounting() {
    let isCounting = __sanitizer_install_malloc_and_free_hooks(
      { _, size in
        Memory.live += size
        if Memory.live > Memory.highest { Memory.highest = Memory.live }
      },
      { place in
        if let place { Memory.live -= __sanitizer_get_allocated_size(place) }
      })
    guard isCounting > 0 else { fatalError("the sanitizer takes no more hooks") }
  }
}
