import Formats
import Glibc

/// Fetches published files, one after the other, carrying on where an earlier attempt stopped.
///
/// The program `curl` does it, as a process of its own: it knows proxies, certificates and broken lines, and
/// linked into Orbit its thirty libraries would make every start slower for something that is done once.
public struct Download: Sendable {
  /// How far a download is.
  public struct Progress: Sendable {
    /// The file that is being fetched.
    public let file: String
    /// Its bytes so far.
    public let bytes: Int
  }

  /// Whether to give up; asked several times a second.
  let isStopped: @Sendable () -> Bool
  /// Hears how far it is.
  let observe: @Sendable (Progress) -> Void

  /// Prepares a download.
  public init(
    isStopped: @escaping @Sendable () -> Bool = { false },
    observe: @escaping @Sendable (Progress) -> Void = { _ in }
  ) {
    self.isStopped = isStopped
    self.observe = observe
  }

  /// Fetches the files that are not yet in the folder, which is made when it is not there.
  ///
  /// A file grows under the name `….partial` and gets its own when its checksum is right.
  ///
  /// - Throws: `DatasetError.download` with curl's reason, or when it was stopped; `DatasetError.checksum`,
  ///   after which the wrong file is gone.
  public func fetch(
    _ files: [PublishedFile], of dataset: String, into folder: String
  ) throws(DatasetError) {
    func failure(_ file: String, _ reason: String, _ fix: String) -> DatasetError {
      .download(dataset: dataset, file: file, reason: reason, fix: fix)
    }
    if let code = makeFolders(folder) {
      throw failure(
        folder, "the folder cannot be made: \(String(cString: strerror(code)))",
        "give another place with at: \"folder\"")
    }
    for file in files where File.stamp(of: "\(folder)/\(file.name)") == nil {
      let (path, partial) = ("\(folder)/\(file.name)", "\(folder)/\(file.name).partial")
      try run(file, to: partial, failure)
      if let expected = file.checksum {
        let found: String
        do throws(FormatError) {
          found = SHA256.hex(of: try File.read(partial))
        } catch {
          throw .file(dataset: dataset, error, fix: "try again")
        }
        guard found == expected else {
          unlink(partial)
          throw .checksum(
            dataset: dataset, path: file.address, expected: expected, found: found,
            fix:
              "what was fetched is removed; try again later, or give a folder with at: \"folder\"")
        }
      }
      guard rename(partial, path) == 0 else {
        throw failure(
          file.name, String(cString: strerror(errno)), "give another place with at: \"folder\"")
      }
    }
  }

  /// Runs curl until it ends, or until somebody says stop.
  private func run(
    _ file: PublishedFile, to partial: String,
    _ failure: (String, String, String) -> DatasetError
  ) throws(DatasetError) {
    let arguments = [
      "curl", "--silent", "--show-error", "--fail", "--location", "--continue-at", "-",
      "--retry", "3", "--connect-timeout", "20", "--speed-limit", "1000", "--speed-time", "60",
      "--proto", "=http,https", "--output", partial, "--", file.address,
    ]
    let log = "\(partial).log"
    defer { unlink(log) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 2, log, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    // The threads of a Swift program block signals, which a child would inherit: it could not be stopped.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    defer { pointers.forEach { free($0) } }
    var process: pid_t = 0
    let code = posix_spawnp(&process, "curl", &actions, &attributes, &pointers, environ)
    guard code == 0 else {
      throw failure(
        file.name, "the program curl does not start: \(String(cString: strerror(code)))",
        "install it with apt-get install curl, or fetch \(file.address) by hand")
    }
    var status: Int32 = 0
    while waitpid(process, &status, WNOHANG) == 0 {
      if isStopped() {
        kill(process, SIGTERM)
        waitpid(process, &status, 0)
        throw failure(
          file.name, "stopped after \((File.stamp(of: partial)?.size ?? 0).grouped) bytes",
          "the same call carries on from there")
      }
      observe(Progress(file: file.name, bytes: File.stamp(of: partial)?.size ?? 0))
      usleep(50_000)
    }
    guard status != 0 else { return }
    let said = (try? File.read(log)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    let reason = said.split(separator: "\n").last.map(String.init) ?? "curl ended with \(status)"
    // 22 is an answer of the server that is an error, 33 a server that cannot carry on.
    if status >> 8 & 0xff == 33 { unlink(partial) }
    throw failure(
      file.name, "\(reason) (\(file.address))",
      "the same call carries on from where it stopped; or fetch it by hand and give its folder with "
        + "at: \"folder\"")
  }

  /// Makes a folder and those above it; the system's error number when that fails.
  private func makeFolders(_ folder: String) -> Int32? {
    var path = folder.hasPrefix("/") ? "" : "."
    for part in folder.split(separator: "/") {
      path += "/\(part)"
      guard mkdir(path, 0o777) != 0, errno != EEXIST else { continue }
      return errno
    }
    return nil
  }
}
