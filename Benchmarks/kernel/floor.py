"""The floor under every round trip: a process that sends back what it gets, in libzmq's own C++.

    python -m kernel.floor

It is libzmq's proxy from a ROUTER socket to itself, which is also ipykernel's heartbeat, and one from a DEALER to a
PUB, which publishes what it is fed with. Their ports are printed.
"""

from __future__ import annotations

import pathlib
import subprocess
import sys
import threading
import time

import zmq
from jupyter_client import BlockingKernelClient
from jupyter_client.session import Session

NAME = "floor"
# What a cell of one result publishes.
CELL = [
    ("status", {"execution_state": "busy"}),
    ("execute_input", {"code": "1+1", "execution_count": 1}),
    ("execute_result", {"data": {"text/plain": "2"}, "metadata": {}, "execution_count": 1}),
    ("status", {"execution_state": "idle"}),
]
# What is fed has arrived at the client after so many seconds.
ARRIVAL = 0.003


class Floor:
    """The process, with a socket and a session such as a client has, and a whole client."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "kernel.floor"], stdout=subprocess.PIPE, text=True,
            cwd=pathlib.Path(__file__).resolve().parent.parent,
        )  # fmt: skip
        shell, feed, iopub = (int(port) for port in self.process.stdout.readline().split())
        self.session = Session(key=b"floor")
        self.socket, self.feed = self.connected(shell), self.connected(feed)
        self.client = BlockingKernelClient()
        self.client.load_connection_info({
            "transport": "tcp", "ip": "127.0.0.1", "key": "floor", "signature_scheme": "hmac-sha256",
            "shell_port": shell, "iopub_port": iopub, "stdin_port": 0, "control_port": 0, "hb_port": 0,
        })  # fmt: skip
        self.client.start_channels(stdin=False, control=False, hb=False)
        # The subscription takes its time; what is published before it is seen by nobody.
        while not self.client.iopub_channel.msg_ready():
            self.session.send(self.feed, "status", {"execution_state": "starting"})
            time.sleep(10 * ARRIVAL)
        while self.client.iopub_channel.msg_ready():
            self.client.get_iopub_msg(timeout=30)

    def connected(self, port: int) -> zmq.Socket:
        socket = zmq.Context.instance().socket(zmq.DEALER)
        socket.linger = 0
        socket.connect(f"tcp://127.0.0.1:{port}")
        return socket

    def raw(self, frames: list[bytes]) -> float:
        """Seconds for frames to go and come back, neither signed nor parsed."""
        before = time.perf_counter()
        self.socket.send_multipart(frames)
        self.socket.recv_multipart()
        return time.perf_counter() - before

    def message(self, kind: str, content: dict) -> float:
        """The same for a message of Jupyter's, with the client's work at both ends."""
        before = time.perf_counter()
        self.session.send(self.socket, kind, content)
        self.session.recv(self.socket, mode=0)
        return time.perf_counter() - before

    def reply(self) -> float:
        """The same with the client that notebooks have, whose request comes back as if it were the reply."""
        before = time.perf_counter()
        self.client.kernel_info()
        self.client.get_shell_msg(timeout=30)
        return time.perf_counter() - before

    def cell(self) -> float:
        """The same for a cell, whose four publications have arrived before: a kernel that takes no time at all."""
        parent = self.session.msg("execute_request")["header"]
        for kind, content in CELL:
            self.session.send(self.feed, kind, content, parent=parent)
        # Awake, as the client is between two questions to a kernel: a processor that has slept is slower.
        arrived = time.perf_counter() + ARRIVAL
        while time.perf_counter() < arrived:
            pass
        before = time.perf_counter()
        self.client.execute("1+1")
        self.client.get_shell_msg(timeout=30)
        for _ in CELL:
            self.client.get_iopub_msg(timeout=30)
        return time.perf_counter() - before

    def close(self) -> None:
        self.client.stop_channels()
        self.socket.close()
        self.feed.close()
        self.process.kill()
        self.process.wait()


def serve() -> None:
    context = zmq.Context.instance()
    shell, feed, iopub = (context.socket(kind) for kind in (zmq.ROUTER, zmq.DEALER, zmq.PUB))
    print(*(socket.bind_to_random_port("tcp://127.0.0.1") for socket in (shell, feed, iopub)), flush=True)
    threading.Thread(target=zmq.proxy, args=(feed, iopub), daemon=True).start()
    zmq.proxy(shell, shell)


if __name__ == "__main__":
    serve()
