"""Questions while a cell runs."""

from __future__ import annotations

import time

from . import aim, table
from .options import Options
from .questions import KINDS, RATE, Asker
from .records import Records, Summary
from .running import Running
from .snippets import Kernel

PART, TITLE = "side", "Questions while a cell runs"
CELLS = ["a computation", "a loop of prints"]


def measure(kernels: list[Kernel], options: Options, records: Records) -> None:
    for repetition in range(options.side_rounds):
        for case in CELLS:
            for kernel in kernels:
                measure_once(kernel, case, options.side_seconds, records, repetition)


def measure_once(kernel: Kernel, case: str, seconds: float, records: Records, repetition: int) -> None:
    running = Running(kernel).ready()
    language = running.language
    # What a first question loads is no part of this.
    running.collect(running.client.complete(language.completed))
    running.collect(running.client.inspect(language.inspected))
    code = language.timed_training if case == CELLS[0] else language.timed_prints
    # The cell outlasts the questions a little where it ends by itself.
    cell = running.client.execute(code.format(seconds=seconds + 0.5) if language.ends_by_itself else code)
    running.until_running(cell)
    asker = Asker(running)
    begin = time.perf_counter()
    asker.take(until=begin + 0.2)
    begin = time.perf_counter()
    asker.ask(seconds)
    end = time.perf_counter()
    early = len(asker.answers.answered)
    if not language.ends_by_itself:
        running.manager.interrupt_kernel()
    asker.take(until=end + 20, ending=cell)
    answers = asker.answers
    for kind in KINDS:
        for latency in answers.latencies(kind):
            records.add(case, kind, kernel.name, latency, repetition)
    for measure, value in {
        "asked": len(answers.sent), "answered during the cell": early, "never answered": answers.missing,
        "share not busy": answers.share_not_busy(begin, end),
    }.items():  # fmt: skip
        records.add(case, measure, kernel.name, value, repetition)
    running.stop()


def section(records: Records) -> list[str]:
    lines = [
        f"Each of seven questions is asked {RATE} times a second, evenly spread; `kernel_info` is asked on both"
        " channels, as servers do. The computation of Orbit is a training of AET on both cores, with its panel; that"
        " of the others is SHA-256 over 4 MB again and again, which lets go of Python's lock as PyTorch does. Their"
        " cells last for the time of the questions and a little more, so an answer that waits for the end of the cell"
        " shows as a time of that size.",
    ]
    for case in records.cases(PART):
        lines += ["", f"During {case}:", *table.timings(records, PART, [(kind, case, kind) for kind in KINDS])]
    shares = []
    for case in records.cases(PART):
        for kernel in records.kernels(PART, case):
            values = [
                records.values(PART, case, measure, kernel)
                for measure in ("asked", "answered during the cell", "never answered", "share not busy")
            ]
            if all(values):
                asked, early, never, share = values
                shares.append([
                    case, kernel, f"{sum(asked):.0f}", f"{sum(early):.0f}", f"{sum(never):.0f}", f"{max(share):.2%}",
                ])  # fmt: skip
    return lines + table.rows(
        "during | kernel | asked | answered while it ran | never answered | last status not busy, share of the time",
        "llrrrr", shares,
    )  # fmt: skip


def aims(records: Records) -> list[aim.Aim]:
    found = []
    for case in records.cases(PART):
        values = [value for kind in KINDS for value in records.values(PART, case, kind, aim.ORBIT)]
        if values:
            summary = Summary.of(values)
            found += aim.at_most(f"question during {case}, 95 %", 1e3 * summary.p95, 20, "{:.1f} ms")
            found += aim.at_most(f"question during {case}, 99 %", 1e3 * summary.p99, 50, "{:.1f} ms")
        shares = records.values(PART, case, "share not busy", aim.ORBIT)
        found += aim.at_most(
            f"last status not busy during {case}", 100 * max(shares) if shares else None, 1, "{:.2f} % of the time"
        )
    return found
