"""Seven questions that front ends ask while a cell runs, each ten times a second."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import zmq

from .running import Running, parent_of, parts

RATE = 10
ON_CONTROL, ON_SHELL = "kernel_info on control", "kernel_info on shell"
KINDS = [ON_CONTROL, ON_SHELL, "complete", "inspect", "is_complete", "history", "comm_info"]


@dataclass
class Answers:
    """When each question was sent and answered, and what was published meanwhile."""

    sent: dict[str, tuple[str, float]] = field(default_factory=dict)
    answered: dict[str, float] = field(default_factory=dict)
    # Times of iopub's messages of status, with whether they said busy.
    statuses: list[tuple[float, bool]] = field(default_factory=list)
    ended: float | None = None

    def latencies(self, kind: str) -> list[float]:
        return [
            self.answered[request] - before
            for request, (name, before) in self.sent.items()
            if name == kind and request in self.answered
        ]

    @property
    def missing(self) -> int:
        return len(self.sent.keys() - self.answered.keys())

    def share_not_busy(self, begin: float, end: float) -> float:
        """The share of a stretch of time in which the last published status was not busy."""
        state, since, total = True, begin, 0.0
        for moment, busy in self.statuses:
            if begin < moment < end:
                if not state:
                    total += moment - since
                since = moment
            if moment < end:
                state = busy
        return (total + (0 if state else end - since)) / (end - begin)


class Asker:
    """Sends the questions evenly over time, and takes in what comes back."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.answers = Answers()

    def send(self, kind: str) -> None:
        client, language = self.running.client, self.running.language
        before = time.perf_counter()
        match kind:
            case "complete":
                request = client.complete(language.completed)
            case "inspect":
                request = client.inspect(language.inspected)
            case "is_complete":
                request = client.is_complete("(1 +")
            case "history":
                request = client.history(hist_access_type="tail", n=10)
            case "comm_info":
                request = client.comm_info()
            case "kernel_info on shell":
                request = client.kernel_info()
            case _:
                message = self.running.session.msg("kernel_info_request", {})
                client.control_channel.send(message)
                request = message["header"]["msg_id"]
        self.answers.sent[request] = (kind, before)

    def ask(self, seconds: float) -> None:
        """Asks for some seconds."""
        begin = time.perf_counter()
        step = 1 / (RATE * len(KINDS))
        for number in range(int(seconds / step)):
            self.take(until=begin + number * step)
            self.send(KINDS[number % len(KINDS)])
        self.take(until=begin + seconds)

    def take(self, until: float, ending: str | None = None) -> None:
        """Takes in what comes until a time, or until the cell `ending` and all answers are there."""
        running = self.running
        channels = (running.shell, running.control, running.iopub)
        for socket, frames, now in running.arrivals(*channels, until=until):
            self.note(socket, frames, now, ending)
            if ending and self.answers.ended and not self.answers.missing:
                break

    def note(self, socket: zmq.Socket, frames: list[bytes], now: float, ending: str | None) -> None:
        if socket is self.running.iopub:
            header, _, content = parts(frames)
            if b'"status"' in header:
                self.answers.statuses.append((now, b'"busy"' in content))
            return
        request = parent_of(self.running.decoded(frames))
        if request == ending:
            self.answers.ended = now
        elif request in self.answers.sent:
            self.answers.answered[request] = now
