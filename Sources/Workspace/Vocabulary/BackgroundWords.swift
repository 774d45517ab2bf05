import CellLanguage
import JupyterKernel
import Training

/// The words about training that goes on while other cells run.
enum BackgroundWords {
  static let all: [Command] = [jobs, wait, stop]

  static let jobs = Command(
    "jobs", "Lists what was trained in the background, the newest first.", returns: "Table",
    topic: "training", example: "jobs()"
  ) { context in
    let context = try CellContext.of(context)
    let rows = context.workspace.background.all.reversed().map { job in
      let progress = job.run.run.progress
      return [
        context.workspace.name(of: job.run) ?? "", context.workspace.name(of: job.model) ?? "",
        job.run.title, job.run.run.status.word,
        "\(Written.count(progress.step)) of \(Written.count(progress.plan.steps))",
        job.run.finalLoss.map { Written.decimals($0, 4) } ?? "",
        Written.rate(progress.imagesPerSecond),
      ]
    }
    return .object(
      TableObject(
        Table(
          columns: [
            .init("run"), .init("model"), .init("what"), .init("status"),
            .init("steps", isNumeric: true), .init("loss", isNumeric: true),
            .init("images/s", isNumeric: true),
          ], rows: rows,
          notes: rows.isEmpty
            ? ["Nothing yet: let run = train(aet, on: small, background: true)."]
            : ["wait(run) waits for one, stop(run) ends it after the step that it is at."])))
  }

  static let wait = Command(
    "wait", "Waits until training in the background is done.",
    parameters: Parameter<RunObject?>(
      "run", label: .none, "the run; all that train unless given"),
    returns: "Run", topic: "training",
    discussion:
      "Where the training failed, its error is thrown here. An interrupt ends the wait alone.",
    example: "wait(run)"
  ) { context, run in
    let context = try CellContext.of(context)
    let jobs = context.workspace.background
    guard let run else {
      // What failed earlier was told below its cell.
      for job in jobs.all where job.isTraining { try end(of: job, in: context) }
      return .none
    }
    if let job = jobs.last(of: run) { try end(of: job, in: context) }
    return .object(run)
  }

  static let stop = Command(
    "stop",
    "Ends training in the background after the step that it is at; the model stays as it is.",
    parameters: Parameter<RunObject?>(
      "run", label: .none, "the run; all that train unless given"),
    returns: "Run", topic: "training",
    discussion: "`resume(run)` carries on with it later, as if nothing had happened.",
    example: "stop(run)"
  ) { context, run in
    let context = try CellContext.of(context)
    let jobs = context.workspace.background
    let chosen = run.map { run in jobs.last(of: run).map { [$0] } ?? [] } ?? jobs.all
    let training = chosen.filter(\.isTraining)
    for job in training { job.stop() }
    for job in training { try end(of: job, in: context) }
    return run.map { .object($0) } ?? .none
  }

  /// Waits for the end of a job, and throws what it failed with.
  private static func end(of job: BackgroundRun, in context: CellContext) throws {
    while true {
      if let ended = job.error(before: MonotonicClock.milliseconds + 20) {
        if let error = ended { throw error }
        return
      }
      if context.isInterrupted {
        throw CellLanguage::CellError(
          .interrupted,
          "the wait ended at step \(Written.count(job.run.run.step)) of "
            + "\(Written.count(job.run.run.plan.steps)); the training goes on",
          fix: "stop(run) ends it")
      }
    }
  }
}
