"""A long life: many cells and completions in one process, and clients that come and go meanwhile."""

from __future__ import annotations

import queue
import statistics
import time

from jupyter_client import BlockingKernelClient

from . import aim, process, table
from .latency import trip
from .options import Options
from .records import Mean, Records, Summary
from .running import Running
from .snippets import Kernel

PART, TITLE = "soak", "A long life"
# Cells and completions that are under way at once, so many of each.
LOT = 50
SAMPLES = 250
# How many other clients come and go in a life.
VISITS = 100
# A life's length in the goals; a life goes on beyond it, and the page has the memory at both.
GOAL = 100_000
# Trips one after the other at the beginning and the end of a life, after some that are not counted.
TRIPS, WARM = 500, 20


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
        for repetition in range(-WARM, TRIPS):
            _, idle = trip(running, lambda: client.execute(language.trivial))
            if repetition >= 0:
                records.add(life, measure, name, idle, repetition)

    running.collect(client.complete(language.completed))
    trips("first trips")
    begin = time.perf_counter()
    sample(0)
    lots = count // LOT
    for lot in range(1, lots + 1):
        requests = []
        for _ in range(LOT):
            requests += [client.execute(language.trivial), client.complete(language.completed)]
        if len(running.replies(*requests)) < len(requests):
            raise Unanswered(f"{name} left requests unanswered after {lot * LOT} cells", lot * LOT)
        # Before the next visit, whose connections end a moment after it.
        if lot % max(1, lots // SAMPLES) == 0:
            sample(lot * LOT)
        if lot % max(1, lots // VISITS) == 0:
            records.add(life, "visit", name, is_answered(running), lot * LOT)
    records.add(life, "seconds", name, time.perf_counter() - begin)
    # What was published last may still be under way.
    time.sleep(0.3)
    trips("last trips")


def is_answered(running: Running) -> bool:
    """Whether another client, with a session of its own, that connects and asks is answered; it goes away again."""
    visitor = BlockingKernelClient(connection_file=running.manager.connection_file, context=running.client.context)
    visitor.load_connection_file()
    visitor.start_channels(hb=False)
    visitor.kernel_info()
    try:
        return visitor.get_shell_msg(timeout=5)["msg_type"] == "kernel_info_reply"
    except queue.Empty:
        return False
    finally:
        visitor.stop_channels()


def slopes(records: Records, kernel: str) -> list[float]:
    """Kilobytes of own memory a thousand cells, by least squares over the second half of each life.

    By then a kernel that remembers the last 65,536 signatures, to run no message twice, has all of them: a cell and its
    completion are two. Own memory moves up and down by some 0.3 MB, by which blocks the threads' heaps happen to have
    free: of the 50,000 cells of a life that ends at the goal this makes ±3 KB a 1,000, whatever the kernel keeps.
    """
    found = []
    for life in records.cases(PART):
        executed, memory = (records.values(PART, life, name, kernel) for name in ("executed", "own memory"))
        points = list(zip(executed, memory))[len(executed) // 2 :]
        if len(points) > 2:
            found.append(1024 * 1000 * statistics.linear_regression(*zip(*points)).slope)
    return found


def own_memory(records: Records, kernel: str) -> list[float]:
    """Megabytes at the beginning of the first life, at its last sample up to the goal, and at its end."""
    executed, memory = (records.values(PART, "0", name, kernel) for name in ("executed", "own memory"))
    at_goal = max(index for index, cells in enumerate(executed) if cells <= GOAL)
    return [memory[index] for index in dict.fromkeys([0, at_goal, len(memory) - 1])]


def of_lives(records: Records, measure: str, kernel: str) -> list[float]:
    """The values of all lives."""
    return [value for life in records.cases(PART) for value in records.values(PART, life, measure, kernel)]


def section(records: Records) -> list[str]:
    lines = []
    for kernel in records.kernels(PART):
        if unanswered := records.values(PART, "0", "unanswered", kernel):
            lines.append([kernel, f"{unanswered[0]:,.0f}, then requests stayed unanswered", *["–"] * 8])
            continue
        first, last, seconds = (of_lives(records, name, kernel) for name in ("first trips", "last trips", "seconds"))
        if not (first and last and seconds):
            continue
        executed = records.values(PART, "0", "executed", kernel)
        memory, files = (records.values(PART, "0", name, kernel) for name in ("memory", "files"))
        visits = of_lives(records, "visit", kernel)
        begin, end = Summary.of(first).p99, Summary.of(last).p99
        lines.append([
            kernel, f"{executed[-1]:,.0f}", f"{executed[-1] / seconds[0]:,.0f}",
            f"{memory[0]:.1f} → {memory[-1]:.1f}",
            " → ".join(f"{megabytes:.2f}" for megabytes in own_memory(records, kernel)),
            str(Mean.of(slopes(records, kernel)) or "–"), str(len(seconds)),
            f"{files[0]:.0f} → {files[-1]:.0f}", f"{sum(visits):.0f} of {len(visits)}",
            f"{table.milliseconds(begin)} → {table.milliseconds(end)}, {100 * (end / begin - 1):+.0f} %",
        ])  # fmt: skip
    return [
        f"`1+1` and a completion again and again, {LOT} of each at once, and up to {VISITS} times in a life another"
        " client that connects, asks for `kernel_info` and goes away. Own memory is without program files: at the"
        f" beginning, after {GOAL:,} cells, at the end. The slope is that of the second half; by then a memory of 65,536"
        " signatures is full. What threads leave between the blocks that they give back moves it up and down by some"
        f" 0.3 MB; over a life of the goal's {GOAL:,} cells that alone would look like a slope of a few kilobytes, so Orbit"
        " lives longer. Told is the mean of the lives, with its standard error. Memory, files and the cells a second,"
        " which the completions and clients take their time of, are those of"
        f" the first life; trips (reply and idle, one after the other, {TRIPS} at the beginning and the end of a life"
        f" after {WARM} that do not count) and clients those of all. The other kernels live shorter for the time that"
        " their completions take.",
        *table.rows(
            "kernel | cells, and as many completions | a second | memory (PSS), MB | own memory, MB | slope, KB"
            " a 1,000 cells | lives | open files | clients answered | trip, 99 %, ms", "lrrrrrrrrr", lines,
        ),
    ]  # fmt: skip


def aims(records: Records) -> list[aim.Aim]:
    slope = Mean.of(slopes(records, aim.ORBIT))
    found = aim.mean_at_most("slope of memory", slope, 1, "KB a 1,000 cells")
    if files := records.values(PART, "0", "files", aim.ORBIT):
        found += aim.at_most("growth of open files", files[-1] - files[0], 0, "{:.0f}")
    if visits := of_lives(records, "visit", aim.ORBIT):
        count = len(visits)
        answered = f"{sum(visits):.0f} of {count}"
        found.append(aim.Aim("clients that come and go answered", f"{count} of {count}", answered, all(visits)))
    return found
