"""How much slower training is while questions are asked."""

from __future__ import annotations

import math
import statistics
import time

from . import aim, table
from .floor import Floor
from .options import Options
from .questions import KINDS, RATE, Asker
from .records import Records
from .running import Running
from .snippets import Kernel

PART, TITLE = "slowdown", "Training while questions are asked"
ARMS = ["in peace", "client alone", "asked", "asked now and then"]
# Questions a second: as many as the part before this one asks, and what a person who types brings about.
RATES = {"client alone": RATE * len(KINDS), "asked": RATE * len(KINDS), "asked now and then": RATE}


def measure(kernels: list[Kernel], options: Options, records: Records) -> None:
    for kernel in kernels:
        if not kernel.language.fixed_training:
            continue
        floor = Floor()
        running = Running(kernel).ready()
        train(running, "in peace", floor)
        for pair in range(options.pairs):
            # Each arm is first, second and third equally often.
            turn = pair % len(ARMS)
            for arm in ARMS[turn:] + ARMS[:turn]:
                records.add("", arm, kernel.name, train(running, arm, floor), pair)
        running.stop()
        floor.close()


# With every reply come busy, idle and the running cell's busy again, two of them together: with as many echoes more,
# client and echo take as much of the processor as a client that asks (0.85 ms a question).
STATUSES = 2
PAIRS = (
    ("asked", "in peace"), ("client alone", "in peace"), ("asked", "client alone"), ("asked now and then", "in peace"),
)  # fmt: skip


def train(running: Running, arm: str, floor: Floor) -> float:
    """Seconds from sending the cell to its reply."""
    asker = Asker(running)
    step, number = 1 / RATES.get(arm, RATE * len(KINDS)), 0
    begin = time.perf_counter()
    cell = running.client.execute(running.language.fixed_training)
    while not asker.answers.ended:
        number += 1
        until = begin + number * step
        channels = (running.shell, running.control, running.iopub)
        for socket, frames, now in running.arrivals(*channels, until=until):
            asker.note(socket, frames, now, cell)
        if asker.answers.ended:
            break
        if arm.startswith("asked"):
            asker.send(KINDS[number % len(KINDS)])
        elif arm == "client alone":
            floor.message("complete_request", {"code": running.language.completed, "cursor_pos": 2})
            for _ in range(STATUSES):
                floor.raw([b"status"] * 6)
    return asker.answers.ended - begin


def slower(records: Records, kernel: str, arm: str, other: str) -> tuple[float, float, int] | None:
    """By how many per cent an arm took longer than another in the mean, with the standard error, and of how many pairs.

    The mean is that of the ratios' logarithms, so that a pair and its reverse cancel.
    """
    times = [records.values(PART, "", name, kernel) for name in (arm, other)]
    logarithms = [100 * math.log(a / b) for a, b in zip(*times)]
    if not logarithms:
        return None
    error = statistics.stdev(logarithms) / math.sqrt(len(logarithms)) if len(logarithms) > 1 else 0.0
    return statistics.mean(logarithms), error, len(logarithms)


def section(records: Records) -> list[str]:
    lines = []
    for kernel in records.kernels(PART):
        peace = records.summary(PART, "", "in peace", kernel)
        for arm, other in PAIRS:
            found = slower(records, kernel, arm, other)
            if found and peace:
                mean, error, pairs = found
                lines.append(
                    [kernel, f"{arm} / {other}", f"{mean:+.1f} ± {error:.1f} %", f"{peace.median:.2f} s", str(pairs)]
                )
    return [
        f"The same training, in peace, while {RATE * len(KINDS)} questions a second are asked, while {RATE} a second"
        " are, as somebody who types brings about, and while the client alone is as busy: it sends as many messages to"
        " a process that only sends them back, which takes its part of the cores that training uses all. They alternate;"
        " what is told is the mean of the pairs and its standard error.",
        *table.rows("kernel | time of | slower | in peace | of", "llrrr", lines),
    ]


def aims(records: Records) -> list[aim.Aim]:
    found = []
    for title, arm, other in (
        (f"{RATE} questions a second, with the client", "asked now and then", "in peace"),
        (f"{RATE * len(KINDS)} a second, with the client", "asked", "in peace"),
        (f"{RATE * len(KINDS)} a second, without the client", "asked", "client alone"),
    ):
        measured = slower(records, aim.ORBIT, arm, other)
        if measured:
            mean, error, _ = measured
            found.append(aim.Aim(f"training slowed by {title}", "≤ 1.0 %", f"{mean:.1f} ± {error:.1f} %", mean <= 1))
    return found
