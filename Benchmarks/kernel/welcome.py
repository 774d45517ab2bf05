"""How soon a subscriber is welcomed, by which a front end knows that it will miss nothing, and whose kernel it hears."""

from __future__ import annotations

import time

import zmq

from . import aim, table
from .options import Options
from .records import Records
from .running import Running, parts
from .snippets import Kernel

PART, TITLE = "welcome", "Subscribers that come"
TOGETHER = 8
PATIENCE = 1.0
IDLE, TRAINING = "idle", "training"
AT_A_TIME = {"one after the other": 1, "at once": TOGETHER}


def measure(kernels: list[Kernel], options: Options, records: Records) -> None:
    runnings = [Running(kernel).ready() for kernel in kernels]
    sessions = {running: session_of(running) for running in runnings}
    for crowd in range(options.crowds):
        for running in runnings:
            crowds(running, sessions[running], IDLE, records, crowd)
    # One at a time: a training has both cores.
    for running in runnings:
        training = running.client.execute(running.language.training)
        running.until_running(training)
        # Its first steps, in which libraries are loaded.
        for _ in running.arrivals(running.iopub, until=time.perf_counter() + 2):
            pass
        for crowd in range(options.crowds):
            crowds(running, sessions[running], TRAINING, records, crowd)
        running.manager.interrupt_kernel()
        running.replied(training, timeout=30)
    for running in runnings:
        running.stop()


def session_of(running: Running) -> str:
    request = running.client.kernel_info()
    return running.replies(request)[request]["header"]["session"]


def crowds(running: Running, session: str, state: str, records: Records, crowd: int) -> None:
    for name, count in AT_A_TIME.items():
        # Who has welcomed none of a crowd is not waited for again.
        if crowd and not records.values(PART, f"{state}, {name}", "welcome", running.kernel.name):
            continue
        found = [welcome for _ in range(TOGETHER // count) for welcome in welcomes(running, count)]
        case, kernel = f"{state}, {name}", running.kernel.name
        records.add(case, "came", kernel, TOGETHER, crowd)
        records.add(case, "told the session", kernel, sum(session in header for _, header in found), crowd)
        for delay, _ in found:
            records.add(case, "welcome", kernel, delay, crowd)


def welcomes(running: Running, count: int) -> list[tuple[float, str]]:
    """Of each of so many subscribers its first welcome: seconds from the call that connects, and the header."""
    begun, found, poller = time.perf_counter(), [], zmq.Poller()
    subscribers = [running.client.connect_iopub() for _ in range(count)]
    for subscriber in subscribers:
        poller.register(subscriber, zmq.POLLIN)
    while len(found) < count and (left := begun + PATIENCE - time.perf_counter()) > 0:
        for subscriber, _ in poller.poll(max(1, int(1e3 * left))):
            header, _, _ = parts(subscriber.recv_multipart())
            if b'"iopub_welcome"' in header:
                found.append((time.perf_counter() - begun, header.decode()))
                poller.unregister(subscriber)
    for subscriber in subscribers:
        subscriber.close(linger=0)
    return found


def section(records: Records) -> list[str]:
    lines = []
    for case in records.cases(PART):
        for kernel in records.kernels(PART, case):
            came = sum(records.values(PART, case, "came", kernel))
            summary = records.summary(PART, case, "welcome", kernel)
            count = summary.count if summary else 0
            told = sum(records.values(PART, case, "told the session", kernel))
            times = table.cells(summary)[:4] if summary else ["–"] * 4
            most = max(records.values(PART, case, "welcome", kernel), default=None)
            lines.append([
                case, kernel, f"{count} of {came:.0f}", f"{told:.0f}", *times, "–" if most is None else table.milliseconds(most),
            ])  # fmt: skip
    return [
        f"From the call that connects a subscriber to its welcome, milliseconds: {TOGETHER} of"
        " them one after the other, as windows are opened, and at once, as when a server comes back; while nothing runs,"
        " and during what also keeps the kernel busy in the side requests. The client's part is in it: a connection, and"
        f" of those that come at once the {TOGETHER} calls. A welcome that has not come after {PATIENCE:g} s counts as none."
        " The client itself has subscribed before, so a kernel that welcomes only the first subscriber to a topic"
        " welcomes none of these.",
        *table.rows("kernel is | kernel | welcomed | told its session | median | 95 % | 99 % | least | most", "llrrrrrrr", lines),
    ]


def aims(records: Records) -> list[aim.Aim]:
    found = []
    for case in records.cases(PART):
        came = sum(records.values(PART, case, "came", aim.ORBIT))
        summary = records.summary(PART, case, "welcome", aim.ORBIT)
        if not came:
            continue
        count = min(summary.count if summary else 0, sum(records.values(PART, case, "told the session", aim.ORBIT)))
        wanted = f"{came:.0f} of {came:.0f}"
        found.append(aim.Aim(f"welcomed with the session, {case}", wanted, f"{count:.0f} of {came:.0f}", count == came))
        longest = max(records.values(PART, case, "welcome", aim.ORBIT), default=None)
        found += aim.at_most(f"the longest welcome, {case}", None if longest is None else 1e3 * longest, 10)
    return found
