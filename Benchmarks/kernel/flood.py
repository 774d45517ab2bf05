"""One flood of outputs, and a reader that takes it in as it comes."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, field
from typing import Any

import zmq

from . import process
from .readers import Seen
from .running import Running, parts
from .snippets import CYCLE

# A flood is over when nothing has come for so long; beside a stopped reader a kernel may wait for that one first.
QUIET, QUIET_BESIDE_STOPPED = 3.0, 20.0


@dataclass
class Flood:
    """What arrived of `sent` outputs."""

    request: str
    sent: int
    received: int
    # Whether those that arrived are in order; not known where some are lost.
    in_order: bool | None
    idle_seen: bool
    replied: bool
    # From sending the cell to the last output.
    seconds: float
    # The longest time between two outputs.
    pause: float
    message_bytes: float
    memory_growth: float
    # What readers beside the client's have seen, where there are some.
    others: list[Seen] = field(default_factory=list)


def samples(running: Running, payload: str) -> list[str]:
    """The texts of the outputs that a flood repeats, in order."""
    code = running.language.displays.format(count=CYCLE, payload=payload)
    flood, contents = collect(running, code, CYCLE, 0)
    if flood.received != CYCLE:
        raise RuntimeError(f"{running.kernel.name} showed {flood.received} of {CYCLE} outputs")
    return [text(running, content) for content in contents]


def text(running: Running, content: bytes) -> str:
    # A picture itself may differ from cell to cell: Orbit's say in which they were made.
    return running.session.unpack(content)["data"]["text/plain"]


def displays(running: Running, payload: str, count: int, sleep: float, quiet: float = QUIET) -> Flood:
    expected = samples(running, payload)
    code = running.language.displays.format(count=count, payload=payload)
    flood, contents = collect(running, code, count, sleep, quiet)
    if flood.received == count:
        flood.in_order = all(text(running, content) == expected[i % CYCLE] for i, content in enumerate(contents))
    return flood


def prints(running: Running, count: int, sleep: float) -> Flood:
    """The same for lines of text, which may come joined."""
    flood, contents = collect(running, running.language.prints.format(count=count), count, sleep, kind=b'"stream"')
    lines = "".join(running.session.unpack(content)["text"] for content in contents).splitlines()
    flood.received = len(lines)
    if len(lines) == count:
        flood.in_order = lines == [str(number) for number in range(count)]
    return flood


def collect(
    running: Running, code: str, count: int, sleep: float, quiet: float = QUIET, kind: bytes = b'"display_data"'
) -> tuple[Flood, list[bytes]]:
    """Executes a cell, sleeps, then reads all it published; nothing is decoded before the end."""
    process.forget_peak(running.process)
    resident = process.resident(running.process)
    begin = time.perf_counter()
    request = running.client.execute(code)
    sign = request.encode()
    time.sleep(sleep)
    messages: list[tuple[float, list[bytes]]] = []
    idle_seen = replied = False
    poller = zmq.Poller()
    for socket in (running.shell, running.iopub):
        poller.register(socket, zmq.POLLIN)
    last = time.perf_counter()
    while not (idle_seen and replied):
        events = dict(poller.poll(100))
        now = time.perf_counter()
        if running.iopub in events:
            last = now
            # A handful at a time, so that the reply is not left waiting.
            for _ in range(256):
                try:
                    frames = running.iopub.recv_multipart(zmq.NOBLOCK)
                except zmq.Again:
                    break
                messages.append((time.perf_counter(), frames))
                if len(frames[-1]) < 100 and b'"idle"' in frames[-1] and sign in frames[-3]:
                    idle_seen = True
        if running.shell in events:
            replied = sign in parts(running.shell.recv_multipart())[1]
            last = now
        if now - last > (quiet if replied else max(quiet, 10 * QUIET)) or not running.manager.is_alive():
            break
    arrived: list[tuple[float, bytes]] = []
    wire: list[int] = []
    for moment, frames in messages:
        header, parent, content = parts(frames)
        if kind in header and sign in parent:
            arrived.append((moment, content))
            wire.append(sum(len(frame) for frame in frames))
    seconds = arrived[-1][0] - begin if arrived else 0.0
    pause = max((b[0] - a[0] for a, b in itertools.pairwise(arrived)), default=0.0)
    growth = process.peak(running.process) - resident
    contents = [content for _, content in arrived]
    size = sorted(wire)[len(wire) // 2] if wire else 0
    return Flood(request, count, len(arrived), None, idle_seen, replied, seconds, pause, size, growth), contents


def measures(flood: Flood) -> dict[str, Any]:
    found = {
        "sent": flood.sent, "lost": flood.sent - flood.received, "idle seen": flood.idle_seen,
        "replied": flood.replied, "seconds": flood.seconds, "pause": flood.pause,
        "bytes": flood.message_bytes, "memory growth": flood.memory_growth,
    }  # fmt: skip
    if flood.others:
        found |= {
            "readers": len(flood.others), "lost by readers": sum(flood.sent - seen.shown for seen in flood.others),
            "idle seen by readers": sum(seen.idle for seen in flood.others),
            "pause of readers": max(seen.pause for seen in flood.others),
        }  # fmt: skip
    return found if flood.in_order is None else found | {"in order": flood.in_order}
