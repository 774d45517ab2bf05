import ArgumentParser

/// Where the kernelspec goes, as options of `install` and `uninstall`.
struct KernelspecFolder: ParsableArguments {
  @Flag(help: "Into the home folder, for this person (the default).")
  var user = false

  @Flag(
    help: """
      Into the active virtual environment or conda environment ($VIRTUAL_ENV, $CONDA_PREFIX), \
      or for everyone under /usr/local if there is none.
      """)
  var sysPrefix = false

  @Option(help: "Into DIR/share/jupyter/kernels.", completion: .directory)
  var prefix: String?

  @Option(help: "The name by which programs find the kernel: ASCII letters, digits, '-', '.', '_'.")
  var name = "orbit"

  func validate() throws {
    guard [user, sysPrefix, prefix != nil].filter({ $0 }).count <= 1 else {
      throw ValidationError("Give only one of --user, --sys-prefix and --prefix.")
    }
    let isName = name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"):
        true
      default: false
      }
    }
    guard isName, !name.isEmpty, name != ".", name != ".." else {
      throw ValidationError(
        "The name '\(name)' cannot be used: a name has only ASCII letters, digits, '-', '.' and '_'."
      )
    }
  }

  /// The folder of this kernel.
  var path: String {
    get throws { "\(try kernels)/\(name.lowercased())" }
  }

  private var kernels: String {
    get throws {
      if let prefix { return "\(prefix)/share/jupyter/kernels" }
      if sysPrefix {
        return "\(JupyterFolders.activePrefix ?? "/usr/local")/share/jupyter/kernels"
      }
      guard let data = JupyterFolders.userData else {
        throw ValidationError("HOME is not set; say where to install with --prefix DIR.")
      }
      return "\(data)/kernels"
    }
  }
}
