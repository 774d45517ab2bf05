"""A long life: many cells and completions in one process."""

from __future__ import annotations

import math
import statistics
import time

from . import aim, process, table
from .latency import trip
from .options import Options
from .records import Records
from .running import Running
from .snippets import Kernel

PART, TITLE = "soak", "A long life"
# Cells that are under way at once, and a completion after each lot of so many.
LOT = 50
SAMPLES = 300


class Unanswered(TimeoutError):
    """A kernel that left requests unanswered, after how many cells."""

    def __init__(self, words: str, executed: int) -> None:
        super().__init__(words)
        self.executed = executed


def measure(kernels: list[Kernel], options: Options, records: Records) -> None:
    for kernel in kernels:
        ours = kernel.name == aim.ORBIT
        for life in range(options.lives if ours else 1):
            one_life(kernel, str(life), options.executes if ours else options.executes_beside, records)


def one_life(kernel: Kernel, life: str, count: int, records: Records) -> None:
    running = Running(kernel).ready(prepare=False)
    try:
        live_long(running, life, count, records)
    except Unanswered as error:
        # Of another kernel that is a finding; the page says so.
        if kernel.name == aim.ORBIT:
            raise
        print(f"  {error}", flush=True)
        records.add(life, "unanswered", kernel.name, error.executed)
    running.stop()


def live_long(running: Running, life: str, count: int, records: Records) -> None:
    name, client, language = running.kernel.name, running.client, running.language

    def sample(executed: int) -> None:
        records.add(life, "executed", name, executed, executed)
        records.add(life, "memory", name, process.proportional_set(running.process), executed)
        records.add(life, "own memory", name, process.own(running.process), executed)
        records.add(life, "files", name, process.open_files(running.process), executed)

    def trips(measure: str) -> None:
        for repetition in range(100):
            _, idle = trip(running, lambda: client.execute(language.trivial))
            records.add(life, measure, name, idle, repetition)

    trips("first trips")
    begin = time.perf_counter()
    sample(0)
    lots = count // LOT
    for lot in range(1, lots + 1):
        requests = [client.execute(language.trivial) for _ in range(LOT)]
        requests.append(client.complete(language.completed))
        if len(running.replies(*requests)) < len(requests):
            raise Unanswered(f"{name} left requests unanswered after {lot * LOT} executes", lot * LOT)
        if lot % max(1, lots // SAMPLES) == 0:
            sample(lot * LOT)
    records.add(life, "seconds", name, time.perf_counter() - begin)
    # What was published last may still be under way.
    time.sleep(0.3)
    trips("last trips")


def slopes(records: Records, kernel: str) -> list[float]:
    """Kilobytes of own memory a thousand executes, by least squares over the last third of each life.

    By then a kernel that remembers the last 65,536 signatures, to run no message twice, has all of them.
    """
    found = []
    for life in records.cases(PART):
        executed, memory = (records.values(PART, life, name, kernel) for name in ("executed", "own memory"))
        points = list(zip(executed, memory))[2 * len(executed) // 3 :]
        if len(points) > 2:
            found.append(1024 * 1000 * statistics.linear_regression(*zip(*points)).slope)
    return found


def told(slopes: list[float]) -> str:
    """The mean of some slopes, and its standard error where there are several."""
    error = f" ± {statistics.stdev(slopes) / math.sqrt(len(slopes)):.1f}" if len(slopes) > 1 else ""
    return f"{statistics.mean(slopes):+.1f}{error}" if slopes else "–"


def section(records: Records) -> list[str]:
    lines = []
    for kernel in records.kernels(PART):
        executed = records.values(PART, "0", "executed", kernel)
        memory, files = (records.values(PART, "0", name, kernel) for name in ("memory", "files"))
        first, last = (records.summary(PART, "0", name, kernel) for name in ("first trips", "last trips"))
        seconds, gradients = records.values(PART, "0", "seconds", kernel), slopes(records, kernel)
        if unanswered := records.values(PART, "0", "unanswered", kernel):
            lines.append([kernel, f"{unanswered[0]:,.0f}, then requests stayed unanswered", *["–"] * 6])
            continue
        if not (seconds and first and last):
            continue
        lines.append([
            kernel, f"{executed[-1]:,.0f}", f"{executed[-1] / seconds[0]:,.0f}",
            f"{memory[0]:.1f} → {memory[-1]:.1f}", told(gradients), str(max(1, len(gradients))),
            f"{files[0]:.0f} → {files[-1]:.0f}",
            f"{table.milliseconds(first.p99)} → {table.milliseconds(last.p99)}",
        ])  # fmt: skip
    return [
        f"`1+1` again and again, {LOT} at once, a completion after each {LOT}. The slope is that of the last third,"
        " without program files; by then a memory of 65,536 signatures is full. What threads leave between the blocks that"
        " they give back makes it differ from life to life, so it is the mean of some, with its standard error; the rest is"
        " of the first.",
        *table.rows(
            "kernel | cells | a second | memory (PSS), MB | slope, KB a 1,000 cells | lives | open files | trip, 99 %, ms",
            "lrrrrrrr", lines,
        ),
    ]  # fmt: skip


def aims(records: Records) -> list[aim.Aim]:
    found = []
    if gradients := slopes(records, aim.ORBIT):
        measured = f"{told(gradients)} KB a 1,000 cells"
        found.append(aim.Aim("slope of memory", "≤ 1.0 KB a 1,000 cells", measured, statistics.mean(gradients) <= 1))
    if files := records.values(PART, "0", "files", aim.ORBIT):
        found += aim.at_most("growth of open files", files[-1] - files[0], 0, "{:.0f}")
    return found
