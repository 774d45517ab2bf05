"""A training that a later kernel takes over: it ends with the same bits, and no undo takes it back.

Kills at random moments of four methods are in `test_torture.py`; here is one kill in the middle of each other one.
"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any, Callable

import pytest
from conftest import KERNEL, Kernel, Session
from test_damage import DATABASE
from test_lifecycle import IN_TIME, PARENT, seconds_until_end, seconds_until_gone
from test_torture import Mortal, outcome

CELLS = [
    "let shapes = Shapes(count: 512, size: 16, seed: 1)",
    "let model = AET(for: shapes, encoder: NIN(widths: [8, 16]), seed: 3)",
]
TRAINING = "train(model, on: shapes.train.first(256), epochs: 60, batch: 32, average: 0.99, seed: 5)"
METHODS = {
    "RotNet": "RotNet(for: shapes, encoder: NIN(widths: [8, 16]), seed: 3)",
    "AED": "AED(for: shapes, encoder: NIN(widths: [8, 16]), seed: 3)",
    "Supervised": "Supervised(for: shapes, encoder: NIN(widths: [8, 16]), seed: 3)",
    "EquiVAEBenchmark": "EquiVAEBenchmark(for: shapes, seed: 3)",
}


def asked(folder: Path, query: str, database: str = DATABASE) -> Any:
    """The first value that the workspace's database answers; `None` without one, or where it is only being made."""
    try:
        with closing(sqlite3.connect(f"file:{folder}/{database}?mode=ro", uri=True)) as connection:
            row = connection.execute(query).fetchone()
            return row and row[0]
    except sqlite3.OperationalError:
        return None


def checkpoint(folder: Path, column: str = "step", database: str = DATABASE) -> Any:
    """The step of the checkpoint that the workspace keeps of the model's training; `None` without one."""
    return asked(folder, f"SELECT {column} FROM checkpoints WHERE name = 'model'", database)


def await_checkpoint(folder: Path, after: int = 0, database: str = DATABASE) -> None:
    """Waits for a checkpoint of the model's training after a step."""
    deadline = time.monotonic() + 60
    while (checkpoint(folder, database=database) or 0) <= after:
        assert time.monotonic() < deadline, "no checkpoint was written"
        time.sleep(0.01)


def killed_while(kernel: Mortal, folder: Path, cell: str, after: int = 0) -> Mortal:
    """The next kernel after one that was killed in a cell, once there was a checkpoint after a step."""
    kernel.client.execute(cell, allow_stdin=False)
    await_checkpoint(folder, after)
    return reborn(kernel, folder)


def undisturbed(folder: Path, constructor: str = CELLS[1]) -> tuple[str, str, str]:
    """The bits that the training leaves in a kernel that nobody disturbs."""
    folder.mkdir()
    kernel = Kernel(folder)
    for cell in [CELLS[0], constructor, TRAINING]:
        kernel.run(cell)
    bits = outcome(kernel, folder)
    kernel.stop()
    return bits


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str, str]:
    return undisturbed(tmp_path_factory.mktemp("expected") / "undisturbed")


def broken_off(folder: Path) -> Mortal:
    """A kernel that was killed while it trained, and the next one, in which names are back."""
    kernel = Mortal(folder)
    for cell in CELLS:
        kernel.run(cell)
    return killed_while(kernel, folder, TRAINING)


def reborn(kernel: Mortal, folder: Path) -> Mortal:
    kernel.die()
    kernel = Mortal(folder)
    kernel.run("restore()")
    return kernel


def test_undo_leaves_a_training_that_broke_off(expected: tuple[str, str, str], tmp_path: Path) -> None:
    kernel = broken_off(tmp_path)
    step = checkpoint(tmp_path)
    assert step > 0
    assert kernel.run("let steps = model.steps").status == "ok"
    assert kernel.run("steps").result == str(step)
    assert "steps" in kernel.run("undo()").result
    assert kernel.run("model.steps").result == str(step)
    refused = kernel.execute("undo()")
    assert refused.status == "error" and "no cell of this session has changed the workspace" in refused.error_text
    assert kernel.run("model.steps").result == str(step)

    kernel = reborn(kernel, tmp_path)
    assert kernel.run("let late = 1").status == "ok"
    # A cell that takes back and then looks is one cell, which can be taken back itself.
    assert kernel.run("undo()\nmodel.steps").result == str(step)
    assert kernel.execute("late").status == "error"
    refused = kernel.execute("undo()")
    assert refused.status == "error" and "no cell of this session" in refused.error_text
    kernel = reborn(kernel, tmp_path)
    kernel.run('forget("shapes")\nmodel.steps')
    assert kernel.execute("shapes").status == "error"
    kernel.run("undo()")
    assert kernel.run("shapes.train.count").status == "ok"
    assert kernel.run("model.steps").result == str(step)
    assert kernel.run("resume(model.runs.last!)").status == "ok"
    assert outcome(kernel, tmp_path) == expected
    # What the cell itself did can be taken back, to where the training broke off.
    assert kernel.run("undo()").status == "ok"
    assert kernel.run("model.steps").result == str(step)
    assert kernel.run("resume(model.runs.last!)").status == "ok"
    assert outcome(kernel, tmp_path) == expected
    kernel.stop()


def test_a_model_that_no_cell_had_named_stays(tmp_path: Path) -> None:
    kernel = Mortal(tmp_path)
    kernel.run(CELLS[0])
    kernel = killed_while(kernel, tmp_path, f"{CELLS[1]}\n{TRAINING}")
    step = checkpoint(tmp_path)
    for _ in range(2):
        assert kernel.run("model.steps").result == str(step)
        # It was there before this session, so nothing is taken back.
        assert kernel.execute("undo()").status == "error"
        kernel = reborn(kernel, tmp_path)
    assert kernel.run("resume(model.runs.last!)").status == "ok"
    kernel.stop()


def test_looking_at_one_model_leaves_the_training_of_another(tmp_path: Path) -> None:
    kernel = broken_off(tmp_path)
    step = checkpoint(tmp_path)
    kernel.run("let other = AET(for: shapes, encoder: NIN(widths: [8, 16]), seed: 4)")
    # The first training of the cell is over when the second, which broke off, is taken over; neither is committed.
    cell = TRAINING.replace("model", "other").replace("60", "20") + "\nresume(model.runs.last!)"
    kernel = killed_while(kernel, tmp_path, cell, after=step)
    assert int(kernel.run("other.steps").result) > 0
    assert int(kernel.run("model.steps").result) > step
    kernel.stop()


def test_measuring_leaves_a_training_that_cannot_be_loaded(tmp_path: Path) -> None:
    kernel = broken_off(tmp_path)
    step, blob = checkpoint(tmp_path), checkpoint(tmp_path, "blob")
    file = next((tmp_path / ".orbit/default/blobs").rglob(blob))
    file.rename(tmp_path / "away")
    measured = kernel.run("knn(model, train: shapes.train, test: shapes.test, k: 5)")
    assert "cannot be brought back" in "".join(message["content"]["text"] for message in measured.of_type("stream"))
    assert kernel.run("model.steps").result == "0"
    kernel.stop()
    (tmp_path / "away").rename(file)
    kernel = Mortal(tmp_path)
    kernel.run("restore()")
    assert kernel.run("model.steps").result == str(step)
    kernel.stop()


@pytest.mark.parametrize("method", METHODS)
def test_every_other_method_goes_on_to_the_same_bits(method: str, tmp_path: Path) -> None:
    constructor = f"let model = {METHODS[method]}"
    expected = undisturbed(tmp_path / "undisturbed", constructor)
    folder = tmp_path / "disturbed"
    folder.mkdir()
    kernel = Mortal(folder)
    kernel.run(CELLS[0])
    kernel.run(constructor)
    kernel = killed_while(kernel, folder, TRAINING)
    assert kernel.run("resume(model.runs.last!)").status == "ok"
    assert outcome(kernel, folder) == expected
    kernel.stop()


def training(folder: Path) -> tuple[Kernel, str]:
    """A kernel in the middle of the training, and the request of its cell."""
    kernel = Kernel(folder)
    for cell in CELLS:
        kernel.run(cell)
    request = kernel.client.execute(TRAINING, allow_stdin=False)
    await_checkpoint(folder)
    return kernel, request


def interrupted(folder: Path) -> None:
    """Ends a training by an interrupt, and its kernel later."""
    kernel, request = training(folder)
    kernel.manager.interrupt_kernel()
    assert kernel.collect(request).status == "error"
    kernel.stop()


def shut_down(folder: Path) -> None:
    """Ends a kernel while it trains: it answers, and is gone in time."""
    kernel, _ = training(folder)
    begun = time.monotonic()
    reply = Session(kernel.manager, kernel.client).control("shutdown_request", {"restart": False})
    assert reply["content"] == {"status": "ok", "restart": False}
    assert seconds_until_end(kernel.manager.provisioner.process, begun) < IN_TIME
    kernel.stop()


def orphaned(folder: Path) -> None:
    """Kills the parent of a kernel that trains: the kernel is gone in time as well."""
    arguments = [KERNEL, str(folder), "\n".join([*CELLS, TRAINING]), "0"]
    with subprocess.Popen([sys.executable, "-c", PARENT, *arguments], stdout=subprocess.PIPE) as parent:
        try:
            assert parent.stdout
            kernel = int(parent.stdout.readline())
            await_checkpoint(folder)
        finally:
            begun = time.monotonic()
            parent.kill()
    assert seconds_until_gone(kernel, begun) < IN_TIME


@pytest.mark.alone
@pytest.mark.parametrize("end", [interrupted, shut_down, orphaned], ids=lambda end: end.__name__)
def test_a_training_that_somebody_ended_goes_on_in_a_later_kernel(
    end: Callable[[Path], None], expected: tuple[str, str, str], tmp_path: Path
) -> None:
    """From the very step that it had taken last: whatever ends a kernel but a kill leaves it time to keep that."""
    end(tmp_path)
    taken = asked(tmp_path, "SELECT max(step) FROM metrics")
    assert taken and taken < 60 * 8

    kernel = Kernel(tmp_path)
    kernel.run("restore()")
    assert kernel.run("model.steps").result == str(taken)
    assert kernel.run("model.runs.last!.status").result == '"interrupted"'
    kernel.run("resume(model.runs.last!)")
    assert outcome(kernel, tmp_path) == expected
    kernel.stop()
