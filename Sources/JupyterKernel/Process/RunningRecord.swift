import CCrashWords
import Glibc
import JupyterProtocol

/// What a process writes down while it works, so that the next one can tell how it ended.
///
/// A file in the workspace's folder says which cell runs and how far a training is, and is empty while nothing
/// runs. A process that ends in order removes it. What a signal ends adds the signal; what is killed, as happens
/// when memory runs out, leaves what it wrote last. The process holds a lock on the file as long as it lives, so
/// that its file is not mistaken for that of a dead one. All methods may be called from any thread.
public final class RunningRecord: Sendable {
  static let prefix = "running-"

  private let path: String
  // Made for use from all threads, and never freed: a signal handler may look at any moment.
  private nonisolated(unsafe) let record: OpaquePointer

  /// Begins the record of this process, of which there is one; `nil` where the folder cannot be written to.
  ///
  /// - Parameters:
  ///   - folder: the workspace's folder, which is there.
  ///   - version: the program's.
  ///   - session: the number under which the history knows this process.
  public init?(folder: String, version: String, session: Int) {
    path = "\(folder)/\(Self.prefix)\(Identifier.random())"
    let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return nil }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0,
      let record = orbit_running_record_make(descriptor, version, session)
    else {
      Glibc.close(descriptor)
      unlink(path)
      return nil
    }
    self.record = record
  }

  /// Says which cell runs; `nil` when none does.
  public func note(cell: Int?) { orbit_running_record_cell(record, cell ?? 0) }

  /// Says how many steps a training has taken; `nil` when none trains.
  public func note(step: Int?) { orbit_running_record_step(record, step ?? -1) }

  /// Ends the record: the process says goodbye.
  public func close() {
    unlink(path)
    orbit_running_record_close(record)
  }
}
