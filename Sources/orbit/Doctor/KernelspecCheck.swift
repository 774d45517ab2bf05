import Glibc
import JupyterProtocol

/// Whether Jupyter finds a kernelspec, and what it starts.
enum KernelspecCheck {
  static let subject = "kernelspec"

  static func findings(in folders: [String] = JupyterFolders.kernels) -> [Finding] {
    let kernelspecs = InstalledKernelspec.all(in: folders)
    guard !kernelspecs.isEmpty else {
      return [
        .problem(
          subject,
          "Jupyter finds none that starts Orbit (looked in \(folders.joined(separator: ", ")))",
          wayOut: "orbit install, or with an active environment orbit install --sys-prefix")
      ]
    }
    return kernelspecs.flatMap { findings(of: $0) } + duplicates(kernelspecs) + [jupyter]
  }

  private static func findings(of kernelspec: InstalledKernelspec) -> [Finding] {
    let place = "'\(kernelspec.name)' in \(kernelspec.folder)"
    guard let description = kernelspec.description else {
      return [
        .problem(
          subject, "\(place): kernel.json is not JSON",
          wayOut: "install it again: orbit install --name \(kernelspec.name)")
      ]
    }
    let problems = KernelspecFields.problems(of: description)
    guard problems.isEmpty else {
      return [
        .problem(
          subject, "\(place): \(problems.joined(separator: "; "))",
          wayOut: "install it again: orbit install --name \(kernelspec.name)")
      ]
    }
    if let hiding = kernelspec.hiddenBy {
      return [
        .note(
          subject, "\(place) is hidden by \(hiding)",
          wayOut: "remove the one that should not be found")
      ]
    }
    return [program(of: kernelspec, place)]
  }

  /// What the kernelspec starts, compared with the program that runs now.
  private static func program(of kernelspec: InstalledKernelspec, _ place: String) -> Finding {
    let executable = kernelspec.executable
    let again = "install it again: orbit install --name \(kernelspec.name)"
    guard executable.hasPrefix("/") else {
      return .note(
        subject, "\(place) starts whichever '\(executable)' is first on Jupyter's search path",
        wayOut: again)
    }
    guard access(executable, X_OK) == 0 else {
      return .problem(
        subject,
        "\(place) starts \(executable), which cannot be started: \(String(cString: strerror(errno)))",
        wayOut: again)
    }
    if kernelspec.startsThisProgram { return .ok(subject, "\(place) starts this program") }
    let expected = "Orbit \(OrbitVersion.current)"
    switch Files.output(of: executable, "--version") {
    case expected:
      return .note(subject, "\(place) starts another program of the same version, \(executable)")
    case let version? where version.hasPrefix("Orbit "):
      return .problem(
        subject, "\(place) starts \(executable), which is \(version), and this is \(expected)",
        wayOut: again)
    default:
      return .problem(
        subject, "\(place) starts \(executable), which does not answer to --version as Orbit does",
        wayOut: again)
    }
  }

  private static func duplicates(_ kernelspecs: [InstalledKernelspec]) -> [Finding] {
    let visible = kernelspecs.filter { $0.hiddenBy == nil }
    let programs = Set(visible.map { JupyterFolders.resolved($0.executable) })
    guard programs.count > 1 else { return [] }
    let names = visible.map { "'\($0.name)' starts \($0.executable)" }.joined(separator: ", ")
    return [
      .note(
        subject, "several kernels start different programs: \(names)",
        wayOut: "orbit uninstall --name NAME removes one")
    ]
  }

  private static var jupyter: Finding {
    guard let program = JupyterFolders.program else {
      return .note(
        "Jupyter", "there is no 'jupyter' on the search path",
        wayOut: "activate its environment, or install it: pip install jupyterlab")
    }
    return .ok("Jupyter", program)
  }
}
