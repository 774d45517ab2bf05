import Glibc

/// How the learning rate changes over a run.
public enum Schedule: String, Sendable, CaseIterable {
  /// The same rate from the first step to the last.
  case constant
  /// A linear rise over the first twentieth, then half a cosine down to 0 (Loshchilov and Hutter, 2017).
  case cosine
  /// A linear rise over the first twentieth, then a straight line down to 0.
  case linear

  /// The factor on the rate at a step of a run of `steps`.
  public func factor(step: Int, of steps: Int) -> Float {
    guard self != .constant, steps > 1 else { return 1 }
    let warm = max(1, steps / 20)
    if step < warm { return Float(step + 1) / Float(warm) }
    let done = Float(step - warm) / Float(max(1, steps - warm))
    return self == .cosine ? (1 + cosf(.pi * done)) / 2 : 1 - done
  }
}
