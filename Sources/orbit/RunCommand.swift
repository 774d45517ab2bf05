import ArgumentParser
import Glibc
import JupyterKernel
import JupyterProtocol
import Synchronization
import Workspace

/// `orbit run`: the cells of a file, one after the other, without Jupyter.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run the cells of a file, one after the other, without Jupyter.",
    discussion: """
      Cells are parted by lines that begin with "// %%"; a file without such lines is one cell. What a cell \
      prints and the text of what it shows go to the standard output. The first error ends the run with \
      status 1. Nothing is kept unless a workspace is given. Ctrl-C interrupts the running cell.
      """)

  @Argument(help: "The file with cells, or - for the standard input.", completion: .file())
  var file: String

  @Option(
    help: "A folder for the pictures, which is made: 01.png, 02.png …", completion: .directory)
  var pictures: String?

  @Option(
    help: ArgumentHelp(
      "A workspace's folder, which is made: its database gets the cells and the runs.",
      valueName: "DIR"), completion: .directory)
  var workspace: String?

  func validate() throws {
    guard workspace?.isEmpty != true else {
      throw ValidationError("--workspace takes the path of a folder.")
    }
  }

  mutating func run() throws {
    guard let text = try read() else {
      throw ValidationError(
        "\(file): \(String(cString: strerror(errno))); give the path of a file with cells")
    }
    if let pictures, mkdir(pictures, 0o777) != 0, errno != EEXIST {
      throw ValidationError(
        "\(pictures): \(String(cString: strerror(errno))); give another folder for the pictures")
    }
    let session = CellFileSession(pictures: pictures, workspace: workspace)
    guard session.run(cells: CellFile.cells(of: text)) else { throw ExitCode(1) }
  }

  private func read() throws -> String? {
    let descriptor = file == "-" ? 0 : open(file, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { if descriptor != 0 { close(descriptor) } }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Glibc.read(descriptor, &part, part.count)
      guard count > 0 else { return count == 0 ? String(decoding: bytes, as: UTF8.self) : nil }
      bytes += part[..<count]
    }
  }
}

/// The cells of a file.
enum CellFile {
  /// The texts between lines that begin with `// %%`, empty ones left out.
  static func cells(of text: String) -> [String] {
    var cells: [[Substring]] = [[]]
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("// %%") {
        cells.append([])
      } else {
        cells[cells.count - 1].append(line)
      }
    }
    return cells.map { $0.joined(separator: "\n") }.filter { !$0.allSatisfy(\.isWhitespace) }
  }
}

/// Runs cells on a thread with the stack that a kernel gives them, and prints what they publish.
private final class CellFileSession: Outlet {
  private struct State: Sendable {
    var running: Execution?
    var pictures = 0
    /// The last state of displays that change, by identifier, in the order of their appearance.
    var live: [(id: String, bundle: MIMEBundle)] = []
  }

  private let state = Mutex(State())
  private let folder: String?
  private let workspace: String?

  init(pictures: String?, workspace: String?) {
    folder = pictures
    self.workspace = workspace
  }

  /// Runs the cells; false when one failed or was interrupted.
  func run(cells: [String]) -> Bool {
    // The interrupt goes to one thread, which tells the running cell.
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGINT)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    KernelThread.start(name: "signals", stackSize: 256 << 10) { [self] in
      var signals = sigset_t()
      sigemptyset(&signals)
      sigaddset(&signals, SIGINT)
      var signal: Int32 = 0
      while sigwait(&signals, &signal) == 0 { state.withLock { $0.running }?.interrupt() }
    }
    let outcome = Monitor<Bool?>(nil)
    let started = KernelThread.start(name: "evaluation", stackSize: 512 << 20) { [self] in
      let interpreter = workspace.map { WorkspaceInterpreter(folder: $0) } ?? .inMemory()
      var isRight = true
      for (index, cell) in cells.enumerated() where isRight {
        isRight = run(cell, number: index + 1, by: interpreter)
      }
      interpreter.shutdown(restart: false)
      outcome.change { $0 = isRight }
    }
    return started && outcome.wait { $0 } == true
  }

  private func run(_ cell: String, number: Int, by interpreter: WorkspaceInterpreter) -> Bool {
    let execution = Execution(
      count: number,
      parent: Header(
        messageID: "cell-\(number)", session: "orbit-run", date: "", type: "execute_request"),
      outlet: self)
    state.withLock { $0.running = execution }
    let outcome = interpreter.execute(cell, in: execution)
    let live = state.withLock { state in
      state.running = nil
      defer { state.live = [] }
      return state.live
    }
    for display in live { show(display.bundle) }
    switch outcome {
    case .success: return true
    case .failure(let error), .interrupted(let error):
      say(error.traceback.joined(separator: "\n"), to: STDERR_FILENO)
    }
    return false
  }

  func publish(_ output: Output, from execution: Execution) {
    switch output {
    case .stream(let stream, let text):
      write(text, to: stream == .standardError ? STDERR_FILENO : STDOUT_FILENO)
    case .display(let bundle, let id?):
      state.withLock { $0.live.append((id, bundle)) }
    case .update(let bundle, let id):
      state.withLock { state in
        if let place = state.live.firstIndex(where: { $0.id == id }) {
          state.live[place].bundle = bundle
        }
      }
    case .display(let bundle, nil), .result(let bundle): show(bundle)
    case .clear: break
    }
  }

  func requestInput(
    prompt: String, password: Bool, from execution: Execution
  ) throws(InputError) -> String { throw .notAllowed }

  /// Prints the text of an output, and writes its picture where there is a folder for it.
  private func show(_ bundle: MIMEBundle) {
    say(bundle.plainText ?? "", to: STDOUT_FILENO)
    guard let folder, case .bytes(let png)? = bundle["image/png"] else { return }
    let number = state.withLock { state in
      state.pictures += 1
      return state.pictures
    }
    let path = "\(folder)/\(number < 10 ? "0" : "")\(number).png"
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      say("\(path): \(String(cString: strerror(errno)))", to: STDERR_FILENO)
      return
    }
    defer { close(descriptor) }
    write(png, to: descriptor)
  }

  private func say(_ text: String, to descriptor: Int32) { write(text + "\n", to: descriptor) }

  private func write(_ text: String, to descriptor: Int32) {
    write(Array(text.utf8), to: descriptor)
  }

  private func write(_ bytes: [UInt8], to descriptor: Int32) {
    var place = 0
    while place < bytes.count {
      let count = bytes[place...].withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      guard count > 0 else { return }
      place += count
    }
  }
}
