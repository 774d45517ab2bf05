"""How much slower training is while questions are asked."""

from __future__ import annotations

import time

from . import aim, table
from .floor import Floor
from .options import Options
from .questions import KINDS, ON_SHELL, RATE, Asker
from .records import Mean, Records
from .running import Running
from .snippets import Kernel

PART, TITLE = "slowdown", "Training while questions are asked"
ARMS = ["in peace", "client alone", "asked", "asked now and then"]
# The six that were asked from the first, so that today's figures can be held against those of before.
ASKED = [kind for kind in KINDS if kind != ON_SHELL]
# Questions a second: each of them as often as the part before this one asks, and what a person who types brings about.
MANY, FEW = RATE * len(ASKED), RATE
RATES = {"client alone": MANY, "asked": MANY, "asked now and then": FEW}


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
    step, number = 1 / RATES.get(arm, MANY), 0
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
            asker.send(ASKED[number % len(ASKED)])
        elif arm == "client alone":
            floor.message("complete_request", {"code": running.language.completed, "cursor_pos": 2})
            for _ in range(STATUSES):
                floor.raw([b"status"] * 6)
    return asker.answers.ended - begin


def slower(records: Records, kernel: str, arm: str, other: str) -> Mean | None:
    """By how many per cent an arm took longer than another."""
    return Mean.slower(*(records.values(PART, "", name, kernel) for name in (arm, other)))


def section(records: Records) -> list[str]:
    lines = []
    for kernel in records.kernels(PART):
        peace = records.summary(PART, "", "in peace", kernel)
        for arm, other in PAIRS:
            found = slower(records, kernel, arm, other)
            if found and peace:
                lines.append([kernel, f"{arm} / {other}", f"{found} %", f"{peace.median:.2f} s", str(found.count)])
    return [
        f"The same training, in peace, while {MANY} questions a second are asked, while {FEW} a second are, as"
        " somebody who types brings about, and while the client alone is as busy: it sends as many messages to a"
        " process that only sends them back, which takes its part of the cores that training uses all. The questions"
        f" are those of the part before this one without `{ON_SHELL}`, which keeps them at {len(ASKED)} kinds and"
        f" {MANY} a second. The arms alternate; what is told is the mean of the pairs and its standard error.",
        *table.rows("kernel | time of | slower | in peace | of", "llrrr", lines),
    ]


def aims(records: Records) -> list[aim.Aim]:
    found = []
    for title, arm, other in (
        (f"{FEW} questions a second, with the client", "asked now and then", "in peace"),
        (f"{MANY} a second, with the client", "asked", "in peace"),
        (f"{MANY} a second, without the client", "asked", "client alone"),
    ):
        found += aim.mean_at_most(f"training slowed by {title}", slower(records, aim.ORBIT, arm, other), 1, "%")
    return found
