"""A figure that changes while its cell runs."""

from __future__ import annotations

import datetime
import time

from . import aim, table
from .options import Options
from .records import Records
from .running import Running, parts
from .snippets import Kernel

PART, TITLE = "live", "A figure that changes"


def measure(kernels: list[Kernel], options: Options, records: Records) -> None:
    for kernel in kernels:
        running = Running(kernel).ready()
        watch(running, options.live_seconds, records)
        running.stop()


def watch(running: Running, seconds: int, records: Records) -> None:
    language, name = running.language, running.kernel.name
    code = language.live
    begin = time.perf_counter()
    request = running.client.execute(code.format(seconds=seconds) if language.ends_by_itself else code)
    number, interrupted, idle = 0, False, False
    while not idle and time.perf_counter() < begin + seconds + 30:
        if not interrupted and not language.ends_by_itself and time.perf_counter() > begin + seconds:
            running.manager.interrupt_kernel()
            interrupted = True
        for _, frames, _ in running.arrivals(running.iopub, until=time.perf_counter() + 0.05):
            now = datetime.datetime.now(datetime.timezone.utc)
            header, parent, content = parts(frames)
            if request.encode() not in parent:
                continue
            idle = b'"status"' in header and b'"idle"' in content
            if b'"update_display_data"' in header:
                date = datetime.datetime.fromisoformat(running.session.unpack(header)["date"])
                records.add("", "age", name, (now - date).total_seconds(), number)
                records.add("", "bytes", name, sum(map(len, frames)), number)
                number += 1
    records.add("", "seconds", name, time.perf_counter() - begin)
    if language.trained_seconds:
        records.add("", "trained", name, float(running.value(language.trained_seconds)))


def section(records: Records) -> list[str]:
    lines = []
    for kernel in records.kernels(PART):
        age = records.summary(PART, "", "age", kernel)
        size = records.summary(PART, "", "bytes", kernel)
        seconds = records.values(PART, "", "seconds", kernel)
        trained = records.values(PART, "", "trained", kernel)
        if age and size and seconds:
            lines.append([
                kernel, str(age.count), f"{age.count / seconds[0]:.1f}", f"{size.median / 1e3:.0f}",
                table.milliseconds(age.median), table.milliseconds(age.p95),
                f"{100 * (1 - trained[0] / seconds[0]):.1f} %" if trained else "–",
            ])  # fmt: skip
    return [
        "Orbit's is the panel of a training, which it draws and paces itself; the others send a picture of 90 KB that"
        " is ready, ten times a second, and compute nothing. The age is the time from the date in a message to its"
        " arrival, milliseconds. No cell can leave the panel out, so there is no training without it to compare with;"
        " what is told is the share of the cell's time, from the request to the idle status, that is outside of the"
        " training's steps: the panel is drawn between two of them. The beginning and the end of the cell and what is"
        " recorded of the run are in it too; sending, which other threads do, is not.",
        *table.rows("kernel | updates | a second | KB each | age, median | 95 % | outside of steps", "lrrrrrr", lines),
    ]


def aims(records: Records) -> list[aim.Aim]:
    return []
