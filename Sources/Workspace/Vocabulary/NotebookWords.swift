import CellLanguage
import JupyterKernel

/// The words about the front end: asking a question, clearing a cell's output, leaving a console.
enum NotebookWords {
  static let all: [Command] = [input, clearOutput, exit, quit]

  static let input = Command(
    "input", "Asks a question in the notebook and returns the answer.",
    parameters: Parameter<String>("prompt", label: .none, default: "", "the question"),
    Parameter<Bool>("password", default: false, "whether to hide what is typed"),
    returns: "String", topic: "notebook", example: "let name = input(\"Who is there? \")"
  ) { context, prompt, password in
    do {
      return .string(
        try CellContext.of(context).execution.requestInput(prompt: prompt, password: password))
    } catch InputError.interrupted {
      throw CellError(.interrupted, "the wait for an answer was interrupted")
    }
  }

  static let clearOutput = Command(
    "clearOutput", "Removes what the cell has shown so far.",
    parameters: Parameter<Bool>(
      "wait", default: false, "whether to wait for the next output, so that nothing flickers"),
    returns: "nothing", topic: "notebook", example: "clearOutput(wait: true)"
  ) { context, wait in
    try CellContext.of(context).execution.clearOutput(wait: wait)
    return .none
  }

  static let exit = leaving("exit")
  static let quit = leaving("quit")

  private static func leaving(_ name: String) -> Command {
    Command(
      name, "Leaves the console that it is typed in; a notebook stays open.",
      parameters: Parameter<Bool>(
        "keepKernel", default: false,
        "whether a kernel that was there before the console goes on"),
      returns: "nothing", topic: "notebook", example: "\(name)(keepKernel: true)"
    ) { context, keepKernel in
      try CellContext.of(context).askExit(keepKernel: keepKernel)
      return .none
    }
  }

  /// The call that a cell means which is nothing but a word that leaves: consoles tell people to type `exit`.
  static func leaving(_ code: String, names: NameTable) -> String? {
    let words = code.split(whereSeparator: \.isWhitespace)
    guard words.count == 1, let word = words.first.map(String.init),
      [exit.name, quit.name].contains(word), names[word] == nil
    else { return nil }
    return word + "()"
  }
}
