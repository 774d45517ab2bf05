import Compute
import Foundation
import Testing

@Suite("The libraries below")
struct LibrariesTests {
  @Test("are an OpenBLAS on OpenMP and a oneDNN with a version")
  func builds() {
    #expect(Libraries.openBLASSharesThreads, "\(Libraries.openBLASConfiguration)")
    #expect(Libraries.oneDNNVersion.split(separator: ".").count == 3)
  }

  /// `.ci/engine-tests` says in the environment what its run is to meet, each as a regular expression:
  /// a switch that a library does not know would otherwise pass unnoticed.
  @Test("are those that the run asked for")
  func asked() throws {
    let plan = try #require(
      Convolution(
        batch: 2, height: 16, width: 16, channels: 16, outputs: 32, windowHeight: 3,
        windowWidth: 3, padding: 1))
    let found = try [
      "ORBIT_EXPECTED_ONEDNN": Libraries.oneDNNVersion,
      "ORBIT_EXPECTED_CONVOLUTION": plan.implementations().joined(separator: ", "),
      "ORBIT_EXPECTED_OPENBLAS": Libraries.openBLASConfiguration,
    ]
    let environment = ProcessInfo.processInfo.environment
    for (name, value) in found.sorted(by: { $0.key < $1.key }) {
      print("\(name.replacing("EXPECTED", with: "FOUND")): \(value)")
      guard let expected = environment[name] else { continue }
      #expect(try value.contains(Regex(expected)), "\(name) is \(expected), found \(value)")
    }
  }
}
