"""nbconvert: notebooks as pages, as Markdown and as scripts."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from conftest import KERNEL, KERNEL_NAME
from jupyter_client.kernelspec import KernelSpecManager
from nbclient import NotebookClient
from nbconvert.exporters import get_exporter

SOURCES = [
    'let total = 40 + 2 // the answer\nprint("total is \\(total)")',
    "total * 1000",
    "let shapes = Shapes(count: 40, size: 16, seed: 1)\nshow(shapes.train.first(2))",
    "shapes.train",
]


def notebook_of(*sources: str) -> Any:
    return nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_markdown_cell("# A title\n\nSome words.")]
        + [nbformat.v4.new_code_cell(source) for source in sources],
        metadata={"kernelspec": {"name": KERNEL, "display_name": "Orbit", "language": "swift"}},
    )


def executed(folder: Path, *sources: str) -> Any:
    notebook = notebook_of(*sources)
    options = {"timeout": 60, "allow_errors": True, "resources": {"metadata": {"path": str(folder)}}}
    NotebookClient(notebook, **options).execute()
    return notebook


def exported(notebook: Any, name: str) -> str:
    return get_exporter(name)().from_notebook_node(notebook)[0]


def command(folder: Path, *arguments: str) -> None:
    """Runs `jupyter nbconvert` on the folder's notebook."""
    done = subprocess.run(
        [sys.executable, "-m", "nbconvert", *arguments, "notebook.ipynb"], cwd=folder,
        capture_output=True, text=True, timeout=120,
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return executed(tmp_path_factory.mktemp("executed"), *SOURCES)


def test_executes_to_html(tmp_path: Path) -> None:
    nbformat.write(notebook_of(*SOURCES), tmp_path / "notebook.ipynb")
    command(tmp_path, "--to", "html", "--execute")
    page = (tmp_path / "notebook.html").read_text(encoding="utf-8")
    assert "<pre>total is 42\n</pre>" in page
    assert "<pre>42000</pre>" in page
    assert page.count('src="data:image/png;base64,') == 1
    # The result's table, not its plain text.
    assert re.search(r"<th[^>]*>class</th>", page) and "40 images of Shapes train" in page


def test_cells_are_highlighted(notebook: Any) -> None:
    page = exported(notebook, "html")
    for span in ('"kd">let', '"mi">40', '"c1">// the answer', '"bp">print'):
        assert f"<span class={span}</span>" in page


def test_an_error_is_coloured(tmp_path: Path) -> None:
    page = exported(executed(tmp_path, "trian(1)"), "html")
    assert re.search(r'<span class="ansi-red[^"]*">UnknownName</span>', page)
    # Every colour was understood.
    assert "\x1b" not in page and not re.search(r"\[[0-9;]+m", page)


def test_a_script_has_the_extension_and_runs(notebook: Any, tmp_path: Path) -> None:
    nbformat.write(notebook, tmp_path / "notebook.ipynb")
    command(tmp_path, "--to", "script")
    rest = (tmp_path / "notebook.swift").read_text(encoding="utf-8")
    for source in SOURCES:
        before, found, rest = rest.partition(source)
        assert found, f"missing or out of order: {source}"
        assert before.strip() == ""
    assert rest.strip() == ""

    orbit = KernelSpecManager().get_kernel_spec(KERNEL_NAME).argv[0]
    done = subprocess.run(
        [orbit, "run", "notebook.swift"], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("total is 42\n")


def test_markdown_names_the_language(notebook: Any) -> None:
    text = exported(notebook, "markdown")
    assert f"```swift\n{SOURCES[0]}\n```" in text
    assert "    total is 42\n" in text
