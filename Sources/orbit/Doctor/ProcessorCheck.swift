import Compute
import Glibc
import Tensors

/// What the processor can do for training, and how many threads share the work.
enum ProcessorCheck {
  static func findings() -> [Finding] {
    LibraryCheck.hasEngine ? [vectors, precision, threads, engine] : [vectors, threads]
  }

  private static var features: Set<Substring> {
    let text = Files.contents(of: "/proc/cpuinfo").map { String(decoding: $0, as: UTF8.self) } ?? ""
    let line = text.split(separator: "\n").first {
      $0.hasPrefix("flags") || $0.hasPrefix("Features")
    }
    return Set((line ?? "").split { $0 == " " || $0 == "\t" })
  }

  private static var vectors: Finding {
    let features = features
    if features.contains("avx512f") { return .ok("processor", "AVX-512") }
    if features.contains("avx2") { return .ok("processor", "AVX2, without AVX-512") }
    if features.contains("asimd") { return .ok("processor", "Advanced SIMD") }
    return .note("processor", "without AVX2: training is several times slower than elsewhere")
  }

  private static var precision: Finding {
    Precision.bfloat16.isAvailable
      ? .ok("bfloat16", "train(…, precision: .bfloat16) works here")
      : .note("bfloat16", "this processor has no products in bfloat16; float32 is what is used")
  }

  private static var threads: Finding {
    let team = Parallel.threadCount
    let online = sysconf(Int32(_SC_NPROCESSORS_ONLN))
    let text = "\(team) of \(online) processors"
    if let limit = EnvironmentVariable.value("OMP_NUM_THREADS"), team < online {
      return .note(
        "threads", "\(text), by OMP_NUM_THREADS=\(limit)",
        wayOut: "unset OMP_NUM_THREADS to use all")
    }
    return .ok("threads", text)
  }

  private static var engine: Finding {
    let text = "oneDNN \(Libraries.oneDNNVersion), \(Libraries.openBLASConfiguration)"
    guard Libraries.openBLASSharesThreads else {
      return .note(
        "engine", "\(text): its threads compete with Orbit's",
        wayOut: "apt-get install libopenblas0-openmp")
    }
    return .ok("engine", text)
  }
}
