import Glibc

/// Where Jupyter keeps what it reads and writes (jupyter_core's `paths`), as far as the environment says.
///
/// Jupyter also looks into the prefix of the Python that it runs in, which only it knows: the active virtual
/// environment or conda environment stands for it, and the prefix of the first `jupyter` on the search path.
enum JupyterFolders {
  /// The user's folder for Jupyter's data; `nil` without a home folder.
  static var userData: String? {
    if let folder = EnvironmentVariable.value("JUPYTER_DATA_DIR") { return folder }
    if let data = EnvironmentVariable.value("XDG_DATA_HOME") { return "\(data)/jupyter" }
    return EnvironmentVariable.value("HOME").map { "\($0)/.local/share/jupyter" }
  }

  /// Where connection files lie while kernels run; `nil` without a home folder.
  static var runtime: String? {
    EnvironmentVariable.value("JUPYTER_RUNTIME_DIR") ?? userData.map { "\($0)/runtime" }
  }

  /// The active virtual environment or conda environment.
  static var activePrefix: String? {
    EnvironmentVariable.value("VIRTUAL_ENV") ?? EnvironmentVariable.value("CONDA_PREFIX")
  }

  /// The first `jupyter` in the active environment or on the search path.
  static var program: String? {
    let path = (EnvironmentVariable.value("PATH") ?? "").split(separator: ":").map { String($0) }
    let folders = (activePrefix.map { ["\($0)/bin"] } ?? []) + path
    return folders.map { "\($0)/jupyter" }.first { access($0, X_OK) == 0 }
  }

  /// The folders of kernels in the order in which Jupyter looks into them, each once.
  static var kernels: [String] {
    var folders = (EnvironmentVariable.value("JUPYTER_PATH") ?? "").split(separator: ":")
      .map { String($0) }
    let programPrefix = program.map { path in
      path.split(separator: "/").dropLast(2).map { "/\($0)" }.joined()
    }
    let prefixes = [activePrefix, programPrefix].compactMap { $0 }.map { "\($0)/share/jupyter" }
    let user = [userData].compactMap { $0 }
    // In an environment its own folder comes first, unless one says otherwise.
    let prefersEnvironment =
      EnvironmentVariable.value("JUPYTER_PREFER_ENV_PATH").map {
        !["0", "no", "n", "false", "off"].contains($0.lowercased())
      } ?? (activePrefix != nil)
    folders += prefersEnvironment ? prefixes + user : user + prefixes
    folders += ["/usr/local/share/jupyter", "/usr/share/jupyter"]
    var seen: Set<String> = []
    return folders.map { "\($0)/kernels" }.filter { seen.insert(resolved($0)).inserted }
  }

  /// A path with its links resolved; the path itself where it leads nowhere.
  static func resolved(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
