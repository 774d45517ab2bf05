import JupyterKernel
import Formats
import JupyterProtocol
import Synchronization

@testable import Workspace

/// A front end that writes down what a cell publishes.
final class Recording: Outlet {
  let outputs = Mutex<[Output]>([])
  /// Called with the number of outputs so far, at every output.
  let onOutput: @Sendable (Int, Execution) -> Void

  init(onOutput: @escaping @Sendable (Int, Execution) -> Void = { _, _ in }) {
    self.onOutput = onOutput
  }

  func publish(_ output: Output, from execution: Execution) {
    let count = outputs.withLock { outputs in
      outputs.append(output)
      return outputs.count
    }
    onOutput(count, execution)
  }

  func requestInput(
    prompt: String, password: Bool, from execution: Execution
  ) throws(InputError) -> String { throw .notAllowed }
}

/// A notebook without sockets: cells in, outputs out.
final class Notebook {
  let interpreter: WorkspaceInterpreter
  /// What every cell published so far, also after it had ended.
  private(set) var recordings: [Recording] = []

  /// - Parameter folder: where its workspace is kept; nowhere when `nil`.
  init(folder: String? = nil) {
    interpreter = WorkspaceInterpreter(Workspace(journal: Journal(folder: folder)))
  }

  struct Ran {
    let outcome: ExecutionOutcome
    let outputs: [Output]

    /// What the pictures show, without what their files say of where they come from, which names the time.
    var pictureContents: [String] {
      get throws {
        try outputs.compactMap { output in
          guard case .display(let bundle, _) = output, case .bytes(let png)? = bundle["image/png"]
          else { return nil }
          return try SealedFile(parsing: png, path: "a display").content
        }
      }
    }

    /// The result's text.
    var result: String? {
      for case .result(let bundle) in outputs { return bundle.plainText }
      return nil
    }

    /// Everything written to the streams.
    var text: String {
      outputs.reduce("") { text, output in
        if case .stream(_, let piece) = output { return text + piece }
        return text
      }
    }

    /// The displayed bundles, updates last.
    var displays: [MIMEBundle] {
      outputs.compactMap { output in
        switch output {
        case .display(let bundle, _), .update(let bundle, _): bundle
        default: nil
        }
      }
    }

    /// The error's name and value.
    var error: String? {
      switch outcome {
      case .success: nil
      case .failure(let error), .interrupted(let error): "\(error.name): \(error.value)"
      }
    }

    /// The whole error as the front end shows it.
    var traceback: String {
      switch outcome {
      case .success: ""
      case .failure(let error), .interrupted(let error): error.traceback.joined(separator: "\n")
      }
    }
  }

  @discardableResult
  func run(
    _ code: String, onOutput: @escaping @Sendable (Int, Execution) -> Void = { _, _ in }
  ) -> Ran {
    let recording = Recording(onOutput: onOutput)
    recordings.append(recording)
    let count = recordings.count
    let execution = Execution(
      count: count,
      parent: Header(
        messageID: "\(count)", session: "test", username: "test", date: "2026-01-01T00:00:00Z",
        type: "execute_request"), outlet: recording)
    let outcome = interpreter.execute(code, in: execution)
    return Ran(outcome: outcome, outputs: recording.outputs.withLock { $0 })
  }
}
