"""`orbit run`: cells of a file without Jupyter, as scripts and `make results` use it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from conftest import KERNEL_NAME, plain
from jupyter_client.kernelspec import KernelSpecManager

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def orbit() -> str:
    """The executable that the installed kernel starts."""
    return KernelSpecManager().get_kernel_spec(KERNEL_NAME).argv[0]


def run(orbit: str, cells: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [orbit, "run", "-", *arguments], input=cells, capture_output=True, text=True, timeout=120
    )


def test_cells_share_their_names_and_print(orbit: str) -> None:
    done = run(orbit, 'let x = 20\n// %%\nprint("sum \\(x + 1)")\n// %%\nx * 2\n')
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["sum 21", "40"]
    assert done.stderr == ""


def test_an_error_ends_the_run(orbit: str) -> None:
    done = run(orbit, 'print("before")\n// %%\ntrian(1)\n// %%\nprint("after")\n')
    assert done.returncode == 1
    assert done.stdout == "before\n"
    assert "trian" in plain(done.stderr) and "train" in plain(done.stderr)


def test_a_file_that_is_not_there(orbit: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [orbit, "run", str(tmp_path / "none.swift")], capture_output=True, text=True, timeout=60
    )
    assert done.returncode != 0
    assert "none.swift: No such file or directory; give the path of a file" in done.stderr


def test_pictures_become_files(orbit: str, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    done = run(
        orbit,
        "let shapes = Shapes(count: 40, size: 16, seed: 1)\nshapes\n// %%\n"
        "let model = AED(for: shapes, encoder: NIN(widths: [4, 8]), seed: 1)\n"
        "train(model, on: shapes.train, epochs: 1, batch: 20, seed: 1)\n"
        "// %%\nreconstructions(model, of: shapes.test.first(4))\n",
        "--pictures",
        str(folder),
    )
    assert done.returncode == 0, done.stderr
    pictures = sorted(folder.iterdir())
    assert [picture.name for picture in pictures] == ["01.png", "02.png", "03.png"]
    assert all(picture.read_bytes().startswith(PNG) for picture in pictures)
