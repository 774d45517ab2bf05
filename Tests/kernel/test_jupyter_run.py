"""`jupyter run`, which executes files in a kernel and hands the files' names on to the kernel as well.

So does `jupyter console` with words that it does not know: a kernel has to accept words behind its own.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from conftest import KERNEL, plain


def jupyter_run(folder: Path, *files: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "jupyter_client.runapp", "--kernel", KERNEL, *files]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)


def test_files_are_run_one_after_the_other(tmp_path: Path) -> None:
    (tmp_path / "one.swift").write_text('let x = 20\nprint("one")\n')
    (tmp_path / "two.swift").write_text("print(x + 1)\n")
    done = jupyter_run(tmp_path, "one.swift", "two.swift")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "one\n21\n"


def test_an_error_ends_it(tmp_path: Path) -> None:
    (tmp_path / "wrong.swift").write_text('print("before")\ntrian(1)\n')
    (tmp_path / "never.swift").write_text('print("never")\n')
    done = jupyter_run(tmp_path, "wrong.swift", "never.swift")
    assert done.returncode != 0
    assert done.stdout == "before\n"
    assert "UnknownName" in plain(done.stderr)
