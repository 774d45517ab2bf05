"""Subscribers that come while a cell runs: each is welcomed at once, with the kernel's session.

By that session front ends know a kernel from the one that was there before it was started again. With `-s` the
delays are printed; what is asserted of them holds on a machine that works on other things as well.
"""

from __future__ import annotations

import statistics
import time

import pytest
import zmq
from conftest import TIMEOUT, Kernel
from test_lifecycle import ENDLESS, TRAINING, await_published

pytestmark = pytest.mark.alone

SUBSCRIBERS = 8
MEDIAN_SECONDS = 1.0


def welcomed(kernel: Kernel, subscribers: list[zmq.Socket[bytes]], session: str) -> list[float]:
    """The moments at which subscribers to everything got their first welcome."""
    # They have a session of their own each, since they all hear the same messages.
    waiting = {subscriber: kernel.client.session.clone() for subscriber in subscribers}
    moments = []
    while waiting:
        ready, _, _ = zmq.select(list(waiting), [], [], TIMEOUT)
        assert ready, f"{len(waiting)} were not welcomed"
        for subscriber in ready:
            _, message = waiting[subscriber].recv(subscriber)
            if message["msg_type"] == "iopub_welcome":
                moments.append(time.monotonic())
                assert message["content"] == {"subscription": ""}
                assert message["header"]["session"] == session
                del waiting[subscriber]
    return moments


@pytest.mark.parametrize("cell", [ENDLESS, TRAINING], ids=["loop", "training"])
def test_subscribers_are_welcomed_while_a_cell_runs(kernel: Kernel, cell: str) -> None:
    kernel.client.kernel_info()
    session = kernel.client.get_shell_msg(timeout=TIMEOUT)["header"]["session"]
    assert session != kernel.client.session.session
    running = kernel.client.execute(cell)
    await_published(kernel, running, "execute_input" if cell == ENDLESS else "update_display_data")

    # One after the other, as windows are opened; then all at once, as when a server comes back.
    subscribers, delays = [], []
    for _ in range(SUBSCRIBERS):
        begun = time.monotonic()
        subscribers.append(kernel.client.connect_iopub())
        delays += [moment - begun for moment in welcomed(kernel, subscribers[-1:], session)]
    begun = time.monotonic()
    crowd = [kernel.client.connect_iopub() for _ in range(SUBSCRIBERS)]
    together = [moment - begun for moment in welcomed(kernel, crowd, session)]
    for name, seconds in (("one after the other", delays), ("at once", together)):
        print(f"\n{SUBSCRIBERS} subscribers {name}: median {1000 * statistics.median(seconds):.1f} ms, "
              f"most {1000 * max(seconds):.1f} ms", end="")
        assert len(seconds) == SUBSCRIBERS and statistics.median(seconds) < MEDIAN_SECONDS

    for subscriber in subscribers + crowd:
        subscriber.close()
    kernel.manager.interrupt_kernel()
    assert kernel.collect(running).reply["content"]["ename"] == "Interrupted"
