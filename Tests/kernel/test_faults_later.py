"""A disk that fails in a later life: while a kernel opens a workspace in which a training broke off, brings it back,
carries on, takes a cell back and copies the model.

The ways to fail and the points are those of `test_faults.py`, every third point for each way where all are tried;
whatever failed, the next kernel has all names of the
earlier life, and the training ends with the bits of one that nobody disturbed.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import time
from pathlib import Path

import pytest
from conftest import Kernel
from faulty import MODES, Control, Lived, Mode, live, spread, tensors
from test_taking_over import asked
from test_torture import Mortal

# Points of each mode, or all.
POINTS = os.environ.get("ORBIT_TEST_FAULTS", "3")

EARLIER = [
    'let small = 1\nvar word = "first"',
    "let shapes = Shapes(count: 128, size: 16, seed: 1)",
    "let model = AET(for: shapes, encoder: NIN(widths: [4, 4]), seed: 1)",
]
TRAINING = "train(model, on: shapes.train, epochs: 40, batch: 32, seed: 1)"
STEPS = 160
LATER = [
    "restore()",
    "let late = 3",
    "resume(model.runs.last!)",
    'word = "third"',
    "undo()",
    "let branch = fork(model)",
]


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The weights of a training that nobody disturbs."""
    folder = tmp_path_factory.mktemp("undisturbed")
    kernel = Kernel(folder)
    for cell in [*EARLIER, TRAINING]:
        kernel.run(cell)
    bits = weights(kernel, "model")
    kernel.stop()
    return bits


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose kernel was killed while it trained."""
    folder = tmp_path_factory.mktemp("past")
    kernel = Mortal(folder)
    for cell in EARLIER:
        kernel.run(cell)
    kernel.client.execute(TRAINING, allow_stdin=False)
    deadline = time.monotonic() + 60
    while asked(folder, "SELECT step FROM checkpoints") is None:
        assert time.monotonic() < deadline, "no checkpoint was written"
        time.sleep(0.001)
    kernel.die()
    assert asked(folder, "SELECT step FROM checkpoints") is not None, "the training had ended"
    return folder


def weights(kernel: Kernel, name: str) -> bytes:
    kernel.run(f'save({name}, to: "{name}.safetensors")')
    return tensors(kernel.folder / f"{name}.safetensors")


def lived_on(past: Path, folder: Path, shim: Path, at: int, mode: Mode) -> tuple[Lived, Control]:
    """What the later cells came to in a copy of the workspace, where one point fails; none for 0."""
    shutil.copytree(past, folder)
    control = Control(shim, folder)
    control.set(at, mode)
    return live(folder, LATER, control), control


def check(folder: Path, lived: Lived, mode: Mode, expected: bytes) -> None:
    assert lived.died == mode.kills or lived.begun == len(LATER), f"the kernel died: {lived}"
    assert set(lived.statuses) <= {"ok", "error"}
    kernel = Kernel(folder)
    try:
        table = kernel.run("restore()").result or ""
        names = set(re.findall(r"^(\w+) ", table, re.MULTILINE))
        assert {"small", "word", "shapes", "model"} <= names, table
        assert kernel.run("small").result == "1"
        words = {"first"} if lived.kept >= 5 or lived.begun < 4 else {"first", "third"}
        if lived.kept == lived.begun == 4:
            words = {"third"}
        assert (kernel.run("word").result or "").strip('"') in words
        if lived.kept >= 2:
            assert kernel.run("late").result == "3"
        if lived.kept >= len(LATER):
            assert kernel.run("branch.steps").result == f"{STEPS}" and weights(kernel, "branch") == expected
        # Wherever it is, the training ends as if nothing had been.
        if int(kernel.run("model.steps").result or "-1") < STEPS:
            kernel.run("resume(model.runs.last!)")
        assert weights(kernel, "model") == expected, "other bits"
        after = kernel.run("let after = 7")
        assert not after.of_type("stream"), after.messages
    finally:
        kernel.stop()
    path = folder / ".orbit/default/workspace.sqlite"
    with sqlite3.connect(path) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("SELECT count(*) FROM checkpoints").fetchone() == (0,)
    left = [file.name for file in path.parent.rglob("*.partial")]
    assert not left, f"{left} of a write that failed are still there"


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.name)
def test_a_workspace_with_a_past_survives_a_fault_at_any_point(
    mode: Mode, shim: Path, past: Path, expected: bytes, tmp_path: Path
) -> None:
    lived, control = lived_on(past, tmp_path / "none", shim, 0, MODES[0])
    assert lived.kept == len(LATER) and lived.statuses == ["ok"] * len(LATER), lived
    count = control.points
    assert count > 50, "the library does not see what the kernel writes"
    points = list(range(1 + MODES.index(mode) % 3, count + 1, 3))
    if POINTS != "all":
        points = spread(mode, int(POINTS), count)
    wrong = []
    for at in points:
        folder = tmp_path / f"{at}"
        lived, control = lived_on(past, folder, shim, at, mode)
        try:
            check(folder, lived, mode, expected)
        except (AssertionError, pytest.fail.Exception) as failure:
            wrong.append(f"{mode.name} at {control.point(at)}\n  told: {lived.told}\n  {failure}")
        shutil.rmtree(folder)
    print(f"\n{mode.name}: {len(points)} of {count} points", end="")
    assert not wrong, f"{len(wrong)} of {len(points)} points:\n" + "\n".join(wrong)
