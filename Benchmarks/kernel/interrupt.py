"""The stop button: how soon a cell ends, and whether the kernel keeps what it had."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from typing import Callable

from . import aim, table
from .options import Options
from .records import Records
from .running import Running
from .snippets import Kernel, Language

PART, TITLE = "interrupt", "Interrupt"
# A kernel that does not survive so many in a row is not asked again.
PATIENCE = 3


def by_client(running: Running) -> None:
    running.manager.interrupt_kernel()


def by_signal(running: Running) -> None:
    os.kill(running.process, signal.SIGINT)


@dataclass(frozen=True)
class Case:
    """What is interrupted, and how."""

    title: str
    cell: Callable[[Language], str | None] | None
    press: Callable[[Running], None] = by_client
    asks: bool = False
    # Whether it is pressed twice: the second press gives up the step, which is a long one.
    twice: bool = False


CASES = [
    Case("an empty loop", lambda language: language.spin),
    Case("a computation", lambda language: language.training),
    Case("a computation by SIGINT", lambda language: language.training, by_signal),
    Case("a question to the person", lambda language: language.question, asks=True),
    Case("nothing", None),
    Case("nothing by SIGINT", None, by_signal),
    Case("a long step, second press", lambda language: language.long_training, twice=True),
]


def measure(kernels: list[Kernel], options: Options, records: Records) -> None:
    runnings = {kernel.name: Running(kernel).ready() for kernel in kernels}
    for case in CASES:
        chosen = [kernel for kernel in kernels if not case.cell or case.cell(kernel.language)]
        failures = {kernel.name: 0 for kernel in chosen}
        if case.twice:
            for kernel in chosen:
                step = prepare_long_step(runnings[kernel.name])
                records.add(case.title, "step", kernel.name, step)
        for repetition in range(options.interrupts):
            for name in failures:
                if failures[name] >= PATIENCE:
                    continue
                latency = interrupt_once(runnings[name], case, repetition * 0.618 % 1)
                if latency is not None and case.cell:
                    records.add(case.title, "latency", name, latency, repetition)
                records.add(case.title, "survived", name, latency is not None, repetition)
                failures[name] = failures[name] + 1 if latency is None else 0
                if latency is None:
                    runnings[name].stop()
                    runnings[name] = Running(runnings[name].kernel).ready()
                    if case.twice:
                        prepare_long_step(runnings[name])
    for running in runnings.values():
        running.stop()


def prepare_long_step(running: Running) -> float:
    """Has the long training ready; gives the seconds of a step of it."""
    return float(running.value(running.language.long_preparation))


def interrupt_once(running: Running, case: Case, share: float) -> float | None:
    """Seconds from the button to the cell's reply; none when the kernel dies, hangs or forgets.

    The moment within a step varies with `share`, from 0 to 1.
    """
    language = running.language
    try:
        request, steps = None, None
        if case.twice:
            steps = running.value(language.long_steps)
        if case.cell:
            request = running.client.execute(case.cell(language), allow_stdin=True)
            # The first step comes after the panel, which an interrupt before it would leave alone.
            running.until_running(request, b"display_data" if case.twice else b"execute_input")
            if case.asks:
                running.client.get_stdin_msg(timeout=10)
        time.sleep(0.03 + 0.04 * share)
        if case.twice:
            case.press(running)
            # Presses within 0.2 s are one that came by two ways.
            time.sleep(0.25 + 0.2 * share)
        before = time.perf_counter()
        case.press(running)
        ended = running.replied(request, timeout=3) if request else before
        # An interrupt that comes late must not end the next cell.
        time.sleep(0.002 if request else 0.02)
        if not ended or not running.manager.is_alive():
            return None
        kept = running.value(language.recall, timeout=5) == language.recalled
        if case.twice:
            kept = kept and running.value(language.long_steps) == steps
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
    steps = [value for case in CASES for value in records.values(PART, case.title, "step", aim.ORBIT)]
    return [
        "From the client's `interrupt_kernel()`, which does what the kernel's own entry asks for (a message to Orbit, a"
        " signal to the others), or from a SIGINT to the kernel's process alone, to the cell's reply; milliseconds."
        " Kept: the process lives, and the next cell runs and finds a value from before. A kernel that fails"
        f" {PATIENCE} times in a row is not asked again. A long step is one of a training"
        + (f", of {steps[0]:.1f} s" if steps else "")
        + ": pressed at its beginning, which lets it end, and again 0.25 to 0.45 s later, which gives it up with the"
        " operation under way; the time is that from the second press, and kept means as well that the model has taken"
        " no step. Python's cells have no steps that are to be ended.",
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
                f"interrupts that keep the state: {case}", f"{count} of {count}",
                f"{sum(survived):.0f} of {count}", sum(survived) == count,
            )
        )  # fmt: skip
        # The greatest of them all is held to the limit.
        greatest = max(records.values(PART, case, "latency", aim.ORBIT), default=None)
        if summary and greatest is not None:
            found += aim.at_most(f"interrupt, longest: {case}", 1e3 * greatest, 100, "{:.1f} ms")
    return found
