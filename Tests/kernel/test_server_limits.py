"""The limits of jupyter_server, which passes on what a kernel publishes.

In any three seconds at most 3,000 messages and 3,000,000 bytes of printed text, or it drops what is over
with a warning. The floods are measured twice: as a subscriber sees them that reads at once, and through a
real server and its websocket, where nothing may be missing and no warning may come.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Iterator

import pytest
import websocket
from conftest import KERNEL, Kernel

pytestmark = pytest.mark.alone

WINDOW, MESSAGES, BYTES = 3.0, 3_000, 3_000_000
# Messages that the server does not count.
UNCOUNTED = ("status", "execute_input", "comm_open")

SHORT_LINES = "for i in 0..<50_000 { print(i) }"
EXPECTED_LINES = "".join(f"{i}\n" for i in range(50_000))


@dataclass
class Flood:
    """What a cell published: its moments, and what they add up to."""

    arrivals: list[tuple[float, int]] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, message: dict[str, Any], moment: float, size: int) -> None:
        kind = message["header"]["msg_type"]
        self.counts[kind] = self.counts.get(kind, 0) + 1
        if kind == "stream":
            name = message["content"]["name"]
            self.texts[name] = self.texts.get(name, "") + message["content"]["text"]
        if kind not in UNCOUNTED:
            self.arrivals.append((moment, size if kind == "stream" else 0))

    def fullest(self) -> tuple[int, int]:
        """The most messages and the most bytes of any window."""
        first = size = messages = most = 0
        for last, (moment, bytes_) in enumerate(self.arrivals):
            size += bytes_
            while self.arrivals[first][0] <= moment - WINDOW:
                size -= self.arrivals[first][1]
                first += 1
            messages, most = max(messages, last - first + 1), max(most, size)
        return messages, most


def measured(kernel: Kernel, cell: str) -> Flood:
    """Runs a cell while its outputs are read at once, straight from the socket."""
    client = kernel.client
    socket_, session = client.iopub_channel.socket, client.session
    request = client.execute(cell)
    flood = Flood()
    raw: list[tuple[float, list[bytes]]] = []
    while not raw or b'"idle"' not in raw[-1][1][-1] or request.encode() not in raw[-1][1][-3]:
        assert socket_.poll(60_000), "nothing more comes"
        raw.append((time.monotonic(), socket_.recv_multipart()))
    for moment, frames in raw:
        _, parts = session.feed_identities(frames)
        message = session.deserialize(parts)
        if message["parent_header"].get("msg_id") == request:
            flood.add(message, moment, sum(map(len, parts[1:])))
    assert client.get_shell_msg(timeout=60)["content"]["status"] == "ok"
    return flood


def check_limits(flood: Flood) -> None:
    messages, bytes_ = flood.fullest()
    print(f"in {WINDOW:.0f} s at most {messages} messages and {bytes_:,} bytes")
    assert messages <= MESSAGES and bytes_ <= BYTES


# A real server.


class Server:
    """jupyter_server without a browser, and one kernel of it behind a websocket."""

    def __init__(self, folder: Path, has_notebook: bool = True) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.token = secrets.token_hex(16)
        command = [sys.executable, "-m", "jupyter_server", "--no-browser", "--ServerApp.ip=127.0.0.1"]
        command += [f"--ServerApp.port={self.port}", "--ServerApp.port_retries=0", "--allow-root"]
        command += [f"--IdentityProvider.token={self.token}", f"--ServerApp.root_dir={folder}"]
        command += ["--ServerApp.terminals_enabled=False"]
        environment = os.environ | {
            "JUPYTER_CONFIG_DIR": str(folder / "config"), "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
            "JUPYTER_NO_CONFIG": "1",
        }
        self.log = (folder / "server.log").open("w")
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log, env=environment)
        self.socket: websocket.WebSocket | None = None
        for _ in range(300):
            try:
                self.asks("GET", "/api")
                break
            except OSError:
                assert self.process.poll() is None, (folder / "server.log").read_text()
                time.sleep(0.1)
        notebook = {"path": "notebook.ipynb", "name": "notebook.ipynb", "type": "notebook", "kernel": {"name": KERNEL}}
        if has_notebook:
            # As front ends do.
            self.kernel = self.asks("POST", "/api/sessions", notebook)["kernel"]["id"]
        else:
            # As programs do, and dashboards.
            self.kernel = self.asks("POST", "/api/kernels", {"name": KERNEL, "path": ""})["id"]
        address = f"ws://127.0.0.1:{self.port}/api/kernels/{self.kernel}/channels?token={self.token}"
        self.socket = websocket.create_connection(address, timeout=60)

    def asks(self, method: str, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {self.token}"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def sends(self, kind: str, content: dict[str, Any], channel: str = "shell") -> str:
        header = {
            "msg_id": uuid.uuid4().hex, "msg_type": kind, "session": "test", "username": "test",
            "version": "5.4", "date": "2026-01-01T00:00:00Z",
        }
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
        assert self.socket is not None
        self.socket.send(json.dumps(message | {"channel": channel, "buffers": []}))
        return header["msg_id"]

    def execute(self, cell: str) -> str:
        options = {"silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False}
        return self.sends("execute_request", {"code": cell, "stop_on_error": True} | options)

    def receives(self, seconds: float) -> Iterator[dict[str, Any]]:
        """What the server passes on within some time; its pings do not count."""
        end = time.monotonic() + seconds
        assert self.socket is not None
        while (left := end - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                kind, data = self.socket.recv_data(control_frame=True)
            except websocket.WebSocketTimeoutException:
                return
            if kind == websocket.ABNF.OPCODE_TEXT:
                yield json.loads(data)

    def awaits_kernel(self) -> None:
        """Waits until the kernel's outputs arrive, as JupyterLab does after a restart.

        The server's sockets find the new process in their own time; what it publishes before is lost.
        """
        for _ in range(60):
            question = self.sends("kernel_info_request", {})
            for message in self.receives(1):
                mine = message["parent_header"].get("msg_id") == question
                if mine and message["content"].get("execution_state") == "idle":
                    return
        pytest.fail("the restarted kernel is not heard")

    def messages(self, request: str) -> Iterator[dict[str, Any]]:
        """What the server passes on of a request, up to its idle and its reply."""
        ends = set()
        received = self.receives(60)
        while len(ends) < 2:
            message = next(received, None)
            if message is None:
                pytest.fail(f"the server passes on {ends or 'neither reply nor idle'} and nothing more")
            if message["parent_header"].get("msg_id") != request:
                continue
            yield message
            if message["channel"] == "shell":
                ends.add("reply")
            elif message["content"].get("execution_state") == "idle":
                ends.add("idle")

    def flood(self, cell: str) -> Flood:
        flood = Flood()
        for message in self.messages(self.execute(cell)):
            flood.add(message, 0, 0)
        return flood

    def stop(self) -> None:
        if self.socket is not None:
            self.socket.close()
        self.process.terminate()
        self.process.wait(timeout=20)
        self.log.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("server"))
    yield server
    server.stop()


def check_no_warning(flood: Flood) -> None:
    """The server's own words when it drops something, which it says on the cell's stderr."""
    assert "rate exceeded" not in flood.texts.get("stderr", "")


def test_short_lines_stay_under_the_limits(shared_kernel: Kernel) -> None:
    flood = measured(shared_kernel, SHORT_LINES)
    assert flood.texts["stdout"] == EXPECTED_LINES
    check_limits(flood)


def test_short_lines_pass_the_server(server: Server) -> None:
    flood = server.flood(SHORT_LINES)
    check_no_warning(flood)
    assert flood.texts["stdout"] == EXPECTED_LINES


def test_a_thousand_displays_pass_the_server(server: Server) -> None:
    flood = server.flood("for i in 0..<1_000 { help(clearOutput) }")
    check_no_warning(flood)
    assert flood.counts["display_data"] == 1_000


def test_a_kernel_without_a_notebook_passes_the_server(tmp_path: Path) -> None:
    server = Server(tmp_path, has_notebook=False)
    try:
        flood = server.flood("for i in 0..<5_000 { help(clearOutput) }")
        check_no_warning(flood)
        assert flood.counts["display_data"] == 5_000
    finally:
        server.stop()


def test_the_server_says_which_notebook_it_is(server: Server) -> None:
    """The kernel was started for `notebook.ipynb`; nobody but the server told it so."""
    server.flood("1")
    folders = [path.parent for path in server.folder.rglob("workspace.sqlite")]
    assert folders == [server.folder / ".orbit/notebook"]


def test_a_training_panel_is_calm(shared_kernel: Kernel) -> None:
    flood = measured(
        shared_kernel,
        "let shapes = Shapes(count: 64, size: 16, seed: 1)\n"
        "let model = AED(for: shapes, encoder: NIN(widths: [4, 8]), seed: 1)\n"
        "let run = train(model, on: shapes.train, epochs: 150, batch: 16, seed: 1)",
    )
    check_limits(flood)
    seconds = flood.arrivals[-1][0] - flood.arrivals[0][0]
    assert flood.counts["display_data"] == 1
    # Four a second, and some for a reader that was late at first.
    assert 2 <= flood.counts["update_display_data"] <= 4 * seconds + 5


def test_the_measure_notices_a_flood() -> None:
    """The check of the check: messages and bytes just over the limits, and just under them."""
    header = {"header": {"msg_type": "stream"}, "content": {"name": "stdout", "text": ""}}
    for count, every, size, fullest in [
        (4_000, 0.0005, 10, (4_000, 40_000)), (4_000, 0.002, 10, (1_500, 15_000)),
        (100, 0.01, 40_000, (100, 4_000_000)), (100, 0.1, 40_000, (30, 1_200_000)),
    ]:
        flood = Flood()
        for number in range(count):
            flood.add(header, number * every, size)
        assert all(abs(a - b) <= b * 0.04 for a, b in zip(flood.fullest(), fullest))


# What else a server does with a kernel.


def test_the_server_sees_a_busy_kernel_that_is_asked(server: Server) -> None:
    request = server.execute('print("begun")\nwhile true { }')
    messages = server.messages(request)
    while next(messages)["header"]["msg_type"] != "stream":
        pass
    for _ in range(10):
        question = server.sends("complete_request", {"code": "tr", "cursor_pos": 2})
        for _ in server.messages(question):
            pass
        assert server.asks("GET", f"/api/kernels/{server.kernel}")["execution_state"] == "busy"
    server.asks("POST", f"/api/kernels/{server.kernel}/interrupt", {})
    replies = [message for message in messages if message["channel"] == "shell"]
    assert [reply["content"]["ename"] for reply in replies] == ["Interrupted"]
    assert server.asks("GET", f"/api/kernels/{server.kernel}")["execution_state"] == "idle"


def test_the_server_restarts_and_ends_a_kernel(tmp_path: Path) -> None:
    server = Server(tmp_path)
    try:
        assert server.flood("let mine = 1").counts.get("error") is None
        server.asks("POST", f"/api/kernels/{server.kernel}/restart", {})
        server.awaits_kernel()
        assert server.flood("mine").counts["error"] == 1
        assert server.flood("6 * 7").counts["execute_result"] == 1
        server.asks("DELETE", f"/api/kernels/{server.kernel}")
        with pytest.raises(urllib.error.HTTPError):
            server.asks("GET", f"/api/kernels/{server.kernel}")
    finally:
        server.stop()
