import Glibc
import Tensors

/// How the learning rate changes over a run: a factor on it that depends on the step alone.
public struct Schedule: Sendable, Equatable {
  /// What follows the rise.
  public enum Shape: Sendable, Equatable {
    /// The same rate to the end.
    case constant
    /// Half a cosine down to a share of the rate (Loshchilov and Hutter, 2017).
    case cosine(to: Float)
    /// A straight line down to a share of the rate.
    case linear(to: Float)
    /// The rate is multiplied by `factor` at each of these steps of the run.
    case steps(at: [Int], factor: Float)
  }

  /// What follows the rise.
  public let shape: Shape
  /// The steps of the linear rise that comes first; when `nil`, a twentieth of the run before a cosine or
  /// a line, none before the others.
  public let warmUp: Int?

  /// Describes a schedule.
  public init(_ shape: Shape, warmUp: Int? = nil) {
    self.shape = shape
    self.warmUp = warmUp
  }

  /// The same rate from the first step to the last.
  public static let constant = Schedule(.constant)
  /// A linear rise over the first twentieth, then half a cosine down to 0.
  public static let cosine = Schedule(.cosine(to: 0))
  /// A linear rise over the first twentieth, then a straight line down to 0.
  public static let linear = Schedule(.linear(to: 0))
  /// The rate is multiplied by `factor` at each of these steps of the run.
  public static func steps(at steps: [Int], factor: Float = 0.1) -> Schedule {
    Schedule(.steps(at: steps, factor: factor))
  }

  /// The factor on the rate at a step, from 0, of a run of `steps`.
  public func factor(step: Int, of steps: Int) -> Float {
    let warm = rise(of: steps)
    if step < warm { return Float(step + 1) / Float(warm) }
    guard steps > 1 else { return 1 }
    let done = Float(step - warm) / Float(max(1, steps - warm))
    switch shape {
    case .constant: return 1
    case .cosine(let end): return end + (1 - end) * ((1 + cosf(.pi * done)) / 2)
    case .linear(let end): return end + (1 - end) * (1 - done)
    case .steps(let places, let factor):
      return places.reduce(1) { $1 <= step ? $0 * factor : $0 }
    }
  }

  /// The steps of the rise in a run of `steps`.
  private func rise(of steps: Int) -> Int {
    if let warmUp { return warmUp }
    switch shape {
    case .constant, .steps: return 0
    case .cosine, .linear: return steps > 1 ? max(1, steps / 20) : 0
    }
  }

  /// Refuses constants out of their ranges.
  func check() throws(TensorError) {
    func refuse(_ name: String, _ value: String, _ fix: String) -> TensorError {
      .argument(operation: "schedule", name: name, value: value, fix: fix)
    }
    guard warmUp ?? 0 >= 0 else { throw refuse("warmUp", "\(warmUp ?? 0)", "give 0 steps or more") }
    switch shape {
    case .constant: break
    case .cosine(let end), .linear(let end):
      guard (0...1).contains(end) else {
        throw refuse("to", "\(end)", "give a share of the rate from 0 to 1")
      }
    case .steps(let places, let factor):
      guard factor > 0, factor.isFinite else {
        throw refuse("factor", "\(factor)", "give a positive factor, such as 0.1")
      }
      guard places.allSatisfy({ $0 > 0 }) else {
        throw refuse("at", "\(places)", "the rate can change after the first step at the earliest")
      }
    }
  }
}
