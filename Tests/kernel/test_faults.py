"""A disk that fails: at every point at which a kernel changes its workspace, in five ways.

Each point is a start of its own: a full disk or a broken one for one call, a disk that stays full from there on, a
write of which half happened before the kernel was killed, and a kill before the call. Whatever failed, every cell
is answered, the next kernel opens the workspace, and what an earlier cell was told to be kept is there.

A few points of each kind are tried; ORBIT_TEST_FAULTS says how many, `all` (`make torture`), or which: `158-168`.
"""

from __future__ import annotations

import os
import re
import sqlite3
from pathlib import Path

import pytest
from conftest import Kernel
from faulty import MODES, Control, Lived, Mode, live, spread, tensors

# Points of each mode, all, or from one to another.
POINTS = os.environ.get("ORBIT_TEST_FAULTS", "5")

CELLS = [
    'let small = 1\nvar word = "first"',
    "let shapes = Shapes(count: 128, size: 16, seed: 1)",
    "let aet = AET(for: shapes, encoder: NIN(widths: [4, 4]), seed: 1)",
    "let run = train(aet, on: shapes.train, epochs: 1, batch: 32, seed: 1)",
    'word = "second"',
]
# What names stand for after so many cells.
STATES: list[dict[str, str]] = [{}, {"small": "1", "word": '"first"'}]
STATES.append({**STATES[1], "shapes.train.count": ""})
STATES.append({**STATES[2], "aet.seed": "1"})
STATES.append({**STATES[3], "run.status": '"completed"'})
STATES.append({**STATES[4], "word": '"second"'})
TRAINED = 4


class Undisturbed:
    """What the cells leave where nothing fails, and how many points they have."""

    def __init__(self, shim: Path, folder: Path) -> None:
        control = Control(shim, folder)
        lived = live(folder, CELLS, control)
        assert lived.statuses == ["ok"] * len(CELLS) and lived.kept == len(CELLS), lived
        self.points = control.points
        self.log = control.log
        kernel = Kernel(folder)
        kernel.run("restore()")
        STATES[2]["shapes.train.count"] = kernel.run("shapes.train.count").result
        for state in STATES[3:]:
            state["shapes.train.count"] = STATES[2]["shapes.train.count"]
        self.losses = kernel.run("run.losses").result
        kernel.run('save(aet, to: "trained.safetensors")')
        kernel.run("let shapes = Shapes(count: 128, size: 16, seed: 1)\n" + CELLS[2].replace("aet", "other"))
        kernel.run('save(other, to: "untrained.safetensors")')
        kernel.stop()
        self.trained = tensors(folder / "trained.safetensors")
        self.untrained = tensors(folder / "untrained.safetensors")
        assert self.trained != self.untrained


@pytest.fixture(scope="module")
def undisturbed(shim: Path, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    return Undisturbed(shim, tmp_path_factory.mktemp("undisturbed"))


def names_of(kernel: Kernel, lived: Lived) -> tuple[int, str]:
    """After which cell the restored names are; the table that `restore` gave."""
    table = kernel.run("restore()").result or ""
    found = {}
    for expression in STATES[-1]:
        if re.search(rf"^{expression.split('.')[0]} ", table, re.MULTILINE):
            found[expression] = kernel.run(expression).result
    possible = range(lived.kept, lived.begun + 1)
    fits = [number for number in possible if STATES[number] == found]
    # A model whose training broke off comes back although no finished cell may have named it.
    if not fits and "broke off" in table and lived.begun >= TRAINED > lived.kept:
        fits = [number for number in possible if STATES[number].items() <= found.items()]
    assert fits, f"cells {lived.kept} to {lived.begun} should be there, and these are:\n{table}\n{found}"
    return fits[-1], table


def check(folder: Path, lived: Lived, control: Control, mode: Mode, undisturbed: Undisturbed) -> None:
    """Holds what a kernel left against what it said, in a kernel without faults."""
    assert lived.died == mode.kills or lived.begun == len(CELLS), f"the kernel died: {lived}"
    assert set(lived.statuses) <= {"ok", "error"}
    kernel = Kernel(folder)
    try:
        cells, table = names_of(kernel, lived)
        if cells >= 3:
            kernel.run('save(aet, to: "after.safetensors")')
            weights = tensors(folder / "after.safetensors")
            # A checkpoint of a training that broke off is between two steps of it.
            allowed = [undisturbed.trained] if cells >= TRAINED else [undisturbed.untrained]
            if "broke off" in table:
                allowed = [undisturbed.trained, undisturbed.untrained]
            assert weights in allowed, "the model has weights that no cell has left"
        if cells >= TRAINED:
            assert kernel.run("run.losses").result == undisturbed.losses
        # And it goes on as if nothing had been.
        after = kernel.run("let after = 7")
        assert not after.of_type("stream"), after.messages
    finally:
        kernel.stop()
    path = folder / ".orbit/default/workspace.sqlite"
    with sqlite3.connect(path) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("SELECT value FROM names WHERE name = 'after'").fetchone() == ("7",)
    left = [file.name for file in path.parent.rglob("*.partial")]
    assert not left, f"{left} of a write that failed are still there"


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.name)
def test_the_workspace_survives_a_fault_at_any_point(
    mode: Mode, shim: Path, undisturbed: Undisturbed, tmp_path: Path
) -> None:
    count = undisturbed.points
    assert count > 50, "the library does not see what the kernel writes"
    points = list(range(1, count + 1))
    if "-" in POINTS:
        first, last = map(int, POINTS.split("-"))
        points = points[first - 1 : last]
    elif POINTS != "all":
        points = spread(mode, int(POINTS), count)
    wrong = []
    for at in points:
        folder = tmp_path / f"{at}"
        folder.mkdir()
        control = Control(shim, folder)
        control.set(at, mode)
        lived = live(folder, CELLS, control)
        try:
            check(folder, lived, control, mode, undisturbed)
        except (AssertionError, pytest.fail.Exception) as failure:
            wrong.append(f"{mode.name} at {control.point(at)}\n  told: {lived.told}\n  {failure}")
    assert not wrong, f"{len(wrong)} of {len(points)} points:\n" + "\n".join(wrong)
