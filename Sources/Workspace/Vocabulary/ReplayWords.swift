import CellLanguage
import JupyterKernel

/// The word that shows again what cells have shown.
enum ReplayWords {
  static let all: [Command] = [replay]

  static let replay = Command(
    "replay", "Shows again what cells have printed and drawn, also while nobody was connected.",
    parameters: Parameter<RunObject?>(
      "run", label: .none,
      "the run whose training is shown; the last cell that showed something unless given"),
    Parameter<Int?>("cell", in: 1..., "the number of a cell"),
    Parameter<ClosedRange<Int>?>("cells", in: 0..., "the numbers of several cells: 3...7"),
    Parameter<Int?>(
      "session",
      "the life of the kernel to look in: its number, or -1 for the one before; this one unless given"
    ),
    returns: "nothing", topic: "workspace",
    discussion: """
      Whatever a cell publishes is also written into the workspace's database, some tenths of a second later: printed \
      text, pictures, results, errors, and of what changes, such as the panel of a training, the last state. So a \
      notebook whose browser was closed can be opened again later and asked what happened meanwhile. Of a cell that \
      shows very much the beginning and the end are kept (1,000 outputs, 4 MB), and of all cells the 200 newest. \
      With `session:` alone all kept cells of that session are shown. A replay itself is not kept.
      """,
    example: "replay()\nreplay(cell: 5)\nreplay(cells: 3...7)\nreplay(cell: 5, session: -1)"
  ) { context, run, cell, cells, session in
    let context = try CellContext.of(context)
    context.workspace.outputs.forget(line: context.execution.count)
    try Replay(
      try Replay.Choice(run: run, cell: cell, cells: cells, session: session, in: context),
      in: context
    ).show()
    return .none
  }
}
