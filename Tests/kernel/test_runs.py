"""Runs of one kernel, asked from another of the same workspace: while they go on, and after their process died."""

from __future__ import annotations

import signal
import time
from pathlib import Path

from conftest import TIMEOUT, Kernel

TRAINING = (
    "let shapes = Shapes(count: 200, size: 16, seed: 1)\n"
    "let model = AED(for: shapes, encoder: NIN(widths: [4, 8]), seed: 1)\n"
    "let run = train(model, on: shapes.train, epochs: 100_000, batch: 20, seed: 1, background: true)"
)


def test_a_run_is_asked_by_another_kernel_and_is_broken_when_its_own_is_killed(tmp_path: Path) -> None:
    trainer, other = Kernel(tmp_path), Kernel(tmp_path)
    trainer.run(TRAINING)
    steps: list[int] = []
    begun = time.monotonic()
    while len(set(steps)) < 3:
        assert other.run("runs()[0].status").result == '"running"'
        steps.append(int(other.run("runs()[0].steps").result or "0"))
        assert time.monotonic() - begun < TIMEOUT
    assert steps == sorted(steps)
    assert other.run("runs()[0].losses.count > 0").result == "true"

    process = trainer.manager.provisioner.process
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=TIMEOUT)
    assert other.run("runs()[0].status").result == '"broken"'
    assert int(other.run("runs()[0].steps").result or "0") >= steps[-1]
    trainer.stop()
    other.stop()


def test_a_run_of_a_kernel_that_was_shut_down_is_interrupted(tmp_path: Path) -> None:
    trainer = Kernel(tmp_path)
    trainer.run(TRAINING)
    trainer.stop()
    other = Kernel(tmp_path)
    assert other.run("runs()[0].status").result == '"interrupted"'
    assert other.run("runs(where: { $0.knn > 0.8 }).count").result == "0"
    other.stop()
