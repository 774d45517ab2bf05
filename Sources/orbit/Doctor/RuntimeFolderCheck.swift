import Glibc

/// Whether others could read or replace the files that tell a kernel its ports and its key.
enum RuntimeFolderCheck {
  static let subject = "connection files"

  static func findings(in folder: String? = JupyterFolders.runtime) -> [Finding] {
    guard let folder else {
      return [
        .problem(
          subject, "HOME is not set, so Jupyter has no folder for them",
          wayOut: "set HOME or JUPYTER_RUNTIME_DIR")
      ]
    }
    var status = stat()
    guard stat(folder, &status) == 0 else {
      return [.ok(subject, "\(folder) is not there yet; Jupyter makes it")]
    }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      return [
        .problem(
          subject, "\(folder) is not a folder", wayOut: "move it away; Jupyter makes a folder")
      ]
    }
    guard status.st_uid == geteuid() || geteuid() == 0 else {
      return [
        .problem(
          subject, "\(folder) belongs to another user",
          wayOut: "set JUPYTER_RUNTIME_DIR to a folder of your own")
      ]
    }
    // With the sticky bit others may add files, but not replace these.
    if status.st_mode & (S_IWGRP | S_IWOTH) != 0, status.st_mode & S_ISVTX == 0 {
      return [
        .problem(
          subject, "others can replace files in \(folder) (mode \(mode(status.st_mode)))",
          wayOut: "chmod 700 \(folder)")
      ]
    }
    let open = Files.names(in: folder).filter { name in
      var status = stat()
      return name.hasSuffix(".json") && stat("\(folder)/\(name)", &status) == 0
        && status.st_mode & (S_IRGRP | S_IROTH | S_IWGRP | S_IWOTH) != 0
    }
    guard open.isEmpty else {
      return [
        .problem(
          subject,
          "others can read the keys in \(open.count) of the files in \(folder), such as \(open[0])",
          wayOut: "chmod 600 \(folder)/*.json")
      ]
    }
    return [.ok(subject, "only you can change them in \(folder) (mode \(mode(status.st_mode)))")]
  }

  /// The permissions as `chmod` takes them.
  private static func mode(_ mode: mode_t) -> String { String(mode & 0o7777, radix: 8) }
}
