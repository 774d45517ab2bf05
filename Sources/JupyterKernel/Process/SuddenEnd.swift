import Glibc
import JupyterProtocol

/// How an earlier process ended that did not say goodbye, by the `RunningRecord` that it left.
public struct SuddenEnd: Sendable, Equatable {
  /// The signal of a crash; `nil` when the process was killed.
  public let signal: Int32?
  /// The number under which the history knows the process.
  public let session: Int
  /// The cell that ran, if any.
  public let cell: Int?
  /// How many steps a training had taken, if there was one.
  public let step: Int?
  /// What the process had in memory, in bytes; 0 when it is not known.
  public let memory: Int
  /// When it wrote this, in seconds since 1970.
  public let time: Int
  /// The program's version.
  public let version: String
  private let path: String

  /// Reads the text of a record; `nil` when it does not say that something ran, or is no record.
  init?(parsing text: String, path: String = "") {
    var fields: [Substring: Substring] = [:]
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: " ", maxSplits: 1)
      if parts.count == 2 { fields[parts[0]] = parts[1] }
    }
    func number(_ name: Substring) -> Int? { fields[name].flatMap { Int($0) } }
    guard let session = number("session"), let cell = number("cell"), let step = number("step"),
      let memory = number("memory"), let time = number("time"), let signal = number("signal"),
      let version = fields["version"]
    else { return nil }
    guard signal > 0 || cell > 0 || step >= 0 else { return nil }
    self.signal = signal > 0 ? Int32(truncatingIfNeeded: signal) : nil
    self.session = session
    self.cell = cell > 0 ? cell : nil
    self.step = step >= 0 ? step : nil
    self.memory = max(0, memory)
    self.time = max(0, min(time, 1 << 36))
    self.version = String(version)
    self.path = path
  }

  /// The ends that nobody has told yet, oldest first; records of processes that live are left alone.
  public static func found(in folder: String) -> [SuddenEnd] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var ends: [SuddenEnd] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      guard name.hasPrefix(RunningRecord.prefix) else { continue }
      let path = "\(folder)/\(name)"
      guard let text = textOfDead(path) else { continue }
      if let end = SuddenEnd(parsing: text, path: path) { ends.append(end) }
    }
    return ends.sorted { $0.time < $1.time }
  }

  /// Forgets the end; false when another process did so before, and then told it.
  public func forget() -> Bool { unlink(path) == 0 }

  /// What is in the record of a process that is dead.
  private static func textOfDead(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    // Shared, so that two kernels that start at once do not take each other for the living owner.
    guard flock(descriptor, LOCK_SH | LOCK_NB) == 0 else { return nil }
    var bytes = [UInt8](repeating: 0, count: 512)
    let count = read(descriptor, &bytes, bytes.count)
    guard count > 0 else {
      removeOldEmpty(path, descriptor)
      return nil
    }
    return String(decoding: bytes[..<count], as: UTF8.self)
  }

  /// Removes the record of a process that died while nothing ran, which is nothing to tell; a new one may belong
  /// to a process that has not locked it yet.
  private static func removeOldEmpty(_ path: String, _ descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return }
    if Glibc.time(nil) - status.st_mtim.tv_sec > 60 { unlink(path) }
  }
}

extension SuddenEnd {
  /// The end in one sentence.
  public var sentence: String {
    var sentence = "An earlier kernel of this workspace "
    if let signal {
      sentence += "crashed with \(Self.name(of: signal))"
    } else {
      sentence += "ended without saying goodbye"
    }
    if let cell { sentence += " while cell \(cell) ran" }
    if let step {
      sentence += cell == nil ? " after training step \(step)" : ", after training step \(step)"
    }
    if signal == nil { sentence += ": it was killed, as happens when memory runs out" }
    var details = ["Orbit \(version)", Self.date(time)]
    if memory > 0 { details.insert("\(memory >> 20) MB in memory", at: 0) }
    return sentence + " (\(details.joined(separator: ", ")))."
  }

  private static func name(of signal: Int32) -> String {
    switch signal {
    case SIGSEGV: "SIGSEGV, a touch of memory that is not its own"
    case SIGBUS: "SIGBUS, a touch of memory that is not there"
    case SIGILL: "SIGILL, an instruction that ends a broken program"
    case SIGTRAP: "SIGTRAP, an instruction that ends a broken program"
    case SIGFPE: "SIGFPE, a division that has no result"
    case SIGABRT: "SIGABRT, a library that gave up"
    default: "signal \(signal)"
    }
  }

  /// `2026-01-31 09:05:00 UTC`.
  private static func date(_ time: Int) -> String {
    let text = Timestamp.text(secondsSince1970: time, nanoseconds: 0)
    return "\(text.prefix(10)) \(text.dropFirst(11).prefix(8)) UTC"
  }
}
