import CellLanguage
import Foundation
import JupyterKernel
import JupyterProtocol
import Layers
import Synchronization
import Tensors
import Testing
import Training

@testable import Workspace

@Suite("Training in the background")
struct BackgroundTests {
  private func prepared() throws -> Notebook {
    let notebook = Notebook()
    let made = notebook.run(
      """
      let shapes = Shapes(count: 256, size: 16, seed: 1)
      let aet = AET(for: shapes, encoder: NIN(widths: [4, 8]), seed: 1)
      """)
    try #require(made.error == nil)
    return notebook
  }

  private func training(epochs: Int, more: String = "") -> String {
    "let run = train(aet, on: shapes.train, epochs: \(epochs), batch: 32, seed: 1\(more))"
  }

  /// More than any machine gets through while a test looks.
  private static let long = 100_000

  @Test("cells run meanwhile")
  func meanwhile() throws {
    let notebook = try prepared()
    #expect(notebook.run(training(epochs: Self.long, more: ", background: true")).error == nil)
    #expect(notebook.run("jobs()").result?.contains("running") == true)
    #expect(notebook.run("predictions(aet, on: shapes.test.first(4)).cornerError").error == nil)
    #expect(notebook.run("run.status").result == "\"running\"")
    #expect(notebook.run("stop(run).status").result == "\"interrupted\"")
  }

  @Test("completion and inspection wait for no step")
  func questions() throws {
    let notebook = try prepared()
    #expect(notebook.run(training(epochs: Self.long, more: ", background: true")).error == nil)
    guard case .object(let value)? = notebook.interpreter.workspace.evaluator.names["run"],
      let run = (value as? RunObject)?.run
    else {
      Issue.record("no run")
      return
    }
    let interpreter = notebook.interpreter
    let answered = Monitor(false)
    // While this holds the run, no step ends and no copy of the model can be made.
    let isInTime = run.betweenSteps { () -> Bool in
      Thread.detachNewThread {
        for text in ["", "a", "aet", "aet.", "run", "run.", "train(a", "train(aet, "] {
          _ = interpreter.complete(text, at: text.unicodeScalars.count)
          for detail in 0...1 {
            _ = interpreter.inspect(text, at: text.unicodeScalars.count, detail: detail)
          }
        }
        for name in ["aet.parameters", "aet.constantPredictorLoss", "run.losses"] {
          _ = interpreter.inspect(name, at: name.unicodeScalars.count, detail: 0)
        }
        answered.change { $0 = true }
      }
      let deadline = MonotonicClock.milliseconds + 20_000
      return answered.wait(until: deadline) { $0 ? true : nil } ?? false
    }
    #expect(isInTime)
    #expect(notebook.run("stop(run).status").result == "\"interrupted\"")
  }

  @Test("ends on the same bits as in the foreground")
  func sameBits() throws {
    let (front, back) = (try prepared(), try prepared())
    #expect(front.run(training(epochs: 30)).error == nil)
    #expect(back.run(training(epochs: 30, more: ", background: true")).error == nil)
    #expect(back.run("wait(run).status").result == "\"completed\"")
    #expect(back.run("run.losses").result == front.run("run.losses").result)
    let score = "regression(aet, on: shapes.test, seed: 1).meanSquaredError"
    #expect(back.run(score).result == front.run(score).result)
    #expect(back.run("jobs()").result?.contains("completed") == true)
  }

  @Test("shows in the cell that started it, after that cell has ended")
  func panel() throws {
    let notebook = try prepared()
    let shown = Mutex((count: 0, last: ""))
    _ = notebook.run(training(epochs: Self.long, more: ", background: true")) { _, execution in
      shown.withLock { $0 = ($0.count + 1, execution.parent.messageID) }
    }
    let before = shown.withLock { $0.count }
    #expect(notebook.run("stop()").error == nil)
    let after = shown.withLock { $0 }
    #expect(after.count > before)
    #expect(after.last == "2")
  }

  @Test("what a cell reads of the model is of one step, and stays so")
  func copies() throws {
    let notebook = try prepared()
    notebook.run(training(epochs: Self.long, more: ", background: true"))
    let model = try #require(notebook.interpreter.workspace.models.first?.model)
    let read = model.method
    let first = read.parameters.map { $0.parameter.value.scalars }
    let step = model.steps
    while model.steps < step + 3, model.isTraining {}
    #expect(read.parameters.map { $0.parameter.value.scalars } == first)
    #expect(model.method.parameters.map { $0.parameter.value.scalars } != first)
    #expect(notebook.run("stop(run)").error == nil)
    // What stands still needs no copy.
    #expect(
      zip(model.method.parameters, model.learner.parameters).allSatisfy {
        $0.parameter === $1.parameter
      })
  }

  @Test("a model that trains is not trained twice, nor loaded over")
  func oneAtATime() throws {
    let notebook = try prepared()
    notebook.run(training(epochs: Self.long, more: ", background: true"))
    for cell in [
      "train(aet, on: shapes.train, epochs: 1)", "resume(run)",
      "train(aet, on: shapes.train, background: true)", "load(aet, from: \"aet.safetensors\")",
    ] {
      let refused = notebook.run(cell).error ?? ""
      #expect(refused.contains("being trained in the background"), "\(cell): \(refused)")
    }
    #expect(notebook.run("stop()").error == nil)
    #expect(notebook.run("run.status").result == "\"interrupted\"")
    #expect(notebook.run("train(aet, on: shapes.train, epochs: 1)").error == nil)
  }

  @Test("a stopped run is carried on in the background to the same bits")
  func resuming() throws {
    let (whole, broken) = (try prepared(), try prepared())
    whole.run(training(epochs: 100))
    broken.run(training(epochs: 100, more: ", background: true"))
    #expect(broken.run("stop(run).steps < 800").result == "true")
    #expect(broken.run("resume(run, background: true)").error == nil)
    #expect(broken.run("wait(run).losses").result == whole.run("run.losses").result)
  }

  @Test("an interrupt ends the wait, not the training")
  func interruptedWait() throws {
    let notebook = try prepared()
    notebook.run(
      training(epochs: Self.long, more: ", background: true")
        + "\nprint(\"started\")\nwhile true {}"
    ) { _, execution in
      execution.interrupt()
    }
    #expect(notebook.run("aet.runs.last.status").result == "\"running\"")
    let waited = notebook.run("print(\"waiting\")\nwait()") { _, execution in
      execution.interrupt()
    }
    #expect(waited.error?.contains("the training goes on") == true)
    #expect(notebook.run("aet.runs.last.status").result == "\"running\"")
    #expect(notebook.run("stop()").error == nil)
  }

  @Test("an error is told below its cell and to the one who waits")
  func failing() throws {
    let notebook = try prepared()
    notebook.run(training(epochs: 2, more: ", learningRate: 1e30, background: true"))
    let waited = notebook.run("wait(run)")
    #expect(waited.error?.contains("not finite") == true, "\(waited)")
    #expect(notebook.run("run.status").result == "\"failed\"")
    // Told once; who waits for what trains is not told again.
    #expect(notebook.run("wait()").error == nil)
    let told = notebook.recordings[1].outputs.withLock { outputs in
      outputs.contains { output in
        if case .stream(.standardError, let text) = output {
          text.contains("not finite")
        } else {
          false
        }
      }
    }
    #expect(told)
  }

  @Test("two that train are stopped together, and those that have ended do not pile up")
  func several() throws {
    let notebook = try prepared()
    notebook.run("let second = AET(for: shapes, encoder: NIN(widths: [4, 8]), seed: 2)")
    for model in ["aet", "second"] {
      notebook.run(
        "train(\(model), on: shapes.train, epochs: \(Self.long), batch: 32, background: true)")
    }
    #expect(notebook.run("stop()").error == nil)
    let jobs = notebook.interpreter.workspace.background
    #expect(jobs.all.count == 2 && jobs.all.allSatisfy { !$0.isTraining })
    for _ in 0..<25 {
      notebook.run("wait(train(aet, on: shapes.train.first(32), batch: 32, background: true))")
    }
    #expect(jobs.all.count == 20)
  }

  @Test("the end of the kernel interrupts it")
  func shutdown() throws {
    let notebook = try prepared()
    notebook.run(training(epochs: Self.long, more: ", background: true"))
    let run = try #require(notebook.interpreter.workspace.background.all.first)
    notebook.interpreter.shutdown(restart: false)
    // The kernel itself waits for a second, which can be too little where all tests run at once.
    #expect(run.error(before: MonotonicClock.milliseconds + 60_000) != nil)
    #expect(run.run.run.status == .interrupted)
  }
}
