import ArgumentParser
import JupyterProtocol

/// `orbit doctor`: looks at an installation and says what to mend.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Look at this installation and say what to mend.",
    discussion: """
      Each line says what was looked at and whether it is well; a problem comes with a way out, and ends the \
      program with status 1. A note is worth knowing and no fault. The workspace is looked at in the present \
      folder.
      """)

  @Flag(help: "As JSON, for programs.")
  var json = false

  mutating func run() throws {
    let findings =
      KernelspecCheck.findings() + RuntimeFolderCheck.findings() + MessagingCheck.findings()
      + LibraryCheck.findings() + DataSetCheck.findings() + WorkspaceCheck.findings()
      + ProcessorCheck.findings()
    let problems = findings.count { $0.state == .problem }
    if json {
      let report: JSONValue = [
        "version": .string(OrbitVersion.current), "problems": .integer(problems),
        "findings": .array(findings.map(\.json)),
      ]
      print(String(decoding: report.serialized, as: UTF8.self))
    } else {
      Self.tell(findings, problems: problems)
    }
    if problems > 0 { throw ExitCode(1) }
  }

  private static func tell(_ findings: [Finding], problems: Int) {
    let width = findings.map(\.subject.count).max() ?? 0
    for finding in findings {
      let state = padded(finding.state.rawValue, "problem".count)
      print("\(state)  \(padded(finding.subject, width))  \(finding.text)")
      if let wayOut = finding.wayOut {
        print("\(padded("", "problem".count + width + 4))→ \(wayOut)")
      }
    }
    switch problems {
    case 0: print("\nOrbit \(OrbitVersion.current): all is well.")
    case 1: print("\nOrbit \(OrbitVersion.current): one problem.")
    default: print("\nOrbit \(OrbitVersion.current): \(problems) problems.")
    }
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
