"""Every notebook runs from start to end in the installed kernel, in its small mode.

The stored notebooks are checked too: they are what people read where nothing can be run.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import papermill
import pytest

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
sys.path.insert(0, str(ROOT / ".ci"))

import check_notebook  # noqa: E402


def names(path: Path) -> str:
    return path.stem


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=names)
def test_runs_in_small_mode(path: Path, tmp_path: Path) -> None:
    command = [sys.executable, ROOT / ".ci/execute_notebook.py", path, "--small", "--html"]
    command += ["--into", tmp_path / "out", "--work", tmp_path / "work", "--timeout", "300"]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr
    print(done.stdout)

    executed = tmp_path / "out" / path.name
    assert check_notebook.problems(executed) == []
    small = check_notebook.tagged(nbformat.read(executed, as_version=4), "parameters")[0]
    assert small.source.splitlines() == small.metadata["small"]
    page = executed.with_suffix(".html").read_text(encoding="utf-8")
    pictures = sum(
        len(check_notebook.pictures(cell))
        for cell in check_notebook.code_cells(nbformat.read(executed, as_version=4))
    )
    assert page.count('src="data:image/png;base64,') == pictures > 0


@pytest.mark.parametrize("path", NOTEBOOKS, ids=names)
def test_is_stored_executed(path: Path) -> None:
    assert check_notebook.problems(path) == [], "`make notebooks` renews the stored outputs"
    assert nbformat.read(path, as_version=4).metadata.kernelspec.name == "orbit"


def test_a_notebook_has_a_kernel_killed_and_shows_the_same_weights() -> None:
    """The crash is a cell that has no count, in the session before; no tensor of the two models differs after it."""
    (path,) = [path for path in NOTEBOOKS if path.name.startswith("06-")]
    notebook = nbformat.read(path, as_version=4)
    (killed,) = check_notebook.tagged(notebook, "killed")
    assert killed.source.startswith("let run = train(") and killed.metadata["killed_at_step"] > 0
    (weights,) = [cell for cell in notebook.cells if cell.id == "compare-the-weights"]
    assert weights.source == "diff(aet, twin)"
    said = re.search(r"(\d+) of (\d+) tensors are equal", weights.outputs[0].data["text/plain"])
    assert said and said[1] == said[2]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=names)
def test_is_short_enough_to_read(path: Path) -> None:
    assert len(nbformat.read(path, as_version=4).cells) <= 60


def test_papermill_injects_parameters(tmp_path: Path) -> None:
    """Papermill writes `# Parameters` and Python's plain assignments, which cells accept."""
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "orbit", "display_name": "Orbit"}})
    first = nbformat.v4.new_code_cell('var images = 1\nvar rate = 0.5\nvar title = "none"')
    first.metadata["tags"] = ["parameters"]
    notebook.cells = [first, nbformat.v4.new_code_cell('print(images + 1, rate * 2, title, fresh[1])')]
    source = tmp_path / "parameters.ipynb"
    nbformat.write(notebook, source)

    executed = papermill.execute_notebook(
        source, tmp_path / "out.ipynb", cwd=tmp_path, language="python", kernel_name="orbit",
        parameters={"images": 512, "rate": 0.25, "title": "a 'b'", "fresh": [1, 2]},
        progress_bar=False, execution_timeout=120,
    )
    assert executed.cells[1].source.startswith("# Parameters")
    assert executed.cells[-1].outputs[0].text == "513 0.5 a 'b' 2\n"


# The checks themselves, so that a check that cannot fail is noticed.


def faulty(tmp_path: Path, change: str) -> list[str]:
    """What the check says of a small executed notebook after one change to it."""
    cell = nbformat.v4.new_code_cell("1 + 1", id="sum", execution_count=1)
    cell.outputs = [
        nbformat.v4.new_output("execute_result", {"text/plain": "2"}, execution_count=1)
    ]
    notebook = nbformat.v4.new_notebook(cells=[cell])
    exec(change, {"cell": cell, "notebook": notebook, "v4": nbformat.v4})
    path = tmp_path / "notebook.ipynb"
    nbformat.write(notebook, path)
    return check_notebook.problems(path)


def test_the_check_accepts_a_good_notebook(tmp_path: Path) -> None:
    assert faulty(tmp_path, "") == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("cell.execution_count = None", "not executed"),
        ("cell.execution_count = 2", "count 2, not 1"),
        ("cell.outputs.append(v4.new_output('error', ename='E', evalue='v', traceback=[]))", "error: E: v"),
        ("cell.outputs.append(v4.new_output('stream', name='stderr', text='w'))", "stderr: w"),
        ("cell.outputs[0].data['text/plain'] = '<img>'", "without plain text"),
        ("cell.outputs[0].data['image/png'] = 'iVBORw0KGgo='", "picture (1) that has no size"),
        ("cell.metadata['tags'] = ['picture']", "should show a picture"),
        ("cell.metadata['tags'] = ['training']", "one progress panel"),
        ("cell.metadata['tags'] = ['headline']; cell.outputs = []", "headline"),
        ("cell.metadata['execution'] = {'a': 1}", "'execution' in its metadata"),
        ("cell.id = 'a1B2'", "not made of words"),
        ("cell.source = 'x' * 1_000_001", "bytes large"),
        ("cell.source = %r" % str(ROOT), "path of this machine"),
    ],
)
def test_the_check_notices(tmp_path: Path, change: str, said: str) -> None:
    assert any(said in problem for problem in faulty(tmp_path, change))
