import Glibc
import JupyterProtocol

/// Measures what the process uses of the machine.
struct Usage {
  private var processorTime = 0.0
  private var moment = MonotonicClock.milliseconds

  init() {
    processorTime = Self.processorTime()
  }

  /// Measures; processor time counts since the last measurement.
  mutating func measure(rejected: Int) -> UsageReply {
    let now = MonotonicClock.milliseconds
    let time = Self.processorTime()
    let elapsed = Double(max(1, now - moment)) / 1_000
    let percent = 100 * (time - processorTime) / elapsed
    moment = now
    processorTime = time
    let page = sysconf(Int32(_SC_PAGESIZE))
    return UsageReply(
      hostname: Self.hostname(), processID: Int(getpid()), processorPercent: percent,
      memory: Self.residentPages() * page,
      machineMemory: (
        sysconf(Int32(_SC_PHYS_PAGES)) * page, Self.availableMemory(page: page)
      ), processorCount: sysconf(Int32(_SC_NPROCESSORS_ONLN)), rejectedMessages: rejected)
  }

  private static func processorTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  private static func hostname() -> String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "" }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// The second number of `/proc/self/statm`: pages in memory.
  private static func residentPages() -> Int {
    let fields = SystemFile.text(of: "/proc/self/statm").split(separator: " ")
    return fields.count > 1 ? Int(fields[1]) ?? 0 : 0
  }

  /// The bytes that could be taken without swapping: what the system caches of files is among them.
  private static func availableMemory(page: Int) -> Int {
    for line in SystemFile.text(of: "/proc/meminfo").split(separator: "\n") {
      let fields = line.split(separator: " ")
      if fields.first == "MemAvailable:", fields.count > 1, let kilobytes = Int(fields[1]) {
        return kilobytes << 10
      }
    }
    return sysconf(Int32(_SC_AVPHYS_PAGES)) * page
  }
}
