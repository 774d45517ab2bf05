import ArgumentParser

/// The command line.
@main
struct Orbit: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "orbit",
    abstract: "A Jupyter kernel that hosts a workspace of representation-learning models.",
    version: "Orbit \(OrbitVersion.current)",
    subcommands: [
      KernelCommand.self, RunCommand.self, InstallCommand.self, UninstallCommand.self,
      ListCommand.self, DoctorCommand.self,
    ])
}
