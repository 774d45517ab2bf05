import Formats
import Glibc

/// The program that a run was trained by.
enum Build {
  /// The version and, where it is known, the commit: `0.1.0 (3f2a91c04b7e)`.
  static let current =
    commit.map { "\(WorkspaceInterpreter.version) (\($0))" }
    ?? WorkspaceInterpreter.version

  /// The commit that the program was built from, which the build writes beside it.
  ///
  /// Compiled in, it would have everything compiled anew at each commit. A program that is newer than the note was
  /// built by other means, from who knows what.
  private static var commit: String? {
    var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink("/proc/self/exe", &bytes, bytes.count)
    guard count > 0, count < bytes.count else { return nil }
    let program = String(decoding: bytes[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return commit(of: program)
  }

  /// The commit that is noted beside a program.
  static func commit(of program: String) -> String? {
    var (built, noted) = (stat(), stat())
    guard stat(program, &built) == 0, stat("\(program).commit", &noted) == 0,
      noted.st_size < 100,
      (built.st_mtim.tv_sec, built.st_mtim.tv_nsec)
        <= (noted.st_mtim.tv_sec, noted.st_mtim.tv_nsec),
      let text = try? File.read("\(program).commit")
    else { return nil }
    let word = String(decoding: text, as: UTF8.self).split(whereSeparator: \.isWhitespace).first
    return word.map(String.init)
  }
}
