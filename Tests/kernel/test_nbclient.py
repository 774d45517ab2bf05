"""nbclient, which executes notebooks for nbconvert, papermill and the documentation of projects.

It stops reading a cell's outputs four seconds after its reply, or at its idle, and says nothing of what it
missed: here every output is counted. `ORBIT_NOTEBOOK_RUNS` says how often the notebook runs (100 for the
full measure) and `ORBIT_IDLE_CELLS` how many cells are looked at behind their idle (10000).
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import nbformat
import pytest
from conftest import KERNEL, Kernel, plain
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

# On a machine that is busy, four seconds are not enough for the client itself.
pytestmark = pytest.mark.alone

RUNS = int(os.environ.get("ORBIT_NOTEBOOK_RUNS", "3"))
IDLE_CELLS = int(os.environ.get("ORBIT_IDLE_CELLS", "500"))

# An output: its type, and a pattern for its text or the name of its picture.
Expected = tuple[str, str]


def block(number: int) -> list[tuple[str, list[Expected]]]:
    """Ten cells with everything that each has to leave in the notebook."""
    lines = "".join(f"line {number}.{i}\n" for i in range(200))
    return [
        (f"let a{number} = {number}", []),
        (f'print("one {number}")', [("stdout", f"one {number}\n")]),
        (f"a{number} + 41", [("execute_result", str(number + 41))]),
        (
            f'print("out {number}")\nprint("error {number}", to: .standardError)\nprint("again")',
            [("stdout", f"out {number}\n"), ("stderr", f"error {number}\n"), ("stdout", "again\n")],
        ),
        (f'for i in 0..<200 {{ print("line {number}.\\(i)") }}', [("stdout", lines)]),
        (
            f'print("before {number}")\n[1, 2].map {{ $0 + {number} }}',
            [("stdout", f"before {number}\n"), ("execute_result", f"[{number + 1}, {number + 2}]")],
        ),
        ("for i in 0..<20 { help(clearOutput) }", [("display_data", "Removes what the cell has shown")] * 20),
        ('print("gone")\nclearOutput()\nprint("kept")', [("stdout", "kept\n")]),
        (
            f"let shapes{number} = Shapes(count: 40, size: 16, seed: 1)\nshow(shapes{number}.train.first(2))",
            [("display_data", "image/png")],
        ),
        (
            f"let model{number} = AED(for: shapes{number}, encoder: NIN(widths: [4, 8]), seed: 1)\n"
            f"let run{number} = train(model{number}, on: shapes{number}.train, epochs: 3, batch: 20, seed: 1)",
            [("display_data", "completed · epoch 3 of 3 · step 6 of 6")],
        ),
    ]


CELLS = [cell for number in range(3) for cell in block(number)]


def notebook_of(*sources: str) -> Any:
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    return nbformat.v4.new_notebook(
        cells=cells, metadata={"kernelspec": {"name": KERNEL, "display_name": "Orbit"}}
    )


def executed(folder: Path, *sources: str, **options: Any) -> Any:
    notebook = notebook_of(*sources)
    options = {"timeout": 120, "raise_on_iopub_timeout": True} | options
    NotebookClient(notebook, resources={"metadata": {"path": str(folder)}}, **options).execute()
    return notebook


def outputs(cell: Any) -> list[dict[str, str]]:
    """A cell's outputs, text printed in a row as one."""
    found: list[dict[str, str]] = []
    for output in cell.outputs:
        kind = output.name if output.output_type == "stream" else output.output_type
        text = output.text if "text" in output else output.get("data", {}).get("text/plain", "")
        if found and found[-1]["kind"] == kind and kind in ("stdout", "stderr"):
            found[-1]["text"] += text
        else:
            found.append({"kind": kind, "text": text, "types": " ".join(output.get("data", {}))})
    return found


def is_as(expected: Expected, output: dict[str, str]) -> bool:
    kind, wanted = expected
    if kind != output["kind"]:
        return False
    if kind == "display_data":
        return wanted in output["text"] or wanted in output["types"].split()
    return wanted == output["text"]


def faults(notebook: Any) -> list[str]:
    """What is missing, is too much or is in the wrong place, a line each."""
    found = []
    for number, (cell, (source, expected)) in enumerate(zip(notebook.cells, CELLS, strict=True), 1):
        there = outputs(cell)
        if len(there) != len(expected) or not all(map(is_as, expected, there)):
            kinds = [f"{output['kind']} {output['text'][:40]!r}" for output in there]
            found.append(f"cell {number} {source[:40]!r} has {kinds}, not {expected}")
    return found


def test_no_output_is_missing(tmp_path: Path) -> None:
    assert len(CELLS) == 30
    wanted = sum(len(expected) for _, expected in CELLS)
    wrong: list[str] = []
    for run in range(RUNS):
        notebook = executed(tmp_path, *(source for source, _ in CELLS))
        assert [cell.execution_count for cell in notebook.cells] == list(range(1, 31))
        wrong += [f"run {run + 1}, {fault}" for fault in faults(notebook)]
    print(f"{RUNS} runs of {wanted} outputs: {len(wrong)} cells with a fault")
    assert wrong == []


def test_the_count_notices_what_is_missing(tmp_path: Path) -> None:
    """The check of the check: one output taken away, one doubled, one changed."""
    notebook = executed(tmp_path, *(source for source, _ in CELLS))
    del notebook.cells[6].outputs[3]
    notebook.cells[9].outputs *= 2
    notebook.cells[12].outputs[0]["data"]["text/plain"] = "43"
    assert [fault.split("'")[0] for fault in faults(notebook)] == ["cell 7 ", "cell 10 ", "cell 13 "]


def test_the_notebook_learns_the_language(tmp_path: Path) -> None:
    language = executed(tmp_path, "1").metadata.language_info
    assert (language.name, language.file_extension, language.pygments_lexer) == ("swift", ".swift", "swift")


def test_an_error_ends_the_notebook(tmp_path: Path) -> None:
    notebook = notebook_of('print("first")', "let x = 1\nx.nothing", 'print("never")')
    client = NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(tmp_path)}})
    with pytest.raises(CellExecutionError) as caught:
        client.execute()
    error = caught.value
    assert error.ename and "nothing" in error.evalue
    assert "x.nothing" in plain(error.traceback) and "^~" in error.traceback
    assert [cell.execution_count for cell in notebook.cells] == [1, 2, None]
    stored = notebook.cells[1].outputs
    assert [output.output_type for output in stored] == ["error"]
    assert (stored[0].ename, stored[0].evalue) == (error.ename, error.evalue)
    assert notebook.cells[2].outputs == []


def test_an_error_that_is_allowed_does_not_end_it(tmp_path: Path) -> None:
    notebook = executed(tmp_path, "noSuchName", "20 + 3", allow_errors=True)
    assert [outputs(cell)[0]["kind"] for cell in notebook.cells] == ["error", "execute_result"]
    assert outputs(notebook.cells[1])[0]["text"] == "23"


def test_a_question_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CellExecutionError, match="input"):
        executed(tmp_path, 'input("who? ")')


def test_a_cell_that_takes_too_long_is_interrupted(tmp_path: Path) -> None:
    late = {"ename": "TooLate", "evalue": "after 1 s", "traceback": []}
    notebook = executed(
        tmp_path, 'let kept = 17\nprint("begun")\nwhile true { }', "kept", timeout=1,
        interrupt_on_timeout=True, allow_errors=True, error_on_timeout=late,
    )
    assert [output["kind"] for output in outputs(notebook.cells[0])] == ["stdout", "error"]
    assert notebook.cells[0].outputs[-1].ename == "Interrupted"
    assert outputs(notebook.cells[1])[0]["text"] == "17"


def test_a_killed_kernel_is_noticed(tmp_path: Path) -> None:
    client = NotebookClient(
        notebook_of("while true { }"), timeout=60, resources={"metadata": {"path": str(tmp_path)}}
    )

    def kill() -> None:
        while client.km is None or not client.km.has_kernel or client.kc is None:
            time.sleep(0.05)
        time.sleep(1)
        client.km.provisioner.process.kill()

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises(DeadKernelError):
        client.execute()
    killer.join()


def test_nothing_follows_a_cells_idle(shared_kernel: Kernel) -> None:
    """Cells queued in a row: of every cell, idle is the last message and the outputs are complete."""
    client = shared_kernel.client
    cell = 'print("a\\(i)")\nprint("b", to: .standardError)\nhelp(clearOutput)\ni += 1\ni'
    shared_kernel.run("var i = 0")
    late: list[str] = []
    for start in range(0, IDLE_CELLS, 100):
        requests = [client.execute(cell) for _ in range(min(100, IDLE_CELLS - start))]
        kinds: dict[str, Counter[str]] = {request: Counter() for request in requests}
        ended: set[str] = set()
        while len(ended) < len(requests):
            message = client.get_iopub_msg(timeout=30)
            parent = message["parent_header"].get("msg_id")
            if parent not in kinds:
                continue
            kind = message["msg_type"]
            if parent in ended:
                late.append(kind)
            kinds[parent][kind] += 1
            if message["content"].get("execution_state") == "idle":
                ended.add(parent)
        for request in requests:
            assert client.get_shell_msg(timeout=30)["content"]["status"] == "ok"
        whole = Counter(status=2, execute_input=1, stream=2, display_data=1, execute_result=1)
        assert [found for found in kinds.values() if found != whole] == []
    # The last cell's late messages would come now.
    request = client.kernel_info()
    while (message := client.get_iopub_msg(timeout=30))["parent_header"].get("msg_id") != request:
        late.append(message["msg_type"])
    assert late == []
    assert re.fullmatch(r"\d+", shared_kernel.run("i").result or "")


def test_a_notebook_that_a_notebook_executes_is_a_client_of_its_own(tmp_path: Path) -> None:
    """A cell that executes other notebooks hands its own notebook's name on, which Jupyter's server gave it."""
    notebook = notebook_of("for i in 0..<5_000 { help(clearOutput) }", "let x = 1")
    nbformat.write(notebook, tmp_path / "inner.ipynb")
    command = [sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute", "inner.ipynb", "--output", "out"]
    environment = os.environ | {"JPY_SESSION_NAME": "outer.ipynb"}
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, timeout=300, capture_output=True)
    done = nbformat.read(tmp_path / "out.ipynb", as_version=4)
    assert len(done.cells[0].outputs) == 5_000
    assert [folder.name for folder in (tmp_path / ".orbit").iterdir()] == ["default"]
