"""A long life: many cells and completions in one process."""

from __future__ import annotations

import math
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
        running = Running(kernel).ready(prepare=False)
        count = options.executes if kernel.name == aim.ORBIT else options.executes_beside
        try:
            live_long(running, count, records)
        except Unanswered as error:
            # Of another kernel that is a finding; the page says so.
            if kernel.name == aim.ORBIT:
                raise
            print(f"  {error}", flush=True)
            records.add("", "unanswered", kernel.name, error.executed)
        running.stop()


def live_long(running: Running, count: int, records: Records) -> None:
    name, client, language = running.kernel.name, running.client, running.language

    def sample(executed: int) -> None:
        records.add("", "executed", name, executed, executed)
        records.add("", "memory", name, process.proportional_set(running.process), executed)
        records.add("", "own memory", name, process.own(running.process), executed)
        records.add("", "files", name, process.open_files(running.process), executed)

    def trips(measure: str) -> None:
        for repetition in range(100):
            _, idle = trip(running, lambda: client.execute(language.trivial))
            records.add("", measure, name, idle, repetition)

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
    records.add("", "seconds", name, time.perf_counter() - begin)
    # What was published last may still be under way.
    time.sleep(0.3)
    trips("last trips")


def slope(records: Records, kernel: str) -> tuple[float, float] | None:
    """Kilobytes of own memory a thousand executes, by least squares over the last third, and the standard error.

    By then a kernel that remembers the last 65,536 signatures, to run no message twice, has all of them.
    """
    points = list(
        zip(records.values(PART, "", "executed", kernel), records.values(PART, "", "own memory", kernel))
    )
    points = points[2 * len(points) // 3 :]
    if len(points) < 3:
        return None
    x = sum(a for a, _ in points) / len(points)
    y = sum(b for _, b in points) / len(points)
    spread = sum((a - x) ** 2 for a, _ in points)
    gradient = sum((a - x) * (b - y) for a, b in points) / spread
    residual = sum((b - y - gradient * (a - x)) ** 2 for a, b in points) / (len(points) - 2)
    return 1024 * 1000 * gradient, 1024 * 1000 * math.sqrt(residual / spread)


def section(records: Records) -> list[str]:
    lines = []
    for kernel in records.kernels(PART):
        executed = records.values(PART, "", "executed", kernel)
        memory, files = (records.values(PART, "", name, kernel) for name in ("memory", "files"))
        first, last = (records.summary(PART, "", name, kernel) for name in ("first trips", "last trips"))
        seconds, gradient = records.values(PART, "", "seconds", kernel), slope(records, kernel)
        if unanswered := records.values(PART, "", "unanswered", kernel):
            lines.append([kernel, f"{unanswered[0]:,.0f}, then requests stayed unanswered", *["–"] * 5])
            continue
        if not (seconds and first and last):
            continue
        lines.append([
            kernel, f"{executed[-1]:,.0f}", f"{executed[-1] / seconds[0]:,.0f}",
            f"{memory[0]:.1f} → {memory[-1]:.1f}", "–" if gradient is None else "{:+.1f} ± {:.1f}".format(*gradient),
            f"{files[0]:.0f} → {files[-1]:.0f}",
            f"{table.milliseconds(first.p99)} → {table.milliseconds(last.p99)}",
        ])  # fmt: skip
    return [
        f"`1+1` again and again, {LOT} at once, a completion after each {LOT}. The slope is that of the last third,"
        " without program files, with its standard error; by then a memory of 65,536 signatures is full.",
        *table.rows(
            "kernel | cells | a second | memory (PSS), MB | slope, KB a 1,000 cells | open files | trip, 99 %, ms",
            "lrrrrrr", lines,
        ),
    ]  # fmt: skip


def aims(records: Records) -> list[aim.Aim]:
    files = records.values(PART, "", "files", aim.ORBIT)
    found = []
    if gradient := slope(records, aim.ORBIT):
        measured = "{:.1f} ± {:.1f} KB a 1,000 cells".format(*gradient)
        found.append(aim.Aim("slope of memory", "≤ 1.0 KB a 1,000 cells", measured, gradient[0] <= 1))
    if files:
        found += aim.at_most("growth of open files", files[-1] - files[0], 0, "{:.0f}")
    return found
