"""Runs of one kernel, asked from another of the same workspace: while they go on, and after their process died."""

from __future__ import annotations

import csv
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


def test_runs_are_filtered_sorted_compared_and_exported_while_one_goes_on(tmp_path: Path) -> None:
    """By the kernel that trains, and by another one."""
    trainer, other = Kernel(tmp_path), Kernel(tmp_path)
    shapes, model, training = TRAINING.splitlines()
    trainer.run(shapes)
    trainer.run("let short = AED(for: shapes, encoder: NIN(widths: [4, 8]), seed: 2)")
    trainer.run("let done = train(short, on: shapes.train, epochs: 2, batch: 20, seed: 2)")
    trainer.run(f"{model}\n{training}")
    for kernel in (trainer, other):
        begun = time.monotonic()
        while kernel.run("runs()[0].losses.count > 16").result != "true":
            assert time.monotonic() - begun < TIMEOUT

        def ids(options: str) -> str | None:
            return kernel.run(f"runs({options}).map {{ $0.id }}").result

        assert ids('where: { $0.status == "running" }') == "[2]"
        assert ids('where: { $0.status == "completed" && $0.seed == 2 }') == "[1]"
        assert ids("by: .newest") == "[2, 1]" and ids("by: .oldest") == "[1, 2]"
        shown = kernel.run("compare(1, 2)").of_type("display_data")
        table, plot = (message["content"]["data"] for message in shown)
        assert "completed" in table["text/plain"] and "running" in table["text/plain"]
        assert "image/png" in plot and "run 1, short" in plot["text/plain"] and "run 2, model" in plot["text/plain"]
        kernel.run('export(runs(), to: "runs.csv")')
        with (tmp_path / "runs.csv").open() as file:
            rows = {row["id"]: row for row in csv.DictReader(file)}
        assert {number: row["status"] for number, row in rows.items()} == {"1": "completed", "2": "running"}
        assert trainer.run("shapes.train.checksum").result == f'"{rows["2"]["checksum"]}"' and len(rows["2"]["checksum"]) == 64
    trainer.stop()
    other.stop()
