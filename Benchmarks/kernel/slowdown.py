"""How much slower training is while questions are asked."""

from __future__ import annotations

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
    return asker.answers.ended - begin


def ratios(records: Records, kernel: str, arm: str, other: str) -> list[float]:
    times = [records.values(PART, "", name, kernel) for name in (arm, other)]
    return [a / b for a, b in zip(*times)]


def section(records: Records) -> list[str]:
    lines = []
    for kernel in records.kernels(PART):
        peace = records.summary(PART, "", "in peace", kernel)
        for arm, other in PAIRS:
            values = sorted(ratios(records, kernel, arm, other))
            if values and peace:
                lines.append([
                    kernel, f"{arm} / {other}", f"{statistics.median(values) - 1:+.1%}",
                    f"{values[0] - 1:+.1%} … {values[-1] - 1:+.1%}", f"{peace.median:.2f} s", str(len(values)),
                ])  # fmt: skip
    return [
        f"The same training, in peace, while {RATE * len(KINDS)} questions a second are asked, while {RATE} a second"
        " are, as somebody who types brings about, and while the client alone is as busy: it sends as many messages to"
        " a process that only sends them back, which takes its part of the cores that training uses all. They alternate.",
        *table.rows("kernel | time of | median | from … to | in peace | of", "llrrrr", lines),
    ]


def aims(records: Records) -> list[aim.Aim]:
    found = []
    for title, arm, other in (
        (f"{RATE} questions a second, with the client", "asked now and then", "in peace"),
        (f"{RATE * len(KINDS)} a second, with the client", "asked", "in peace"),
        (f"{RATE * len(KINDS)} a second, without the client", "asked", "client alone"),
    ):
        values = ratios(records, aim.ORBIT, arm, other)
        slower = 100 * (statistics.median(values) - 1) if values else None
        found += aim.at_most(f"training slowed by {title}", slower, 1, "{:.1f} %")
    return found
