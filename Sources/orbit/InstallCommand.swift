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

  mutating func run() throws {
    let path = try Files.absolute(try folder.path)
    let kernelspec = Kernelspec(executable: try Self.stablePath(), displayName: displayName)
    try Files.makeFolder(path)
    for file in try kernelspec.files { try Files.write(file.bytes, to: "\(path)/\(file.name)") }
    print("Installed the kernel '\(folder.name)' in \(path)")
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
