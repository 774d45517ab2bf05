import CellLanguage
import JupyterKernel

/// The words about the front end: asking a question, clearing a cell's output.
enum NotebookWords {
  static let all: [Command] = [input, clearOutput]

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
}
