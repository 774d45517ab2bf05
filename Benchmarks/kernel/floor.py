"""The floor under every round trip: a process that sends back what it gets, in libzmq's own C++.

    python -m kernel.floor PORT-FILE

It is libzmq's proxy from a ROUTER socket to itself, which is also ipykernel's heartbeat.
"""

from __future__ import annotations

import pathlib
import subprocess
import sys
import tempfile
import time

import zmq
from jupyter_client.session import Session

NAME = "floor"


class Floor:
    """The process, with a socket and a session such as a client has."""

    def __init__(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            address = pathlib.Path(folder, "address")
            self.process = subprocess.Popen(
                [sys.executable, "-m", "kernel.floor", str(address)],
                cwd=pathlib.Path(__file__).resolve().parent.parent,
            )
            while not address.exists() or not address.read_text():
                time.sleep(0.02)
            self.socket = zmq.Context.instance().socket(zmq.DEALER)
            self.socket.linger = 0
            self.socket.connect(address.read_text())
        self.session = Session(key=b"floor")

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

    def close(self) -> None:
        self.socket.close()
        self.process.kill()
        self.process.wait()


def serve(address: pathlib.Path) -> None:
    socket = zmq.Context.instance().socket(zmq.ROUTER)
    port = socket.bind_to_random_port("tcp://127.0.0.1")
    address.write_text(f"tcp://127.0.0.1:{port}")
    zmq.proxy(socket, socket)


if __name__ == "__main__":
    serve(pathlib.Path(sys.argv[1]))
