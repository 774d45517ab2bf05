"""What happens to the cells that wait when one fails."""

from __future__ import annotations

import time

from . import aim, table
from .options import Options
from .records import Records
from .running import Running, parent_of, parts
from .snippets import Kernel

PART, TITLE = "abort", "Cells that wait when one fails"
WAITING = 20


def measure(kernels: list[Kernel], options: Options, records: Records) -> None:
    runnings = [Running(kernel).ready() for kernel in kernels]
    for running in runnings:
        running.collect(running.client.complete(running.language.completed))
    for repetition in range(options.aborts):
        for running in runnings:
            abort_once(running, records, repetition)
    for running in runnings:
        running.stop()


def abort_once(running: Running, records: Records, repetition: int) -> None:
    client, language = running.client, running.language
    failing = client.execute(language.failing)
    waiting = [client.execute(language.trivial) for _ in range(WAITING)]
    completion = client.complete(language.completed)
    expected = {failing, *waiting, completion}
    found, moments, shown = {}, {}, set()
    end = time.perf_counter() + 20
    for socket, frames, now in running.arrivals(running.shell, running.iopub, until=end):
        header, parent, _ = parts(frames)
        if socket is running.iopub:
            if b'"execute_input"' in header or b'"execute_result"' in header:
                shown.add((running.session.unpack(parent) or {}).get("msg_id"))
            continue
        message = running.decoded(frames)
        request = parent_of(message)
        found[request], moments[request] = message["content"], now
        if expected <= found.keys():
            break
    statuses = [found.get(request, {}).get("status", "no reply") for request in waiting]
    values = {
        "failed": found.get(failing, {}).get("status") == "error",
        "with a count": sum("execution_count" in found.get(request, {}) for request in waiting),
        "shown": len(shown & set(waiting)),
        "completed": found.get(completion, {}).get("status") == "ok",
        "none": statuses.count("no reply"),
    } | {status: statuses.count(status) for status in ("aborted", "error", "ok")}
    if expected <= found.keys():
        values["drain"] = max(moments[request] for request in waiting) - moments[failing]
    request = client.execute(language.recall)
    reply = running.replies(request, timeout=5).get(request)
    values["next"] = reply is not None and reply["content"]["status"] == "ok"
    for measure, value in values.items():
        records.add("", measure, running.kernel.name, value, repetition)


def section(records: Records) -> list[str]:
    lines = []
    for kernel in records.kernels(PART):

        def values(measure: str) -> list[float]:
            return records.values(PART, "", measure, kernel)

        runs = len(values("aborted"))
        drain = records.summary(PART, "", "drain", kernel)
        lines.append([
            kernel, *(f"{sum(values(measure)):.0f}" for measure in ("aborted", "error", "ok", "none", "with a count")),
            f"{sum(values('completed')):.0f} of {runs}", f"{sum(values('next')):.0f} of {runs}",
            table.milliseconds(drain.median) if drain else "–",
        ])  # fmt: skip
    return [
        f"A cell that works for 0.3 s and fails, {WAITING} cells and a completion, all sent at once. Right is: every"
        " waiting cell is answered `aborted`, with an execution count; the completion is answered as ever; the next"
        " cell runs. Drained: from the failed cell's reply to the last of the waiting ones, milliseconds.",
        *table.rows(
            "kernel | `aborted` | `error` | run | no reply | with a count | completion answered | next cell ran |"
            " drained, median", "lrrrrrrrr", lines,
        ),
    ]  # fmt: skip


def aims(records: Records) -> list[aim.Aim]:
    aborted = records.values(PART, "", "aborted", aim.ORBIT)
    if not aborted:
        return []
    counted = records.values(PART, "", "with a count", aim.ORBIT)
    others = [records.values(PART, "", measure, aim.ORBIT) for measure in ("completed", "next")]
    wanted = WAITING * len(aborted)
    met = sum(aborted) == sum(counted) == wanted and all(map(all, others))
    return [aim.Aim("waiting cells aborted, with a count", f"{wanted}", f"{sum(aborted):.0f}", met)]
