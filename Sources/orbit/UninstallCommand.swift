import ArgumentParser
import Glibc

/// `orbit uninstall`: makes Jupyter forget this kernel.
struct UninstallCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "uninstall", abstract: "Make Jupyter forget this kernel.")

  @OptionGroup var folder: KernelspecFolder

  mutating func run() throws {
    let path = try Files.absolute(try folder.path)
    guard Files.exists("\(path)/kernel.json") else {
      throw ValidationError("There is no kernel '\(folder.name)' in \(path).")
    }
    // Only what `install` wrote: somebody's own files in the folder are not ours to remove.
    for file in try Kernelspec(executable: "", displayName: "").files {
      try Files.remove("\(path)/\(file.name)")
    }
    if rmdir(path) != 0 {
      print("The folder \(path) has other files in it and was left.")
    }
    print("Removed the kernel '\(folder.name)' from \(path)")
  }
}
