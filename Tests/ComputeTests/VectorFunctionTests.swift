import Compute
import Foundation
import Testing

@Suite("Vector functions")
struct VectorFunctionTests {
  typealias Vector = Elementwise.Vector

  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let range: ClosedRange<Float>
    /// The greatest error in units of the last place of the true value.
    var places = 3.0
    let function: @Sendable (Vector) -> Vector
    let reference: @Sendable (Double) -> Double
  }

  static let cases = [
    Case(testDescription: "exponential", range: -86...88.7) {
      $0.exponential
    } reference: {
      exp($0)
    },
    Case(testDescription: "exponentialMinusOne", range: -40...40) {
      $0.exponentialMinusOne
    } reference: {
      expm1($0)
    },
    Case(testDescription: "softplus", range: -80...90) {
      $0.softplus
    } reference: {
      $0 > 40 ? $0 : log1p(exp($0))
    },
    Case(testDescription: "logistic", range: -80...90) {
      $0.logistic
    } reference: {
      1 / (1 + exp(-$0))
    },
    Case(testDescription: "hyperbolicTangent", range: -12...12) {
      $0.hyperbolicTangent
    } reference: {
      tanh($0)
    },
    Case(testDescription: "naturalLogarithm", range: 1e-3...5) {
      $0.naturalLogarithm
    } reference: {
      log($0)
    },
  ]

  @Test("are accurate to the last places over their range", arguments: cases)
  func accuracy(_ c: Case) {
    var worst = 0.0
    let steps = 200_000
    func look(_ x: Float) {
      let y = c.function(Vector(repeating: x))
      let expected = c.reference(Double(x))
      worst = max(worst, abs(Double(y[7]) - expected) / Double(Float(expected).ulp))
      #expect(y[0] == y[15])
    }
    for i in 0...steps {
      look(
        c.range.lowerBound + (c.range.upperBound - c.range.lowerBound) * Float(i) / Float(steps))
    }
    // Towards zero, where differences would cancel.
    for i in 1...60 {
      let small = powf(0.5, Float(i)) * 1.3
      if c.range.contains(small) { look(small) }
      if c.range.contains(-small) { look(-small) }
    }
    #expect(worst <= c.places)
  }

  @Test("hold at the ends of the range")
  func ends() {
    let far = Vector(
      .infinity, -.infinity, .nan, 0, 100, -100, 88.73, -87.5, 1e30, -1e30, 1, -1, 88, -86, 2, -2)
    let e = far.exponential
    #expect(e[0] == .infinity && e[1] == 0 && e[2].isNaN && e[3] == 1 && e[4] == .infinity)
    #expect(e[5] == 0 && e[6] == .infinity && e[7] == 0 && e[8] == .infinity && e[9] == 0)
    let s = far.softplus
    #expect(s[0] == .infinity && s[1] == 0 && s[2].isNaN && s[4] == 100 && s[8] == 1e30)
    let l = far.logistic
    #expect(l[0] == 1 && l[1] == 0 && l[2].isNaN && l[3] == 0.5 && l[8] == 1 && l[9] == 0)
    let t = far.hyperbolicTangent
    #expect(t[0] == 1 && t[1] == -1 && t[2].isNaN && t[3] == 0 && t[8] == 1 && t[9] == -1)
    // Beyond the range of Float.
    #expect(Vector(repeating: 3e38).naturalLogarithm[0] == Float(log(3e38)))
    #expect(Vector(repeating: 2e-38).naturalLogarithm[0] == Float(log(Double(Float(2e-38)))))
  }
}
