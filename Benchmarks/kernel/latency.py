"""Round trips of a kernel that has nothing else to do."""

from __future__ import annotations

import time
from typing import Callable

from . import aim, table
from .floor import NAME, Floor
from .options import Options
from .records import Records
from .running import Running, is_idle, parent_of
from .snippets import Kernel

PART, TITLE = "latency", "Round trips"
# Kernels take turns of this many.
TURN = 10


def measure(kernels: list[Kernel], options: Options, records: Records) -> None:
    floor = Floor()
    runnings = [Running(kernel).ready(prepare=False) for kernel in kernels]
    for running in runnings:
        for send in requests(running).values():
            for _ in range(3):
                trip(running, send)
    for turn in range(0, options.trips, TURN):
        for repetition in range(turn, min(turn + TURN, options.trips)):
            frames = [b"x" * size for size in (9, 64, 200, 2, 2, 120)]
            records.add("", "raw", NAME, floor.raw(frames), repetition)
            content = {"code": "1+1", "silent": False, "store_history": True, "user_expressions": {}}
            records.add("", "client", NAME, floor.message("execute_request", content), repetition)
            records.add("", "kernel_info, reply", NAME, floor.reply(), repetition)
            records.add("", "execute, reply and idle", NAME, floor.cell(), repetition)
        for running in runnings:
            for name, send in requests(running).items():
                for repetition in range(turn, min(turn + TURN, options.trips)):
                    replied, idle = trip(running, send)
                    records.add("", f"{name}, reply", running.kernel.name, replied, repetition)
                    records.add("", f"{name}, reply and idle", running.kernel.name, idle, repetition)
    for running in runnings:
        running.stop()
    floor.close()


def requests(running: Running) -> dict[str, Callable[[], str]]:
    client, language = running.client, running.language
    return {
        "execute": lambda: client.execute(language.trivial),
        "kernel_info": client.kernel_info,
        "complete": lambda: client.complete(language.completed),
        "inspect": lambda: client.inspect(language.inspected),
    }


def trip(running: Running, send: Callable[[], str]) -> tuple[float, float]:
    """Seconds to the reply, and to the reply and the idle status; with the client that notebooks have."""
    client = running.client
    before = time.perf_counter()
    request = send()
    client.get_shell_msg(timeout=30)
    replied = time.perf_counter() - before
    while True:
        message = client.get_iopub_msg(timeout=30)
        if parent_of(message) == request and is_idle(message):
            return replied, time.perf_counter() - before


def section(records: Records) -> list[str]:
    measures = [
        ("execute `1+1`, reply", "", "execute, reply"),
        ("execute `1+1`, reply and idle", "", "execute, reply and idle"),
        ("`kernel_info`, reply", "", "kernel_info, reply"),
        ("`complete`, reply", "", "complete, reply"),
        ("`inspect`, reply", "", "inspect, reply"),
        ("floor: there and back, raw", "", "raw"),
        ("floor: with the client's work", "", "client"),
    ]
    return [
        f"All kernels run at once and take turns of {TURN}. The floor is another process that sends back what it gets"
        " without a look at it, in C++; above it stands what is left of the median without the raw floor. Asked by the"
        " same client as the kernels it shows what that client takes for itself: its request comes back as a reply, and"
        " of a cell the four publications have arrived before it begins.",
        *table.timings(records, PART, measures, floor=("", "raw", NAME)),
    ]


def aims(records: Records) -> list[aim.Aim]:
    lines = []
    for title, measure, which, limit in (
        ("`1+1`, reply and idle, median", "execute, reply and idle", "median", 1),
        ("`1+1`, reply and idle, 99 %", "execute, reply and idle", "p99", 3),
        ("`kernel_info`, median", "kernel_info, reply", "median", 0.4),
    ):
        orbit, floor = (
            aim.thousandths(records.summary(PART, "", measure, kernel), which) for kernel in (aim.ORBIT, NAME)
        )
        lines += aim.at_most(title, orbit, limit, floor=floor)
    return lines
