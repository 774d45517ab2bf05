/// How fast publications may leave so that Jupyter's server passes all of them on.
///
/// The server drops, with a warning to the person, what exceeds 1,000 messages or 1,000,000 bytes of printed
/// text a second on the average of 3 seconds, as it reads them. What is allowed here stays below both: the
/// burst and three times the rate make 2,500 messages, so that a server that stands still for 0.7 seconds
/// and then reads what has gathered counts no more than it allows either. Side requests do not wait for it,
/// since their answers take another way.
struct Pace {
  /// What is left of an allowance that fills up with time and may be overdrawn once.
  private struct Allowance {
    let rate: Double
    let burst: Double
    private var left: Double
    private var moment = 0

    init(rate: Double, burst: Double) {
      self.rate = rate
      self.burst = burst
      left = burst
    }

    /// When something may leave, in milliseconds.
    func ready(now: Int) -> Int {
      let there = left + Double(now - moment) * rate / 1_000
      return there > 0 ? now : now + 1 + Int(-there / rate * 1_000)
    }

    mutating func spend(_ amount: Double, now: Int) {
      left = min(burst, left + Double(now - moment) * rate / 1_000) - amount
      moment = now
    }
  }

  private var messages = Allowance(rate: 700, burst: 400)
  private var text = Allowance(rate: 700_000, burst: 400_000)

  /// When the next publication may leave, in milliseconds of `MonotonicClock`.
  func ready(now: Int) -> Int { max(messages.ready(now: now), text.ready(now: now)) }

  /// Notes that a publication leaves, and how many bytes of it are counted as printed text.
  mutating func leave(textBytes: Int, now: Int) {
    messages.spend(1, now: now)
    if textBytes > 0 { text.spend(Double(textBytes), now: now) }
  }
}
