"""Clients that send too much: a frame without end, and one message again and again.

They hold the key, or recorded what one sent who holds it; the kernel and its other clients go on all the same.
"""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Iterator

import pytest
import zmq
from conftest import TIMEOUT, Kernel, state
from test_specification import Line
from zmq.utils.monitor import recv_monitor_message

pytestmark = pytest.mark.alone

# The largest frame that the kernel reads.
LARGEST = 256 << 20
# What it may grow by on the way, and how soon it has to serve others.
ROOM, SOON = 64 << 20, 3.0
REPLAYS = 10_000
SUBSCRIPTIONS = 100_000


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log.txt"


@pytest.fixture
def line(tmp_path: Path, log: Path) -> Iterator[Line]:
    """A kernel whose log is kept, with a cell that counts how often it ran."""
    with log.open("w") as stderr:
        kernel = Kernel(tmp_path, stderr=stderr)
        kernel.run("var count = 0")
        yield Line(kernel)
        kernel.stop()


@pytest.fixture
def stranger(line: Line) -> Iterator[zmq.Socket[bytes]]:
    """A socket of another client on the shell channel."""
    with line.client.connect_shell() as socket:
        yield socket


def counting(line: Line, buffers: list[bytes] | None = None) -> list[bytes]:
    """The frames of a signed message that has the kernel count once more."""
    session = line.client.session
    content = {"code": "count += 1", "allow_stdin": False}
    return session.serialize(session.msg("execute_request", content)) + (buffers or [])


def counted(line: Line) -> int:
    """How often the kernel counted; it has to say so soon."""
    begun = time.monotonic()
    answer = line.run("count")
    assert time.monotonic() - begun < SOON
    return int(answer.published[2]["content"]["data"]["text/plain"])


def peak(line: Line) -> int:
    """The most memory that the kernel had so far, in bytes."""
    status = Path(f"/proc/{line.kernel.manager.provisioner.pid}/status").read_text()
    (kilobytes,) = re.findall(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    return int(kilobytes) << 10


def await_event(monitor: zmq.Socket[bytes], event: int) -> None:
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline:
        if monitor.poll(100) and recv_monitor_message(monitor)["event"] == event:
            return
    pytest.fail(f"{event!r} did not come")


def await_rejections(line: Line, count: int) -> None:
    """Waits until the kernel dropped so many messages, and no more."""
    deadline = time.monotonic() + TIMEOUT
    while (rejected := line.rejected()) < count:
        assert time.monotonic() < deadline, f"{rejected} messages were dropped"
        time.sleep(0.01)
    assert rejected == count


def logged(log: Path) -> list[str]:
    """The lines about messages that came again."""
    return [line for line in log.read_text().splitlines() if "it was received before" in line]


def test_a_frame_beyond_the_limit_costs_its_sender_the_connection(line: Line, stranger: zmq.Socket[bytes]) -> None:
    stranger.send_multipart(counting(line, [bytes(1 << 20)]))
    assert stranger.poll(TIMEOUT * 1000)
    stranger.recv_multipart()
    assert counted(line) == 1
    before = peak(line)
    with stranger.get_monitor_socket(zmq.EVENT_DISCONNECTED | zmq.EVENT_CONNECTED) as monitor:
        # Zeros that nobody looked at take no memory here.
        stranger.send_multipart(counting(line, [bytes(LARGEST + 1)]), copy=False)
        await_event(monitor, zmq.EVENT_DISCONNECTED)
        assert counted(line) == 1
        assert peak(line) - before < ROOM
        # What is wrong is the message, not who sent it.
        await_event(monitor, zmq.EVENT_CONNECTED)
        stranger.disable_monitor()
    stranger.send_multipart(counting(line))
    assert stranger.poll(TIMEOUT * 1000)
    assert counted(line) == 2


def test_a_message_that_comes_ten_thousand_times_more_is_taken_once(
    line: Line, stranger: zmq.Socket[bytes], log: Path
) -> None:
    rejected, number = line.rejected(), line.run("0").content["execution_count"]
    frames = counting(line)
    begun = time.monotonic()
    for _ in range(1 + REPLAYS):
        stranger.send_multipart(frames)
    await_rejections(line, rejected + REPLAYS)
    seconds = time.monotonic() - begun
    print(f"\n{REPLAYS:,} messages that came again were dropped in {seconds:.2f} s", end="")
    assert stranger.poll(TIMEOUT * 1000)
    stranger.recv_multipart()
    assert counted(line) == 1 and not stranger.poll(0)
    # The message was one cell, asking for the count the second, this the third.
    assert line.run("0").content["execution_count"] == number + 3

    # One line a second, and the next one tells how many it stands for.
    lines = logged(log)
    assert 1 <= len(lines) <= seconds + 1
    time.sleep(1.1)
    stranger.send_multipart(frames)
    await_rejections(line, rejected + REPLAYS + 1)
    assert len(logged(log)) == len(lines) + 1
    more = [re.search(r" \(and (\d+) more such since the last line\)$", text) for text in logged(log)]
    assert sum(1 + int(match[1]) if match else 1 for match in more) == REPLAYS + 1


def test_subscriptions_without_end_hold_up_nobody(line: Line) -> None:
    """A subscriber needs no key; this one asks for topic after topic and reads no welcome.

    It is a reader asleep, past whom others get what is published after a few seconds; replies do not wait for it.
    """
    before, slowest, requests = peak(line), 0.0, []
    with zmq.Context.instance().socket(zmq.XSUB) as flood:
        flood.linger = 0
        flood.connect(line.client._make_url("iopub"))
        for number in range(SUBSCRIPTIONS):
            flood.send(b"\x01topic %d" % number)
            if number % 10_000 == 0:
                begun = time.monotonic()
                requests.append(line.send("kernel_info_request", {}, "control")["msg_id"])
                assert line.reply("control")["parent_header"]["msg_id"] == requests[-1]
                slowest = max(slowest, time.monotonic() - begun)
        for request in requests:
            assert [state(message) for message in line.published(request)] == ["busy", "idle"]
        print(f"\nthe slowest of {len(requests)} answers meanwhile took {1e3 * slowest:.0f} ms, the kernel "
              f"took {(peak(line) - before) / 1e6:.0f} MB more", end="")
        assert slowest < SOON and peak(line) - before < ROOM
    assert line.run("count").published[2]["content"]["data"]["text/plain"] == "0"
