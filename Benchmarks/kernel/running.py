"""A kernel that runs, and a client on its channels."""

from __future__ import annotations

import os
import pathlib
import sys
import tempfile
import time
from typing import Any, ClassVar, Iterator, Sequence

import zmq
from jupyter_client import BlockingKernelClient, KernelManager
from jupyter_client.kernelspec import KernelSpecManager

from .snippets import Kernel

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DELIMITER = b"<IDS|MSG>"

Message = dict[str, Any]


def specifications() -> KernelSpecManager:
    """Where kernels are looked for: beside this Python, and where `make` installs Orbit."""
    prefixes = [pathlib.Path(sys.prefix), ROOT / ".venv"]
    folders = [str(prefix / "share" / "jupyter" / "kernels") for prefix in prefixes]
    return KernelSpecManager(kernel_dirs=folders)


def manager_of(kernel: Kernel) -> KernelManager:
    return KernelManager(kernel_name=kernel.specification, kernel_spec_manager=specifications())


def environment(folder: str) -> dict[str, str]:
    # Each library chooses its code by the processor.
    held = {"OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "OMP_NUM_THREADS"}
    kept = {name: value for name, value in os.environ.items() if name not in held}
    return kept | {"IPYTHONDIR": folder}


class Running:
    """A kernel in a folder of its own, with a client that has connected but asked for nothing yet."""

    started: ClassVar[list[Running]] = []

    def __init__(self, kernel: Kernel, folder: pathlib.Path | None = None, arguments: Sequence[str] = ()) -> None:
        """Launches a kernel, with more arguments; in a folder that is given it leaves what it has made."""
        self.kernel = kernel
        self.language = kernel.language
        self.own = tempfile.TemporaryDirectory(prefix="bench-kernel-", ignore_cleanup_errors=True)
        self.folder = folder or pathlib.Path(self.own.name)
        logs = ROOT / "build" / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        self.log = open(logs / f"bench-kernel-{kernel.name}.log", "a")
        self.manager = manager_of(kernel)
        self.began = time.perf_counter()
        self.manager.start_kernel(
            cwd=str(self.folder), env=environment(self.own.name), stdout=self.log, stderr=self.log,
            extra_arguments=list(arguments),
        )  # fmt: skip
        Running.started.append(self)
        self.client: BlockingKernelClient = self.manager.client()
        self.client.start_channels(hb=False)
        self.session = self.client.session
        self.shell: zmq.Socket = self.client.shell_channel.socket
        self.control: zmq.Socket = self.client.control_channel.socket
        self.iopub: zmq.Socket = self.client.iopub_channel.socket
        self.stdin: zmq.Socket = self.client.stdin_channel.socket

    @property
    def process(self) -> int:
        return self.manager.provisioner.pid

    def ready(self, prepare: bool = True) -> Running:
        """Waits until the kernel answers, and runs what the other snippets rest on."""
        self.client.wait_for_ready(timeout=60)
        if prepare:
            self.run(self.language.prepare)
            self.run(self.language.store)
        return self

    @classmethod
    def stop_all(cls) -> None:
        """Ends what a part that failed has left."""
        for running in list(cls.started):
            running.stop()

    def stop(self, now: bool = True) -> None:
        Running.started.remove(self)
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=now)
        self.log.close()
        self.own.cleanup()

    def arrivals(self, *sockets: zmq.Socket, until: float) -> Iterator[tuple[zmq.Socket, list[bytes], float]]:
        """What arrives on the sockets, undecoded, with the time, until `until` of the performance counter."""
        poller = zmq.Poller()
        for socket in sockets:
            poller.register(socket, zmq.POLLIN)
        while (left := until - time.perf_counter()) > 0:
            for socket, _ in poller.poll(max(1, int(1e3 * left))):
                while True:
                    try:
                        frames = socket.recv_multipart(zmq.NOBLOCK)
                    except zmq.Again:
                        break
                    yield socket, frames, time.perf_counter()

    def decoded(self, frames: list[bytes]) -> Message:
        _, rest = self.session.feed_identities(frames)
        return self.session.deserialize(rest)

    def replies(self, *requests: str, timeout: float = 60) -> dict[str, Message]:
        """The replies on shell to these requests, as far as they come; iopub is read and let go."""
        missing, found = set(requests), {}
        for socket, frames, _ in self.arrivals(self.shell, self.iopub, until=time.perf_counter() + timeout):
            if socket is self.shell:
                message = self.decoded(frames)
                request = parent_of(message)
                found[request] = message
                missing.discard(request)
                if not missing:
                    break
        return found

    def replied(self, request: str, timeout: float) -> float | None:
        """When a reply on shell came; none when it does not, or the kernel dies."""
        end = time.perf_counter() + timeout
        while time.perf_counter() < end and self.manager.is_alive():
            for _, frames, now in self.arrivals(self.shell, until=time.perf_counter() + 0.2):
                if parent_of(self.decoded(frames)) == request:
                    return now
        return None

    def collect(self, request: str, timeout: float = 60) -> list[Message]:
        """What is published for a request, up to its idle, and its reply as the last."""
        published, reply, idle = [], None, False
        for socket, frames, _ in self.arrivals(self.shell, self.iopub, until=time.perf_counter() + timeout):
            message = self.decoded(frames)
            if parent_of(message) != request:
                continue
            if socket is self.shell:
                reply = message
            else:
                published.append(message)
                idle = idle or is_idle(message)
            if reply and idle:
                return published + [reply]
        raise TimeoutError(f"{self.kernel.name}: no {'idle' if reply else 'reply'} within {timeout:g} s")

    def run(self, code: str, timeout: float = 60) -> list[Message]:
        """Executes a cell that has to succeed."""
        messages = self.collect(self.client.execute(code), timeout)
        if messages[-1]["content"]["status"] != "ok":
            raise RuntimeError(f"{self.kernel.name}: {code[:60]!r}: {messages[-1]['content']}")
        return messages

    def value(self, code: str, timeout: float = 60) -> str:
        """The plain text of a cell's value."""
        results = [m for m in self.run(code, timeout) if m["msg_type"] == "execute_result"]
        return results[-1]["content"]["data"]["text/plain"] if results else ""

    def until_running(self, request: str, sign: bytes = b"execute_input", timeout: float = 30) -> None:
        """Waits until a cell has begun, of which a message of this type is the sign."""
        for _, frames, _ in self.arrivals(self.iopub, until=time.perf_counter() + timeout):
            header, parent, _ = parts(frames)
            if sign in header and request.encode() in parent:
                return
        raise TimeoutError(f"{self.kernel.name}: a cell did not begin within {timeout:g} s")


def parts(frames: list[bytes]) -> tuple[bytes, bytes, bytes]:
    """Header, parent header and content of a message, undecoded."""
    start = frames.index(DELIMITER)
    return frames[start + 2], frames[start + 3], frames[start + 5]


def parent_of(message: Message) -> str | None:
    """The request that a message came of; some kernels send `null` in place of an empty parent."""
    return (message["parent_header"] or {}).get("msg_id")


def is_idle(message: Message) -> bool:
    return message["msg_type"] == "status" and message["content"]["execution_state"] == "idle"
