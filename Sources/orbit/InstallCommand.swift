import ArgumentParser
import Glibc

/// `orbit install`: tells Jupyter about this kernel.
struct InstallCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "install",
    abstract: "Tell Jupyter about this kernel.",
    discussion: """
      The kernelspec names this program by the path under which it was called, if that leads to it, so \
      that a link to the newest version keeps working; otherwise by its own path.
      """)

  @OptionGroup var folder: KernelspecFolder

  @Option(help: "The name that people see.")
  var displayName = "Orbit"

  @Option(
    name: .customLong("env"),
    help: ArgumentHelp(
      "A variable of the kernel's environment; may be given several times.",
      valueName: "KEY=VALUE"))
  var environment: [String] = []

  @Option(
    help: ArgumentHelp(
      "A folder for the workspace of all notebooks; each has its own beside it unless given.",
      valueName: "DIR"),
    completion: .directory)
  var workspace: String?

  func validate() throws { _ = try variables }

  mutating func run() throws {
    let path = try Files.absolute(try folder.path)
    let kernelspec = Kernelspec(
      executable: try Self.stablePath(), displayName: displayName, environment: try variables,
      workspace: try workspace.map { try Files.absolute($0) })
    let problems = KernelspecFields.problems(of: try kernelspec.description)
    guard problems.isEmpty else {
      throw ValidationError(
        "Jupyter would not take the kernelspec: \(problems.joined(separator: "; ")).")
    }
    try Files.makeFolder(path)
    for file in try kernelspec.files { try Files.write(file.bytes, to: "\(path)/\(file.name)") }
    print("Installed the kernel '\(folder.name)' in \(path)")
  }

  /// The variables that were given.
  private var variables: [(name: String, value: String)] {
    get throws {
      var variables: [(name: String, value: String)] = []
      for text in environment {
        guard let sign = text.firstIndex(of: "="), Self.isVariable(text[..<sign]) else {
          throw ValidationError(
            "--env \(text): write KEY=VALUE, KEY being letters, digits and '_', no digit first.")
        }
        let name = String(text[..<sign])
        guard !variables.contains(where: { $0.name == name }) else {
          throw ValidationError("--env gives \(name) twice.")
        }
        variables.append((name, String(text[text.index(after: sign)...])))
      }
      return variables
    }
  }

  private static func isVariable(_ name: Substring) -> Bool {
    name.utf8.first.map { !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? false
      && name.unicodeScalars.allSatisfy { scalar in
        scalar == "_" || scalar.isASCII && scalar.properties.isAlphabetic || "0"..."9" ~= scalar
      }
  }

  /// The path under which the program was called, when it is one and leads to this program.
  private static func stablePath() throws -> String {
    let program = try Files.runningProgram()
    guard let called = CommandLine.arguments.first, called.contains("/") else { return program }
    let absolute = try Files.absolute(called)
    guard let resolved = realpath(absolute, nil) else { return program }
    defer { free(resolved) }
    let isRoundabout = absolute.contains("/./") || absolute.contains("/../")
    return String(cString: resolved) == program && !isRoundabout ? absolute : program
  }
}
