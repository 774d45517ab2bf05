"""A training that broke off, looked at by the next kernel: no undo takes it back, and it ends with the same bits."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

from conftest import Kernel
from test_torture import Mortal, outcome

CELLS = [
    "let shapes = Shapes(count: 512, size: 16, seed: 1)",
    "let model = AET(for: shapes, encoder: NIN(widths: [8, 16]), seed: 3)",
]
TRAINING = "train(model, on: shapes.train.first(256), epochs: 60, batch: 32, average: 0.99, seed: 5)"


def checkpoint(folder: Path) -> int:
    """The step of the checkpoint that the workspace keeps, 0 without one."""
    database = sqlite3.connect(f"file:{folder}/.orbit/default/workspace.sqlite?mode=ro", uri=True)
    try:
        return (database.execute("SELECT max(step) FROM checkpoints").fetchone() or [0])[0] or 0
    finally:
        database.close()


def broken_off(folder: Path) -> Mortal:
    """A kernel that was killed while it trained, and the next one, in which names are back."""
    kernel = Mortal(folder)
    for cell in CELLS:
        kernel.run(cell)
    kernel.client.execute(TRAINING, allow_stdin=False)
    deadline = time.monotonic() + 60
    while not checkpoint(folder):
        assert time.monotonic() < deadline, "no checkpoint was written"
        time.sleep(0.01)
    return reborn(kernel, folder)


def reborn(kernel: Mortal, folder: Path) -> Mortal:
    kernel.kill()
    while kernel.manager.is_alive():
        time.sleep(0.005)
    kernel.bury()
    kernel = Mortal(folder)
    kernel.run("restore()")
    return kernel


def test_undo_leaves_a_training_that_broke_off(tmp_path: Path) -> None:
    undisturbed = tmp_path / "undisturbed"
    undisturbed.mkdir()
    kernel = Kernel(undisturbed)
    for cell in [*CELLS, TRAINING]:
        kernel.run(cell)
    expected = outcome(kernel, undisturbed)
    kernel.stop()

    folder = tmp_path / "disturbed"
    folder.mkdir()
    kernel = broken_off(folder)
    step = checkpoint(folder)
    assert step > 0
    assert kernel.run("let steps = model.steps").status == "ok"
    assert kernel.run("steps").result == str(step)
    assert "steps" in kernel.run("undo()").result
    assert kernel.run("model.steps").result == str(step)
    refused = kernel.execute("undo()")
    assert refused.status == "error" and "no cell of this session has changed the workspace" in refused.error_text
    assert kernel.run("model.steps").result == str(step)

    kernel = reborn(kernel, folder)
    assert kernel.run("model.steps").result == str(step)
    assert kernel.run("resume(model.runs.last!)").status == "ok"
    assert outcome(kernel, folder) == expected
    # What the cell itself did can be taken back, to where the training broke off.
    assert kernel.run("undo()").status == "ok"
    assert kernel.run("model.steps").result == str(step)
    assert kernel.run("resume(model.runs.last!)").status == "ok"
    assert outcome(kernel, folder) == expected
    kernel.stop()
