"""papermill: notebooks with parameters, by its command.

papermill has no translator for Swift, and none can be added from outside; `-l python` makes it write the
parameters as Python's assignments, which cells accept.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
from conftest import KERNEL, plain


def papermill(
    folder: Path, cells: list[str], *arguments: str, defaults: str = "var unused = 0"
) -> tuple[subprocess.CompletedProcess[str], Any]:
    """Runs a notebook whose first cell is tagged `parameters`; gives what came of it."""
    first = nbformat.v4.new_code_cell(defaults)
    first.metadata["tags"] = ["parameters"]
    notebook = nbformat.v4.new_notebook(
        cells=[first, *map(nbformat.v4.new_code_cell, cells)],
        metadata={"kernelspec": {"name": KERNEL, "display_name": "Orbit", "language": "swift"}},
    )
    nbformat.write(notebook, folder / "in.ipynb")
    command = [sys.executable, "-m", "papermill", "in.ipynb", "out.ipynb", "--kernel", KERNEL, "-l", "python"]
    command += ["--no-progress-bar", "--execution-timeout", "60", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    return done, nbformat.read(folder / "out.ipynb", as_version=4)


def last_text(done: subprocess.CompletedProcess[str], notebook: Any) -> str:
    assert done.returncode == 0, plain(done.stderr)[-2_000:]
    return notebook.cells[-1].outputs[0].text


def test_parameters_of_the_command_line(tmp_path: Path) -> None:
    arguments = ["-p", "epochs", "3", "-p", "lr", "0.01", "-p", "tiny", "1e-07", "-p", "offset", "-3"]
    arguments += ["-p", "name", "it's a test", "-r", "code", "007"]
    done, notebook = papermill(
        tmp_path, ["print(epochs + 1, lr * 2, tiny * 10, offset, name, code)"], *arguments,
        defaults="var epochs = 1\nvar lr = 0.5",
    )
    assert last_text(done, notebook) == "4 0.02 1e-06 -3 it's a test 007\n"
    injected = notebook.cells[1]
    assert injected.metadata.tags == ["injected-parameters"]
    assert injected.source.startswith("# Parameters\nepochs = 3\n")


def test_lists_and_texts_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "parameters.yaml").write_text(
        'widths: [32, 64]\nrates: [0.1, 0.01]\nnames: [one, two]\nnested: [[1, 2], [3]]\nempty: []\n'
        'path: "C:\\\\data\\\\(x)"\nlines: "a\\nb\\tc"\nquoted: "say \\"hi\\""\n'
    )
    done, notebook = papermill(
        tmp_path,
        [
            "print(widths[1], rates[0], names.count, nested[0][1], empty.count)\n"
            "print(path)\nprint(lines)\nprint(quoted)"
        ],
        "-f", "parameters.yaml",
    )
    assert last_text(done, notebook) == '64 0.1 2 2 0\nC:\\data\\(x)\na\nb\tc\nsay "hi"\n'


def test_a_training_run_with_parameters(tmp_path: Path) -> None:
    cells = [
        "let shapes = Shapes(count: 40, size: 16, seed: 1)\n"
        "let model = AED(for: shapes, encoder: NIN(widths: widths), seed: seed)",
        "let run = train(model, on: shapes.train, epochs: epochs, batch: 20, learningRate: lr, seed: seed)",
        "print(run.status)",
    ]
    done, notebook = papermill(
        tmp_path, cells, "-y", "{widths: [4, 8], epochs: 2, lr: 0.01, seed: 7}",
        defaults="var widths = [8, 8]\nvar epochs = 1\nvar lr = 0.1\nvar seed = 1",
    )
    assert last_text(done, notebook) == "completed\n"
    panel = notebook.cells[3].outputs
    assert [output.output_type for output in panel] == ["display_data"]
    assert "epoch 2 of 2" in panel[0].data["text/plain"]
    assert all(cell.metadata.papermill.status == "completed" for cell in notebook.cells)


def test_an_error_is_told_and_stored(tmp_path: Path) -> None:
    done, notebook = papermill(tmp_path, ["trian(1)", 'print("never")'])
    assert done.returncode != 0
    assert "PapermillExecutionError" in done.stderr and "UnknownName" in plain(done.stderr)
    failed = [cell for cell in notebook.cells if cell.metadata.get("papermill", {}).get("exception")]
    assert [cell.source for cell in failed] == ["trian(1)"]
    assert failed[0].outputs[0].ename == "UnknownName"
    assert notebook.cells[-1].outputs == []


def test_a_parameter_that_is_a_command_is_refused(tmp_path: Path) -> None:
    done, _ = papermill(tmp_path, ["print(1)"], "-p", "train", "3")
    assert done.returncode != 0
    assert "'train' is a command\nchoose another name" in plain(done.stderr)


def test_the_output_can_be_followed(tmp_path: Path) -> None:
    done, notebook = papermill(tmp_path, ['for i in 0..<3 { print("row \\(i)") }'], "--log-output")
    assert last_text(done, notebook) == "row 0\nrow 1\nrow 2\n"
    assert "row 2" in done.stderr
