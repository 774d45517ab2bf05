"""Output: what is lost when much of it comes at once, and how fast it goes."""

from __future__ import annotations

import statistics
from typing import Callable

from . import aim, flood, table
from .options import Options
from .readers import Readers
from .records import Records
from .running import Running
from .snippets import Kernel

PART, TITLE = "output", "Output"


def measure(kernels: list[Kernel], options: Options, records: Records) -> None:
    runnings = {kernel.name: Running(kernel).ready() for kernel in kernels}
    for repetition in range(options.floods):
        for payload, count in options.displays:
            for sleep in options.sleeps:
                case = f"{count:,} {payload} displays, reader {asleep(sleep)}"
                each(runnings, case, records, repetition, lambda r: flood.displays(r, payload, count, sleep))
        for sleep in options.sleeps:
            case = f"{options.prints:,} printed lines, reader {asleep(sleep)}"
            each(runnings, case, records, repetition, lambda r: flood.prints(r, options.prints, sleep))
        payload, count = options.displays[1]
        for awake, stopped, words in beside(options.readers):
            case = f"{count:,} {payload} displays, {words}"
            each(runnings, case, records, repetition, lambda r: pour_beside(r, payload, count, awake, stopped))
    for running in runnings.values():
        running.stop()


def each(
    runnings: dict[str, Running], case: str, records: Records, repetition: int, pour: Callable[[Running], flood.Flood]
) -> None:
    """One flood of every kernel, each in turn; a kernel that did not come through is started anew."""
    for name, running in runnings.items():
        result = pour(running)
        for measure, value in flood.measures(result).items():
            records.add(case, measure, name, value, repetition)
        if not (result.idle_seen and result.replied):
            running.stop()
            runnings[name] = Running(running.kernel).ready()


def beside(readers: int) -> list[tuple[int, int, str]]:
    """How many readers besides the client's are awake, how many stopped, and that in words."""
    return [
        (0, 1, "another reader stopped"),
        (readers - 1, 0, f"{readers} readers awake"),
        (readers - 2, 1, f"{readers} readers, one of them stopped"),
    ]


def pour_beside(running: Running, payload: str, count: int, awake: int, stopped: int) -> flood.Flood:
    reading = Readers(running, awake) if awake else None
    halted = Readers(running, stopped) if stopped else None
    try:
        if halted:
            halted.halt()
        poured = flood.displays(running, payload, count, 0, flood.QUIET_BESIDE_STOPPED)
        if reading:
            poured.others = reading.seen(poured.request)
        return poured
    finally:
        for there in (reading, halted):
            if there:
                there.close()


def asleep(seconds: float) -> str:
    return f"asleep for {seconds:g} s" if seconds else "awake"


def section(records: Records) -> list[str]:
    lines = []
    for case in records.cases(PART):
        for kernel in records.kernels(PART, case):

            def values(measure: str) -> list[float]:
                return records.values(PART, case, measure, kernel)

            runs = len(values("lost"))
            lost = ", ".join(f"{value:,.0f}" for value in values("lost"))
            order = values("in order")
            # How fast it goes is told by those that came whole to a reader that was awake.
            rates = [
                sent / seconds
                for sent, lost_here, seconds in zip(values("sent"), values("lost"), values("seconds"))
                if lost_here == 0 and seconds and "asleep" not in case
            ]
            lines.append([
                case, kernel, lost, f"{sum(order):.0f} of {len(order)}" if order else "–",
                f"{sum(values('idle seen')):.0f} of {runs}",
                f"{statistics.median(rates):,.0f}" if rates else "–",
                table.milliseconds(max(values("pause"))),
                f"{statistics.median(values('bytes')) / 1e3:.1f}",
                f"{max(values('memory growth')):.0f}",
            ])  # fmt: skip
    return [
        "A cell shows or prints as fast as it can; the reader sleeps at first, or reads at once without decoding"
        " anything; how many come a second counts from the sending of the cell. A reader that is stopped has its"
        " process halted by SIGSTOP, while the others read; where there are several, the client's own is one of them,"
        " and those that are awake beside it share a process. Bytes are those of a whole message, in the middle; the"
        " small output of Orbit is the shortest that its language shows, 0.8 KB without the envelope where 0.1 were"
        " asked, and its large one is a picture that it draws anew each time, where the others repeat one that is"
        " ready. Memory is the greatest growth of the process over its size before. For the sake of time there are at"
        " most 20,000 outputs where 100,000 were asked, fewer of the larger ones, and several readers get the middle"
        " ones alone and do not sleep.",
        *table.rows(
            "output | kernel | lost, by run | in order | idle seen | a second | longest pause, ms | KB each |"
            " memory, MB",
            "llrrrrrrr",
            lines,
        ),
        *readers_beside(records),
    ]


def readers_beside(records: Records) -> list[str]:
    lines = []
    for case in records.cases(PART):
        for kernel in records.kernels(PART, case):
            names = ("readers", "lost by readers", "idle seen by readers", "pause of readers")
            values = [records.values(PART, case, measure, kernel) for measure in names]
            if all(values):
                there, lost, idle, pause = values
                lines.append([
                    case, kernel, f"{there[0]:.0f}", ", ".join(f"{value:,.0f}" for value in lost),
                    f"{sum(idle):.0f} of {sum(there):.0f}", table.milliseconds(max(pause)),
                ])  # fmt: skip
    if not lines:
        return []
    return [
        "",
        "What the readers saw that were awake beside the client's:",
        *table.rows(
            "output | kernel | readers | lost by them, by run | idle seen | longest pause, ms", "llrrrr", lines
        ),
    ]


def aims(records: Records) -> list[aim.Aim]:
    found = []
    for case in records.cases(PART):

        def values(measure: str) -> list[float]:
            return records.values(PART, case, measure, aim.ORBIT)

        # Of every reader that was awake.
        lost = values("lost") + values("lost by readers")
        idle = [*values("idle seen"), sum(values("idle seen by readers")) == sum(values("readers"))]
        if lost:
            found.append(
                aim.Aim(
                    f"lost: {case}", "0, with idle", f"{sum(lost):,.0f}" + ("" if all(idle) else ", idle missing"),
                    sum(lost) == 0 and all(idle),
                )
            )  # fmt: skip
        if "small displays, reader awake" in case and lost:
            rates = [number / time for number, time in zip(values("sent"), values("seconds")) if time]
            found += aim.at_least("small displays a second", statistics.median(rates) if rates else None, 20_000)
        if "stopped" in case:
            growth = max(values("memory growth"), default=None)
            found += aim.at_most(f"growth of memory: {case}", growth, 64, "{:.0f} MB")
    return found
