"""A real Orbit kernel behind a real Jupyter client, for the tests in this folder.

The kernel is the one that `make` installed into the environment this Python runs in. Fixtures:

`orbit`     starts as many kernels as a test asks for: `kernel = orbit()`
`kernel`    one fresh kernel for one test
`shared_kernel`   one kernel for all tests of a module, for tests that leave it as it was

Every message that a client receives is held against the schema of its type (`schemas.py`); a test that made
a kernel send another fails, whatever it is about.
"""

from __future__ import annotations

import os
import queue
import re
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Iterator

import frames
import pytest
from jupyter_client import BlockingKernelClient, KernelManager
from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

RECORDER = frames.Recorder()
RECORDER.hook()

KERNEL_NAME = "orbit"
ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def plain(text: str) -> str:
    """The text without terminal colours."""
    return ANSI.sub("", text)


@dataclass
class Execution:
    """What one execute request brought back: its reply, and everything published for it."""

    reply: dict[str, Any]
    messages: list[dict[str, Any]] = field(default_factory=list)

    @property
    def status(self) -> str:
        return self.reply["content"]["status"]

    def of_type(self, *types: str) -> list[dict[str, Any]]:
        return [message for message in self.messages if message["msg_type"] in types]

    @property
    def outputs(self) -> list[dict[str, Any]]:
        """The messages a front end shows, in order; what a display_id was updated to is in place."""
        shown: list[dict[str, Any]] = []
        by_display: dict[str, list[dict[str, Any]]] = {}
        for message in self.messages:
            kind, content = message["msg_type"], message["content"]
            display = content.get("transient", {}).get("display_id")
            if kind == "update_display_data":
                for output in by_display.get(display, []):
                    output["content"] = content
            elif kind in ("stream", "display_data", "execute_result", "error"):
                output = {"type": kind, "content": content}
                shown.append(output)
                if display is not None:
                    by_display.setdefault(display, []).append(output)
        return shown

    @property
    def stdout(self) -> str:
        return "".join(
            message["content"]["text"]
            for message in self.of_type("stream")
            if message["content"]["name"] == "stdout"
        )

    @property
    def result(self) -> str | None:
        """The plain text of the cell's result, `None` when it has none."""
        results = self.of_type("execute_result")
        return results[-1]["content"]["data"]["text/plain"] if results else None

    @property
    def errors(self) -> list[dict[str, Any]]:
        return [message["content"] for message in self.of_type("error")]

    @property
    def error_text(self) -> str:
        """Name, value and traceback of every error, as a person reads them."""
        return "\n".join(
            plain("\n".join([error["ename"] + ": " + error["evalue"], *error["traceback"]]))
            for error in self.errors
        )


class Kernel:
    """A running kernel and a blocking client on its five channels."""

    def __init__(self, folder: Path, name: str = KERNEL_NAME, **start: Any) -> None:
        self.folder = folder
        self.manager = KernelManager(kernel_name=name)
        self.manager.start_kernel(cwd=str(folder), **start)
        self.client: BlockingKernelClient = self.manager.client()
        self.client.start_channels()
        try:
            self.client.wait_for_ready(timeout=60)
        except BaseException:
            self.stop()
            raise

    def execute(self, code: str, timeout: float = 120, **options: Any) -> Execution:
        """Executes a cell and waits for its reply and for idle."""
        options.setdefault("allow_stdin", False)
        return self.collect(self.client.execute(code, **options), timeout)

    def run(self, code: str, timeout: float = 120) -> Execution:
        """Executes a cell that has to succeed."""
        execution = self.execute(code, timeout)
        assert execution.status == "ok", f"{code}\n{execution.error_text or execution.reply['content']}"
        return execution

    def collect(self, request: str, timeout: float = 120) -> Execution:
        """Waits for the reply to a request that was sent, and for idle."""
        end = time.monotonic() + timeout
        messages = []
        while True:
            message = self._next(self.client.get_iopub_msg, request, end, "idle")
            if message["parent_header"].get("msg_id") != request:
                continue
            if message["msg_type"] == "status":
                if message["content"]["execution_state"] == "idle":
                    break
            messages.append(message)
        while True:
            reply = self._next(self.client.get_shell_msg, request, end, "reply")
            if reply["parent_header"].get("msg_id") == request:
                return Execution(reply, messages)

    def _next(
        self, receive: Callable[..., dict[str, Any]], request: str, end: float, what: str
    ) -> dict[str, Any]:
        while True:
            try:
                return receive(timeout=max(0.01, min(1.0, end - time.monotonic())))
            except queue.Empty:
                if not self.manager.is_alive():
                    pytest.fail(f"the kernel's process ended: no {what} for {request}", pytrace=False)
                if time.monotonic() >= end:
                    pytest.fail(f"no {what} in time for {request}", pytrace=False)

    def stop(self) -> None:
        self.client.stop_channels()
        if self.manager.has_kernel:
            self.manager.shutdown_kernel(now=False)
        self.manager.cleanup_resources()


@pytest.fixture(scope="session", autouse=True)
def installed_kernel() -> None:
    """Fails early when the kernel that would start is not the one `make` installed here."""
    try:
        folder = Path(KernelSpecManager().get_kernel_spec(KERNEL_NAME).resource_dir)
    except NoSuchKernel:
        pytest.exit("no kernel named 'orbit' is installed here; run `make kernel` first", 2)
    if Path(sys.prefix).resolve() not in folder.resolve().parents:
        pytest.exit(f"the kernel at {folder} is not this environment's; run `make kernel` first", 2)


@pytest.fixture(scope="session")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library through which a kernel's writes can fail."""
    import faulty

    return faulty.library(tmp_path_factory.mktemp("library"))


@pytest.fixture(autouse=True)
def every_message_fits() -> Iterator[frames.Recorder]:
    """What the fixtures of a whole file received is held against their first test, or the next one."""
    yield RECORDER
    faults, RECORDER.faults = RECORDER.faults, []
    if faults:
        pytest.fail("\n".join(["the kernel sent what its schema refuses:", *faults[:10]]), pytrace=False)


@pytest.fixture(scope="module")
def orbit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Kernel]]:
    kernels: list[Kernel] = []

    def start(**options: Any) -> Kernel:
        kernel = Kernel(tmp_path_factory.mktemp("workspace"), **options)
        kernels.append(kernel)
        return kernel

    yield start
    for kernel in kernels:
        kernel.stop()


@pytest.fixture
def kernel(tmp_path: Path) -> Iterator[Kernel]:
    kernel = Kernel(tmp_path)
    yield kernel
    kernel.stop()


@pytest.fixture(scope="module")
def shared_kernel(orbit: Callable[..., Kernel]) -> Kernel:
    return orbit()


KERNEL = os.environ.get("ORBIT_KERNEL_NAME", "orbit")
TIMEOUT = 30


class Session:
    """A kernel and a client, with the few things that the tests do over and over."""

    def __init__(self, manager, client):
        self.manager = manager
        self.client = client

    def reply(self, request):
        """The answer on shell to a request."""
        while True:
            message = self.client.get_shell_msg(timeout=TIMEOUT)
            if message["parent_header"].get("msg_id") == request:
                return message

    def published(self, request):
        """Everything published for a request, up to and with its idle."""
        messages = []
        while True:
            message = self.client.get_iopub_msg(timeout=TIMEOUT)
            if message["parent_header"].get("msg_id") != request:
                continue
            messages.append(message)
            if state(message) == "idle":
                return messages

    def until(self, request, kind):
        """Waits for a published message of a type."""
        while True:
            message = self.client.get_iopub_msg(timeout=TIMEOUT)
            if message["parent_header"].get("msg_id") == request and message["msg_type"] == kind:
                return message

    def run(self, code, **options):
        """The content of the reply to a cell, and what it published."""
        request = self.client.execute(code, **options)
        reply = self.reply(request)
        return reply["content"], self.published(request)

    def control(self, kind, content=None):
        """Sends a request on control and returns the answer."""
        message = self.client.session.msg(kind, content or {})
        self.client.control_channel.send(message)
        while True:
            reply = self.client.get_control_msg(timeout=TIMEOUT)
            if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                return reply


def state(message):
    return message["content"].get("execution_state")


def kinds(messages):
    """The types of messages, with the state in place of 'status'."""
    return [state(message) or message["msg_type"] for message in messages]


@pytest.fixture(scope="module")
def long_lived(tmp_path_factory):
    """One kernel for all tests of a file that leave it as it was, in a folder where nothing was kept before."""
    manager = KernelManager(kernel_name=KERNEL)
    manager.start_kernel(cwd=str(tmp_path_factory.mktemp("long-lived")))
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=TIMEOUT)
    yield Session(manager, client)
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.fixture
def shared(long_lived):
    """The file's kernel; a test that fails halfway leaves no cell running for the next one."""
    yield long_lived
    long_lived.control("interrupt_request")
    long_lived.run("1")


@pytest.fixture
def fresh(tmp_path):
    """A kernel of its own for a test that ends it."""
    manager = KernelManager(kernel_name=KERNEL)
    manager.start_kernel(cwd=str(tmp_path))
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=TIMEOUT)
    yield Session(manager, client)
    client.stop_channels()
    if manager.has_kernel:
        manager.shutdown_kernel(now=True)
