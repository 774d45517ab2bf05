"""Nothing that a cell shows is lost, whoever reads how fast; nothing comes faster than Jupyter's server passes on."""

from __future__ import annotations

import json
import os
import time
from collections import deque
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest
import zmq
from conftest import KERNEL_NAME, kinds
from jupyter_client import BlockingKernelClient, KernelManager

DISPLAYS = 8_000
CELLS = 1_800


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Callable[..., tuple[KernelManager, BlockingKernelClient]]]:
    kernels: list[tuple[KernelManager, BlockingKernelClient]] = []

    def start(**environment: str) -> tuple[KernelManager, BlockingKernelClient]:
        manager = KernelManager(kernel_name=KERNEL_NAME)
        manager.start_kernel(env={**os.environ, **environment}, cwd=str(tmp_path))
        client = manager.client()
        client.start_channels()
        client.wait_for_ready(timeout=30)
        kernels.append((manager, client))
        return manager, client

    yield start
    for manager, client in kernels:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def subscriber(manager: KernelManager, high_water: int = 1_000) -> zmq.Socket[bytes]:
    """One more reader of everything that the kernel publishes."""
    connection = manager.get_connection_info()
    socket = zmq.Context.instance().socket(zmq.SUB)
    socket.setsockopt(zmq.RCVHWM, high_water)
    socket.subscribe(b"")
    socket.connect(f"tcp://{connection['ip']}:{connection['iopub_port']}")
    return socket


def memory(manager: KernelManager) -> int:
    """The proportional share of memory that the kernel takes, in bytes."""
    rollup = Path(f"/proc/{manager.provisioner.pid}/smaps_rollup").read_text()
    return next(int(line.split()[1]) << 10 for line in rollup.splitlines() if line.startswith("Pss:"))


def parent(message: dict[str, Any]) -> str | None:
    """The request that a message comes of."""
    return message["parent_header"].get("msg_id")


def of_cell(client: BlockingKernelClient, cell: str) -> Iterator[tuple[float, dict[str, Any]]]:
    """The messages of a cell up to its idle, with the moments of their arrival."""
    while True:
        message = client.get_iopub_msg(timeout=60)
        if parent(message) != cell:
            continue
        yield time.monotonic(), message
        if message["content"].get("execution_state") == "idle":
            return


def test_a_reader_asleep_for_six_seconds_loses_nothing(started: Any) -> None:
    manager, client = started()
    before = memory(manager)
    cell = client.execute(f"for i in 0..<{DISPLAYS} {{ help(train) }}")
    peak = 0
    wake = time.monotonic() + 6
    while time.monotonic() < wake:
        peak = max(peak, memory(manager))
        time.sleep(0.1)
    kinds = [message["msg_type"] for _, message in of_cell(client, cell)]
    assert kinds.count("display_data") == DISPLAYS
    assert kinds[-1] == "status"
    assert peak - before < 64 << 20


def test_nothing_of_many_cells_is_lost_on_a_reader_asleep(started: Any) -> None:
    """Each cell brings a result, an error or a display, and more waits for the reader than its socket holds."""
    _, client = started()
    cells = [[f"{number} + 1", f"missing{number}", "help(train)"][number % 3] for number in range(CELLS)]
    requests = [client.execute(cell, stop_on_error=False) for cell in cells]
    time.sleep(3)
    own, messages = set(requests), []
    while not messages or (parent(messages[-1]), *kinds(messages[-1:])) != (requests[-1], "idle"):
        message = client.get_iopub_msg(timeout=60)
        # What came of the client's first question may still be there.
        if parent(message) in own:
            messages.append(message)
    shown = ["execute_result", "error", "display_data"]
    expected = [
        (request, kind)
        for number, request in enumerate(requests)
        for kind in ("busy", "execute_input", shown[number % 3], "idle")
    ]
    assert [(parent(message), *kinds([message])) for message in messages] == expected
    contents = [message["content"] for message in messages[2::4]]
    assert [content["data"]["text/plain"] for content in contents[::3]] == [
        f"{number + 1}" for number in range(0, CELLS, 3)
    ]
    assert all(f"'missing{3 * place + 1}'" in content["evalue"] for place, content in enumerate(contents[1::3]))
    replies = [client.get_shell_msg(timeout=60) for _ in requests]
    assert [parent(reply) for reply in replies] == requests
    assert [reply["content"]["status"] for reply in replies] == ["ok", "error", "ok"] * (CELLS // 3)


@pytest.mark.alone
def test_a_stopped_reader_does_not_hold_up_the_others_for_long(started: Any) -> None:
    manager, client = started()
    stopped = subscriber(manager, high_water=1)
    time.sleep(0.3)
    before = memory(manager)
    cell = client.execute(f"for i in 0..<{2 * DISPLAYS} {{ help(train) }}")
    moments, shown, peak = [time.monotonic()], 0, 0
    for moment, message in of_cell(client, cell):
        moments.append(moment)
        shown += message["msg_type"] == "display_data"
        if shown % 500 == 0:
            peak = max(peak, memory(manager))
    assert shown == 2 * DISPLAYS
    assert max(later - earlier for earlier, later in zip(moments, moments[1:])) < 8
    assert peak - before < 64 << 20
    stopped.close(linger=0)


@pytest.mark.alone
@pytest.mark.parametrize(
    "code",
    [
        'for i in 0..<300_000 { print("line \\(i) of many, each as long as lines are in a log") }',
        "for i in 0..<6_000 { help(knn) }",
    ],
    ids=["prints", "displays"],
)
def test_the_limits_of_jupyter_server_are_kept(started: Any, code: str) -> None:
    _, client = started(JPY_SESSION_NAME="notebook.ipynb")
    cell = client.execute(code)
    window: deque[tuple[float, int, int]] = deque()
    text = ""
    for moment, message in of_cell(client, cell):
        if message["msg_type"] in ("status", "execute_input"):
            continue
        size = 0
        if message["msg_type"] == "stream":
            text += message["content"]["text"]
            size = len(json.dumps(message["content"], ensure_ascii=False).encode()) + 500
        window.append((moment, 1, size))
        while window[0][0] < moment - 3:
            window.popleft()
        assert sum(count for _, count, _ in window) <= 3_000
        assert sum(size for _, _, size in window) <= 3_000_000
    if text:
        assert text.startswith("line 0 of many")
        assert text.splitlines()[-1].startswith("line 299999 of many")
        assert "bytes left out" in text


def test_without_a_server_nothing_is_left_out(started: Any) -> None:
    _, client = started()
    cell = client.execute('for i in 0..<300_000 { print("line \\(i)") }')
    text = "".join(
        message["content"]["text"]
        for _, message in of_cell(client, cell)
        if message["msg_type"] == "stream"
    )
    assert text == "".join(f"line {number}\n" for number in range(300_000))
