import Glibc
import Testing

@testable import Compute

@Suite("The memory that is available")
struct MemoryTests {
  @Test("is some, and no more than the machine has")
  func bounds() {
    let machine = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
    #expect(Memory.available > 1 << 20)
    #expect(Memory.available <= machine)
  }

  @Test("is read from the line with the whole name")
  func reading() {
    let text = "MemAvailableNot: 1 kB\nMemFree:  2 kB\nMemAvailable:    23960000 kB\nCached: x kB\n"
    #expect(Memory.value(of: "MemAvailable:", in: text) == 23_960_000)
    #expect(Memory.value(of: "MemFree:", in: text) == 2)
    #expect(Memory.value(of: "Cached:", in: text) == nil)
    #expect(Memory.value(of: "Swap:", in: text) == nil)
    #expect(Memory.value(of: "MemFree:", in: "") == nil)
  }
}
