"""Starting: from the launch of the process to the first answers, and what it takes of the machine then."""

from __future__ import annotations

import time

from . import aim, process, table
from .options import Options
from .records import Records
from .running import Running, parent_of
from .snippets import Kernel

PART, TITLE = "start", "Start"


def measure(kernels: list[Kernel], options: Options, records: Records) -> None:
    for repetition in range(options.starts):
        for kernel in kernels:
            start_once(kernel, records, repetition)


def start_once(kernel: Kernel, records: Records, repetition: int) -> None:
    running = Running(kernel)

    def add(measure: str, value: float) -> None:
        records.add("", measure, kernel.name, value, repetition)

    client = running.client
    information, first = client.kernel_info(), None
    is_welcome_seen = False
    for socket, frames, now in running.arrivals(running.shell, running.iopub, until=running.began + 60):
        message = running.decoded(frames)
        request = parent_of(message)
        if message["msg_type"] == "iopub_welcome" and not is_welcome_seen:
            is_welcome_seen = True
            add("welcome", now - running.began)
        elif socket is running.shell and request == information:
            add("kernel_info", now - running.began)
            if not kernel.package:
                records.about["versions"][kernel.name] = message["content"]["implementation_version"]
            first = client.execute(running.language.trivial)
        elif socket is running.shell and request == first:
            add("first", now - running.began)
            break
    else:
        raise TimeoutError(f"{kernel.name} did not start within 60 s")
    # A welcome that comes after the reply counts as well; not every kernel sends one.
    for _, frames, now in running.arrivals(running.iopub, until=time.perf_counter() + 0.2):
        if running.decoded(frames)["msg_type"] == "iopub_welcome" and not is_welcome_seen:
            is_welcome_seen = True
            add("welcome", now - running.began)
    add("memory", process.proportional_set(running.process))
    add("threads", process.threads(running.process))
    add("files", process.open_files(running.process))
    before = time.perf_counter()
    running.stop(now=False)
    add("shutdown", time.perf_counter() - before)


def section(records: Records) -> list[str]:
    measures = [
        ("to the `kernel_info` reply", "", "kernel_info"),
        ("to the welcome on iopub", "", "welcome"),
        ("to the reply of the first cell, `1+1`", "", "first"),
        ("shutdown, asked for kindly", "", "shutdown"),
    ]
    lines = []
    for kernel in records.kernels(PART):
        found = [records.summary(PART, "", measure, kernel) for measure in ("memory", "threads", "files")]
        if all(found):
            memory, threads, files = (summary.median for summary in found)
            lines.append([kernel, f"{memory:.1f}", f"{threads:.0f}", f"{files:.0f}"])
    return [
        "From the call that launches the process, with the client's own Python in between; a kernel without a row"
        " for the welcome sends none.",
        *table.timings(records, PART, measures),
        *table.rows("after the first cell | memory (PSS), MB | threads | open files", "lrrr", lines),
    ]


def aims(records: Records) -> list[aim.Aim]:
    start = records.summary(PART, "", "kernel_info", aim.ORBIT)
    memory = records.summary(PART, "", "memory", aim.ORBIT)
    return [
        *aim.at_most("start to `kernel_info`, median", aim.thousandths(start, "median"), 60, "{:.1f} ms"),
        *aim.at_most("memory after the start", memory.median if memory else None, 25, "{:.1f} MB"),
    ]
