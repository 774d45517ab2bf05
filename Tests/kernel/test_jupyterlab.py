"""The rules by which JupyterLab and Notebook check messages (`validate.ts`), and what they show of a kernel.

They throw on a message that lacks a field, take the session of any message for the kernel's, and show the
status that they saw last.
"""

from __future__ import annotations

import base64
import datetime
import queue
import time
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest
from conftest import KERNEL, TIMEOUT, Kernel, state
from jupyter_client import BlockingKernelClient, KernelManager

# Required fields of contents on iopub; a list is an array to them and an object.
IOPUB_FIELDS: dict[str, dict[str, type]] = {
    "stream": {"name": str, "text": str},
    "display_data": {"data": dict, "metadata": dict},
    "update_display_data": {"data": dict, "metadata": dict, "transient": dict},
    "execute_input": {"code": str, "execution_count": int},
    "execute_result": {"execution_count": int, "data": dict, "metadata": dict},
    "error": {"ename": str, "evalue": str, "traceback": list},
    "status": {"execution_state": str},
    "clear_output": {"wait": bool},
    "comm_open": {"comm_id": str, "target_name": str, "data": dict},
    "comm_msg": {"comm_id": str, "data": dict},
    "comm_close": {"comm_id": str},
    "shutdown_reply": {"restart": bool},
    "iopub_welcome": {"subscription": str},
}
STATES = ("starting", "idle", "busy", "restarting", "dead")

CELLS = [
    'print("out")\nprint("error", to: .standardError)',
    "6 * 7",
    "noSuchName",
    "help(clearOutput)",
    "clearOutput()",
    "clearOutput(wait: true)\nprint(1)",
    "let shapes = Shapes(count: 40, size: 16, seed: 1)\nshow(shapes.train.first(2))",
    "shapes.train",
    "let model = AED(for: shapes, encoder: NIN(widths: [4, 8]), seed: 1)\n"
    "train(model, on: shapes.train, epochs: 1, batch: 20, seed: 1)",
    "plot(train(model, on: shapes.train, epochs: 1, batch: 20, seed: 1))",
    "help(train, pager: true)",
]


def broken_rules(message: dict[str, Any], is_iopub: bool) -> Iterator[str]:
    """What JupyterLab would throw on, and what it would show wrong."""
    kind, content = message["header"].get("msg_type"), message["content"]
    for field in ("username", "version", "session", "msg_id", "msg_type"):
        if not isinstance(message["header"].get(field), str) or not message["header"][field]:
            yield f"{kind}: no header.{field}"
    date = message["header"].get("date")
    if not isinstance(date, datetime.datetime) or date.tzinfo is None:
        yield f"{kind}: header.date is {date!r}"
    for part in ("parent_header", "metadata", "content"):
        if not isinstance(message[part], dict):
            yield f"{kind}: {part} is no object"
    if not is_iopub:
        return
    if kind not in IOPUB_FIELDS:
        yield f"{kind}: not a known type"
    for field, wanted in IOPUB_FIELDS.get(kind, {}).items():
        value = content.get(field)
        if not isinstance(value, wanted) or wanted is int and isinstance(value, bool):
            yield f"{kind}: {field} is {value!r}"
    if kind == "status" and content["execution_state"] not in STATES:
        yield f"status: {content['execution_state']}"
    if kind == "stream" and content["name"] not in ("stdout", "stderr"):
        yield f"stream: {content['name']}"
    if kind == "error" and not all(isinstance(line, str) for line in content["traceback"]):
        yield "error: a line of the traceback is no text"
    if kind == "update_display_data" and not isinstance(content["transient"].get("display_id"), str):
        yield "update_display_data: no display_id"
    yield from broken_data(kind, content.get("data") if "metadata" in content else None)


def broken_data(kind: str, data: dict[str, Any] | None) -> Iterator[str]:
    for mime, value in (data or {}).items():
        if not mime.endswith("json") and not isinstance(value, str):
            yield f"{kind}: {mime} is no text"
        elif mime == "image/png":
            if "\n" in value or not base64.b64decode(value, validate=True).startswith(b"\x89PNG"):
                yield f"{kind}: the picture is not base64 in one line"
    if data is not None and not data.get("text/plain"):
        yield f"{kind}: nothing for those who see no pictures"


class Recorder:
    """A kernel from its very first message on, with everything it sends to one client."""

    def __init__(self, folder: Path) -> None:
        self.manager = KernelManager(kernel_name=KERNEL)
        self.manager.start_kernel(cwd=str(folder))
        self.client: BlockingKernelClient = self.manager.client()
        self.client.start_channels()
        self.iopub: list[dict[str, Any]] = []
        self.replies: list[dict[str, Any]] = []

    def hears(self, is_last: Callable[[dict[str, Any]], bool], seconds: float = TIMEOUT) -> bool:
        """Records what is published up to a message; whether that came in time."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            try:
                message = self.client.get_iopub_msg(timeout=left)
            except queue.Empty:
                return False
            self.iopub.append(message)
            if is_last(message):
                return True
        return False

    def idle(self, request: str) -> None:
        assert self.hears(lambda m: state(m) == "idle" and m["parent_header"].get("msg_id") == request)

    def asks(self, request: str) -> None:
        """Records the reply on shell to a request and everything published for it."""
        self.replies.append(self.client.get_shell_msg(timeout=TIMEOUT))
        assert self.replies[-1]["parent_header"]["msg_id"] == request
        self.idle(request)

    def controls(self, kind: str, content: dict[str, Any]) -> None:
        message = self.client.session.msg(kind, content)
        self.client.control_channel.send(message)
        self.replies.append(self.client.get_control_msg(timeout=TIMEOUT))

    def tells(self, kind: str, content: dict[str, Any]) -> None:
        """Sends a message on shell that has no reply."""
        message = self.client.session.msg(kind, content)
        self.client.shell_channel.send(message)
        self.idle(message["header"]["msg_id"])


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorder]:
    """A whole session with every kind of output, from its start to its end."""
    recorder = Recorder(tmp_path_factory.mktemp("session"))
    client = recorder.client
    try:
        # What is published before the subscription has arrived, nobody hears.
        assert recorder.hears(lambda message: message["msg_type"] == "iopub_welcome")
        recorder.asks(client.kernel_info())
        for cell in CELLS:
            recorder.asks(client.execute(cell, allow_stdin=False, stop_on_error=False))
        question = client.execute('input("who? ")', allow_stdin=True)
        recorder.replies.append(client.get_stdin_msg(timeout=TIMEOUT))
        client.input("me")
        recorder.asks(question)
        recorder.asks(client.complete("tr", 2))
        recorder.asks(client.inspect("train", 5))
        recorder.asks(client.is_complete("1 +"))
        recorder.asks(client.history(hist_access_type="tail", n=3))
        recorder.asks(client.comm_info())
        recorder.tells("comm_open", {"comm_id": "c", "target_name": "nobody", "data": {}})
        recorder.tells("nonsense_request", {})
        recorder.controls("kernel_info_request", {})
        recorder.controls("interrupt_request", {})
        recorder.controls("shutdown_request", {"restart": False})
        recorder.hears(lambda message: message["msg_type"] == "shutdown_reply", seconds=3)
        yield recorder
    finally:
        client.stop_channels()
        recorder.manager.shutdown_kernel(now=True)


def test_the_session_has_every_kind(session: Recorder) -> None:
    heard = {message["msg_type"] for message in session.iopub}
    assert heard >= {
        "iopub_welcome", "status", "stream", "display_data", "update_display_data", "execute_input",
        "execute_result", "error", "clear_output", "comm_close", "shutdown_reply",
    }
    assert {state(message) for message in session.iopub} >= {"starting", "busy", "idle"}
    assert {reply["msg_type"] for reply in session.replies} == {
        "kernel_info_reply", "execute_reply", "input_request", "complete_reply", "inspect_reply",
        "is_complete_reply", "history_reply", "comm_info_reply", "interrupt_reply", "shutdown_reply",
    }


def test_every_message_has_its_fields(session: Recorder) -> None:
    messages = [(message, True) for message in session.iopub] + [(reply, False) for reply in session.replies]
    assert [rule for message in messages for rule in broken_rules(*message)] == []


def test_the_rules_notice_what_is_missing(session: Recorder) -> None:
    """The check of the check: every field of every kind, taken away."""
    for kind, fields in IOPUB_FIELDS.items():
        for message in [m for m in session.iopub if m["msg_type"] == kind][:1]:
            for field in fields:
                content = {name: value for name, value in message["content"].items() if name != field}
                broken = message | {"content": content}
                try:
                    assert list(broken_rules(broken, True)), f"{kind} without {field}"
                except KeyError as error:
                    assert error.args == (field,)


def test_one_session_and_one_version(session: Recorder) -> None:
    """A message of another session makes JupyterLab forget what it awaits of this one."""
    headers = [message["header"] for message in session.iopub + session.replies]
    assert len({header["session"] for header in headers}) == 1
    assert headers[0]["session"] != session.client.session.session
    assert {header["version"] for header in headers} == {session.replies[0]["content"]["protocol_version"]}
    assert len({header["msg_id"] for header in headers}) == len(headers)


def test_starting_comes_once_and_first(session: Recorder) -> None:
    states = [state(message) for message in session.iopub if message["msg_type"] == "status"]
    assert states[0] == "starting" and states.count("starting") == 1


def test_every_request_is_busy_once_and_then_idle(session: Recorder) -> None:
    by_parent: dict[str, list[str]] = {}
    for message in session.iopub:
        if message["msg_type"] == "status" and message["parent_header"]:
            by_parent.setdefault(message["parent_header"]["msg_id"], []).append(state(message))
    # Control requests are told as well; the shutdown may end before its idle.
    assert len(by_parent) >= len(CELLS) + 9
    assert [states for states in by_parent.values() if states not in (["busy", "idle"], ["busy"])] == []
    assert sum(states == ["busy"] for states in by_parent.values()) <= 1


def test_status_is_never_idle_while_a_cell_runs(shared_kernel: Kernel) -> None:
    """Whoever shows the last status sees busy all through the run, whatever is asked meanwhile."""
    client = shared_kernel.client
    running = client.execute('print("begun")\nwhile true { }')
    while client.get_iopub_msg(timeout=TIMEOUT)["msg_type"] != "stream":
        pass
    shell = {
        "complete_request": {"code": "tr", "cursor_pos": 2},
        "inspect_request": {"code": "train", "cursor_pos": 5, "detail_level": 0},
        "is_complete_request": {"code": "1 +"},
        "history_request": {"hist_access_type": "tail", "n": 1, "raw": True, "output": False},
        "kernel_info_request": {}, "comm_info_request": {}, "nonsense_request": {},
        "comm_open": {"comm_id": "c", "target_name": "nobody", "data": {}},
        "comm_msg": {"comm_id": "gone", "data": {}},
    }
    control = {"kernel_info_request": {}, "usage_request": {}, "nonsense_request": {}}
    asked: dict[str, str] = {}
    for _ in range(20):
        for channel, kinds in ((client.shell_channel, shell), (client.control_channel, control)):
            for kind, content in kinds.items():
                message = client.session.msg(kind, content)
                asked[message["header"]["msg_id"]] = kind
                channel.send(message)
    waiting = set(asked)
    idles: list[str] = []
    after_idle: list[tuple[str, str]] = []
    while waiting or len(after_idle) < len(idles):
        message = client.get_iopub_msg(timeout=TIMEOUT)
        parent = message["parent_header"].get("msg_id", "")
        if len(after_idle) < len(idles):
            after_idle.append((state(message) or message["msg_type"], parent))
        if state(message) == "idle":
            idles.append(asked.get(parent, "the cell"))
            waiting.discard(parent)
    # Directly behind each idle the cell's busy, so that nothing else can be shown in between.
    assert set(after_idle) == {("busy", running)}
    assert sorted(idles) == sorted(asked.values())
    shared_kernel.manager.interrupt_kernel()
    assert reply_to(shared_kernel, running)["ename"] == "Interrupted"


def reply_to(kernel: Kernel, request: str) -> dict[str, Any]:
    while True:
        reply = kernel.client.get_shell_msg(timeout=TIMEOUT)
        if reply["parent_header"]["msg_id"] == request:
            return reply["content"]
