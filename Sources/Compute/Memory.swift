import Glibc

/// The memory that this process can still have.
///
/// Linux grants addresses long before it has pages for them, and ends a process that writes to more than
/// there is: whoever lets users choose sizes asks here first.
public enum Memory {
  /// Bytes that can be had now without swapping: what the machine has available, within the limit of the
  /// container, and what the pool holds unused.
  public static var available: Int {
    let pool = BufferPool.shared.statistics
    let system = read("/proc/meminfo").flatMap { value(of: "MemAvailable:", in: $0) }
      .map { $0 << 10 }
    let pages = sysconf(Int32(_SC_AVPHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
    return min(system ?? pages, container ?? .max) + pool.bytesHeld - pool.bytesInUse
  }

  /// Bytes that the container's limit leaves, caches of files counted as free; `nil` without a limit.
  private static var container: Int? {
    // Version 2 of control groups, then version 1; inside of a container both show its own group.
    for (folder, limit, usage) in [
      ("/sys/fs/cgroup", "memory.max", "memory.current"),
      ("/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes"),
    ] {
      guard let most = read("\(folder)/\(limit)").flatMap(number),
        let used = read("\(folder)/\(usage)").flatMap(number)
      else { continue }
      let cached = read("\(folder)/memory.stat").flatMap { value(of: "inactive_file", in: $0) }
      return max(0, most - used + (cached ?? 0))
    }
    return nil
  }

  /// The number that follows a name at the start of a line.
  static func value(of name: String, in text: String) -> Int? {
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count >= 2, words[0] == name { return Int(words[1]) }
    }
    return nil
  }

  /// The number that a file consists of; `nil` for `max`, which stands for no limit.
  private static func number(_ text: String) -> Int? {
    text.split(whereSeparator: \.isWhitespace).first.flatMap { Int($0) }
  }

  /// The beginning of a file of the kernel.
  private static func read(_ path: String) -> String? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 13)
    let count = Glibc.read(file, &bytes, bytes.count)
    return count > 0 ? String(decoding: bytes.prefix(count), as: UTF8.self) : nil
  }
}
