import JupyterProtocol
import Testing

@Suite struct ReplayMemoryTests {
  /// Signatures as they are: hexadecimal digits that look random.
  private let signature = Signature(key: Array("key".utf8))

  private func code(_ number: Int) -> [UInt8] { signature.sign(Array(String(number).utf8)) }

  @Test func replaysAreFoundUntilTheMemoryIsFull() {
    let memory = ReplayMemory(capacity: 3)
    #expect(memory.admit(code(0)))
    #expect(!memory.admit(code(0)))
    #expect(memory.admit(code(1)))
    #expect(memory.admit(code(2)))
    for known in 0..<3 { #expect(!memory.admit(code(known))) }
    // The oldest is forgotten first, and only the oldest.
    #expect(memory.admit(code(3)))
    #expect(!memory.admit(code(1)))
    #expect(!memory.admit(code(2)))
    #expect(memory.admit(code(0)))
    #expect(memory.admit(code(1)))
  }

  @Test func unsignedMessagesAlwaysPass() {
    let memory = ReplayMemory(capacity: 1)
    #expect(memory.admit([]))
    #expect(memory.admit([]))
  }

  /// Against a list that is searched from end to end.
  ///
  /// Signatures that collide all begin their search at the same few places, so that taking one out has to
  /// move others.
  @Test(arguments: [1, 2, 3, 7, 64, 100], [false, true])
  func theMemoryIsTheLastSignatures(_ capacity: Int, _ collides: Bool) {
    let memory = ReplayMemory(capacity: capacity)
    var last: [Int] = []
    var random: UInt64 = 1
    for _ in 0..<4_000 {
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let number = Int(random >> 33) % (3 * capacity)
      let isNew = !last.contains(number)
      #expect(memory.admit(collides ? colliding(number) : code(number)) == isNew)
      guard isNew else { continue }
      last.append(number)
      if last.count > capacity { last.removeFirst() }
    }
  }

  /// 64 digits whose 16th and 32nd, on which the place in a small table depends, take four values in all.
  private func colliding(_ number: Int) -> [UInt8] {
    var digits = [UInt8](repeating: UInt8(ascii: "0"), count: 64)
    let text = Array(String(0x1000 + number, radix: 16).utf8)
    digits.replaceSubrange(16..<16 + text.count, with: text)
    digits[31] = UInt8(ascii: number % 4 == 0 ? "f" : "e")
    digits[15] = UInt8(ascii: number % 4 < 2 ? "0" : "1")
    return digits
  }

  @Test func theStandardMemoryHolds65536() {
    let memory = ReplayMemory()
    for number in 0..<140_000 { #expect(memory.admit(code(number))) }
    #expect(!memory.admit(code(140_000 - 65_536)))
    #expect(!memory.admit(code(139_999)))
    #expect(memory.admit(code(140_000 - 65_537)))
  }
}
