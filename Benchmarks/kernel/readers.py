"""Readers beside the client's own: some that read at once, and one that is stopped.

    python -m kernel.readers ADDRESS COUNT

It connects so many subscribers to iopub, reads them until its input ends, and prints what each has seen.
"""

from __future__ import annotations

import json
import os
import pathlib
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from typing import IO

import zmq

from .running import Running, parts

# What is under way when the reading ends may take so long to arrive.
LINGER = 0.5


@dataclass
class Seen:
    """What one reader saw of one cell."""

    shown: int = 0
    idle: bool = False
    # The longest time between two outputs, and when the last one came.
    pause: float = 0
    last: float | None = None


class Readers:
    """Subscribers in a process of their own, which begin to read at once."""

    def __init__(self, running: Running, count: int) -> None:
        information = running.manager.get_connection_info()
        address = f"tcp://{information['ip']}:{information['iopub_port']}"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "kernel.readers", address, str(count)], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, cwd=pathlib.Path(__file__).resolve().parent.parent,
        )  # fmt: skip
        self.process.stdout.readline()
        time.sleep(0.3)

    def halt(self) -> None:
        """Stops them, as with SIGSTOP by a debugger or a laptop's lid; they do not come back."""
        os.kill(self.process.pid, signal.SIGSTOP)

    def seen(self, request: str) -> list[Seen]:
        """Ends the reading; gives what each has seen of a cell."""
        output, _ = self.process.communicate("")
        return [Seen(**reader.get(request, {})) for reader in json.loads(output)]

    def close(self) -> None:
        self.process.kill()
        self.process.wait()


def read(address: str, count: int, end: IO[str]) -> list[dict[bytes, Seen]]:
    """What each of some subscribers sees of each cell, by its parent header."""
    context, poller = zmq.Context(), zmq.Poller()
    seen: dict[zmq.Socket, dict[bytes, Seen]] = {}
    for _ in range(count):
        socket = context.socket(zmq.SUB)
        socket.connect(address)
        socket.subscribe(b"")
        poller.register(socket, zmq.POLLIN)
        seen[socket] = {}
    poller.register(end, zmq.POLLIN)
    print("connected", flush=True)
    deadline = None
    while deadline is None or time.perf_counter() < deadline:
        events = dict(poller.poll(100))
        if end.fileno() in events:
            poller.unregister(end)
            deadline = time.perf_counter() + LINGER
        for socket in seen.keys() & events.keys():
            take(socket, seen[socket])
            deadline = deadline and time.perf_counter() + LINGER
    return list(seen.values())


def take(socket: zmq.Socket, cells: dict[bytes, Seen]) -> None:
    """Takes in what has arrived; a handful at a time, so that the other readers are not left waiting."""
    for _ in range(64):
        try:
            frames = socket.recv_multipart(zmq.NOBLOCK)
        except zmq.Again:
            return
        header, parent, content = parts(frames)
        cell = cells.setdefault(parent, Seen())
        if b'"display_data"' in header:
            now = time.perf_counter()
            cell.pause = max(cell.pause, now - (cell.last or now))
            cell.shown, cell.last = cell.shown + 1, now
        elif len(content) < 100 and b'"idle"' in content:
            cell.idle = True


if __name__ == "__main__":
    readers = read(sys.argv[1], int(sys.argv[2]), sys.stdin)
    print(json.dumps([
        {(json.loads(parent) or {}).get("msg_id", ""): asdict(seen) for parent, seen in cells.items()}
        for cells in readers
    ]))  # fmt: skip
