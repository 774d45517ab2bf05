"""The stop button: how soon a cell ends, and whether the kernel keeps what it had."""

from __future__ import annotations

import time

from . import aim, table
from .options import Options
from .records import Records
from .running import Running
from .snippets import Kernel

PART, TITLE = "interrupt", "Interrupt"
CELLS = ["an empty loop", "a computation", "a question to the person", "nothing"]
# A kernel that does not survive so many in a row is not asked again.
PATIENCE = 3


def measure(kernels: list[Kernel], options: Options, records: Records) -> None:
    runnings = {kernel.name: Running(kernel).ready() for kernel in kernels}
    for case in CELLS:
        failures = dict.fromkeys(runnings, 0)
        for repetition in range(options.interrupts):
            for name in runnings:
                if failures[name] >= PATIENCE:
                    continue
                # The moment within a step varies.
                pause = 0.03 + 0.04 * (repetition * 0.618 % 1)
                latency = interrupt_once(runnings[name], case, pause)
                if latency is not None and case != "nothing":
                    records.add(case, "latency", name, latency, repetition)
                records.add(case, "survived", name, latency is not None, repetition)
                failures[name] = failures[name] + 1 if latency is None else 0
                if latency is None:
                    runnings[name].stop()
                    runnings[name] = Running(runnings[name].kernel).ready()
    for running in runnings.values():
        running.stop()


def interrupt_once(running: Running, case: str, pause: float) -> float | None:
    """Seconds from the button to the cell's reply; none when the kernel dies, hangs or forgets."""
    language = running.language
    cells = dict(zip(CELLS, [language.spin, language.training, language.question]))
    try:
        request = None
        if case in cells:
            request = running.client.execute(cells[case], allow_stdin=True)
            running.until_running(request)
            if cells[case] == language.question:
                running.client.get_stdin_msg(timeout=10)
        time.sleep(pause)
        before = time.perf_counter()
        running.manager.interrupt_kernel()
        ended = running.replied(request, timeout=3) if request else before
        # An interrupt that comes late must not end the next cell.
        time.sleep(0.002 if request else 0.02)
        if not ended or not running.manager.is_alive():
            return None
        kept = running.value(language.recall, timeout=5) == language.recalled
        return ended - before if kept else None
    except (TimeoutError, RuntimeError):
        return None


def section(records: Records) -> list[str]:
    lines = []
    for case in records.cases(PART):
        for kernel in records.kernels(PART, case):
            survived = records.values(PART, case, "survived", kernel)
            summary = records.summary(PART, case, "latency", kernel)
            times = table.cells(summary)[:-1] if summary else ["–"] * 4
            lines.append([case, kernel, *times, f"{sum(survived):.0f} of {len(survived)}"])
    return [
        "From the client's `interrupt_kernel()`, which does what the kernel's own entry asks for, to the cell's reply;"
        " milliseconds. Kept: the process lives, and the next cell runs and finds a value from before. A kernel that"
        f" fails {PATIENCE} times in a row is not asked again.",
        *table.rows("during | kernel | median | 95 % | 99 % | least | kept", "llrrrrr", lines),
    ]


def aims(records: Records) -> list[aim.Aim]:
    found = []
    for case in records.cases(PART):
        survived = records.values(PART, case, "survived", aim.ORBIT)
        if not survived:
            continue
        summary = records.summary(PART, case, "latency", aim.ORBIT)
        count = len(survived)
        found.append(
            aim.Aim(
                f"interrupts during {case} that keep the state", f"{count} of {count}",
                f"{sum(survived):.0f} of {count}", sum(survived) == count,
            )
        )  # fmt: skip
        # The greatest of them all is held to the limit.
        greatest = max(records.values(PART, case, "latency", aim.ORBIT), default=None)
        if summary and greatest is not None:
            found += aim.at_most(f"interrupt during {case}, longest", 1e3 * greatest, 100, "{:.1f} ms")
    return found
