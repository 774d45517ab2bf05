import CellLanguage
import Formats
import JupyterProtocol
import RunStore

/// The words that ask for recorded runs.
enum RunWords {
  static let all: [Command] = [runs, export]

  static let runs = Command(
    "runs", "Lists the training runs of this workspace, the newest first.",
    parameters: Parameter<Function?>(
      "condition", label: .label("where"), "a closure that says whether a run is listed"),
    Parameter<RunSorting>("by", default: .order(.newest), "the order of the runs"),
    Parameter<Int>("last", default: 20, in: 1...100_000, "how many at most"),
    returns: "Runs", topic: "workspace",
    discussion: """
      Every run is recorded as it goes, from every kernel of this workspace, and tells its `loss`, `seed`, \
      `options`, `metrics`, `code` and more; what words such as `knn` and `probe` measured of its model stands \
      under their names. What was not measured is not a number, and no comparison with it holds. The table is \
      a sequence, too: `runs()[0]`, `runs().count`, `for run in runs()`. By a member, the largest number comes \
      first, and texts stand in the order of the alphabet.
      """,
    example: "runs(where: { $0.knn > 0.8 }, by: .lowestLoss)"
  ) { context, condition, sorting, last in
    let context = try CellContext.of(context)
    let all = try sorting.sorted(context.workspace.journal.runs(in: sorting.order))
    let found = try all.filter { run in
      guard let condition else { return true }
      guard case .boolean(let holds) = try context.call(condition, [.object(run)]) else {
        throw CellError(
          .typeError, "the closure of `where:` must give true or false",
          fix: "write where: { $0.loss < 0.5 }")
      }
      return holds
    }
    return .object(
      RunListObject(
        Array(found.prefix(last)), left: max(0, found.count - last),
        emptyNote: all.isEmpty
          ? "No runs yet: train a model with train(aet, on: small)."
          : "None of the \(all.count) runs agrees with the condition."))
  }

  static let export = Command(
    "export", "Writes recorded runs to a file, as CSV or JSON.",
    parameters: Parameter<RunSelection>("runs", label: .none, "runs(), some of them, or one"),
    Parameter<String>("path", label: .label("to"), "the file; its ending chooses the format"),
    returns: "nothing", topic: "workspace",
    discussion: """
      CSV (RFC 4180, UTF-8) has a line for each run, with a column for each option and each measurement; what \
      is not known is empty. JSON has an object for each run, with the protocols of its measurements and its \
      metrics by step. The file is there whole or not at all; one of the same name is replaced.
      """,
    example: "export(runs(), to: \"runs.csv\")"
  ) { context, selection, path in
    let runs = try selection.runs(in: CellContext.of(context).workspace.journal)
    let bytes: [UInt8]
    switch path.split(separator: "/").last?.split(separator: ".").dropFirst().last?.lowercased() {
    case "csv": bytes = Array(RunExport.csv(runs).utf8)
    case "json": bytes = try RunExport.json(runs).serialized
    default:
      throw CellError(
        .argumentError, "\"\(path)\" is neither a .csv nor a .json file",
        fix: "write export(runs(), to: \"runs.csv\")")
    }
    try File.write(bytes, to: path)
    context.write(
      "exported \(Written.count(runs.count)) run\(runs.count == 1 ? "" : "s") to \(path)\n",
      to: .standardOutput)
    return .none
  }
}
