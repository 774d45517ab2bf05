import Glibc

/// The machine that a run is trained on.
enum Host {
  /// Its name, its processor and the number of its cores: `atlas, AMD EPYC 9R14, 2 cores`.
  static let current: String = {
    let cores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    return [name, processor, "\(cores) core\(cores == 1 ? "" : "s")"].compactMap(\.self)
      .joined(separator: ", ")
  }()

  private static var name: String? {
    var bytes = [CChar](repeating: 0, count: 256)
    guard gethostname(&bytes, bytes.count - 1) == 0 else { return nil }
    let name = String(
      decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return name.isEmpty ? nil : name
  }

  /// The processor as the system calls it, or its architecture where the system has no name for it.
  private static var processor: String? {
    if let file = fopen("/proc/cpuinfo", "re") {
      defer { fclose(file) }
      var bytes = [UInt8](repeating: 0, count: 1 << 12)
      // The first processor comes first, and its name within its first lines.
      let count = fread(&bytes, 1, bytes.count, file)
      for line in String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n")
      where line.hasPrefix("model name") {
        let name = line.drop { $0 != ":" }.dropFirst().split { $0.isWhitespace }
        if !name.isEmpty { return name.joined(separator: " ") }
      }
    }
    #if arch(arm64)
      return "aarch64"
    #elseif arch(x86_64)
      return "x86_64"
    #else
      return nil
    #endif
  }
}
