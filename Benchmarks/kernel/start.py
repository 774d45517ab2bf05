"""Starting: from the launch of the process to the first answers, and what it takes of the machine then."""

from __future__ import annotations

import pathlib
import tempfile
import time

from . import aim, process, table
from .kept import ORBIT, prepare
from .options import Options
from .records import Records
from .running import Running, parent_of
from .snippets import Kernel

PART, TITLE = "start", "Start"
# Orbit's start where much is kept; the other starts, in an empty folder, have no name.
PREPARED = "prepared"
# Of models of a few megabytes each, so that there are many names.
WIDTHS = "[64, 192]"


def measure(kernels: list[Kernel], options: Options, records: Records) -> None:
    with tempfile.TemporaryDirectory(prefix="bench-kernel-") as folder:
        starts: list[tuple[Kernel, str, pathlib.Path | None]] = [(kernel, "", None) for kernel in kernels]
        if ORBIT in kernels:
            made = prepare(pathlib.Path(folder), options.prepared, WIDTHS)
            records.add(PREPARED, "bytes", ORBIT.name, made.bytes)
            records.add(PREPARED, "names", ORBIT.name, made.names)
            starts.append((ORBIT, PREPARED, made.folder))
        for repetition in range(options.starts):
            for kernel, case, place in starts:
                start_once(kernel, case, place, records, repetition)


def start_once(kernel: Kernel, case: str, folder: pathlib.Path | None, records: Records, repetition: int) -> None:
    running = Running(kernel, folder)

    def add(measure: str, value: float) -> None:
        records.add(case, measure, kernel.name, value, repetition)

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
    titles = [
        ("to the `kernel_info` reply", "kernel_info"), ("to the welcome on iopub", "welcome"),
        ("to the reply of the first cell, `1+1`", "first"), ("shutdown, asked for kindly", "shutdown"),
    ]  # fmt: skip
    kept = said(records)
    measures = [(title, "", measure) for title, measure in titles]
    lines = []
    for case in ("", PREPARED):
        for kernel in records.kernels(PART, case):
            found = [records.summary(PART, case, measure, kernel) for measure in ("memory", "threads", "files")]
            if all(found):
                memory, threads, files = (summary.median for summary in found)
                name = f"{kernel}, {kept}" if case else kernel
                lines.append([name, f"{memory:.1f}", f"{threads:.0f}", f"{files:.0f}"])
    text = [
        "From the call that launches the process, with the client's own Python in between; a kernel without a row"
        " for the welcome sends none.",
    ]
    if kept:
        names = records.values(PART, PREPARED, "names", aim.ORBIT)[0]
        measures += [(f"{title}, {kept}", PREPARED, measure) for title, measure in titles]
        text = [
            f"{text[0]} Each starts in an empty folder, Orbit besides in one {kept}: {names:.0f} names, among them"
            f" models with `NIN(widths: {WIDTHS})` and their runs, made before by a kernel of its own; the files are"
            " in the system's cache, as after the restart of a kernel. The other kernels keep nothing that they could"
            " start with.",
        ]
    return [
        *text,
        *table.timings(records, PART, measures),
        *table.rows("after the first cell | memory (PSS), MB | threads | open files", "lrrr", lines),
    ]


def said(records: Records) -> str:
    """With how much Orbit starts where it does not start with nothing."""
    size = records.values(PART, PREPARED, "bytes", aim.ORBIT)
    return f"with {size[0] / 1e6:.0f} MB kept" if size else ""


def aims(records: Records) -> list[aim.Aim]:
    start = records.summary(PART, "", "kernel_info", aim.ORBIT)
    prepared = records.summary(PART, PREPARED, "kernel_info", aim.ORBIT)
    memory = records.summary(PART, "", "memory", aim.ORBIT)
    return [
        *aim.at_most("start to `kernel_info`, median", aim.thousandths(start, "median"), 60, "{:.1f} ms"),
        *aim.at_most(
            f"start to `kernel_info` {said(records)}, median", aim.thousandths(prepared, "median"), 150, "{:.1f} ms"
        ),
        *aim.at_most("memory after the start", memory.median if memory else None, 25, "{:.1f} MB"),
    ]
