"""The handshake of protocol 5.6: kernels choose their ports themselves and register them (JEP 66).

`ORBIT_TEST_KERNELS` says how many kernels start at once; 50 show what is to be shown, a few are enough
for every day.
"""

import hashlib
import hmac
import json
import os
import subprocess
import time

import pytest
import zmq
from conftest import KERNEL, TIMEOUT, Session
from jupyter_client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpecManager

KERNELS = int(os.environ.get("ORBIT_TEST_KERNELS", "6"))
KEY = b"a0436f6c-1916-498b-8eb9-e81ab9368e84"
PORTS = ["shell_port", "iopub_port", "stdin_port", "control_port", "hb_port"]
DELIMITER = b"<IDS|MSG>"


def sign(content):
    return hmac.new(KEY, content, hashlib.sha256).hexdigest().encode()


class Launcher:
    """A registration service, and the kernels that it starts."""

    def __init__(self, folder, transport):
        self.folder = folder
        self.transport = transport
        self.program = KernelSpecManager().get_kernel_spec(KERNEL).argv[0]
        self.processes = {}
        self.socket = zmq.Context.instance().socket(zmq.ROUTER)
        self.socket.linger = 0
        if transport == "tcp":
            self.ip, self.port = "127.0.0.1", self.socket.bind_to_random_port("tcp://127.0.0.1")
        else:
            self.ip, self.port = str(folder / "r"), 1
            self.socket.bind(f"ipc://{self.ip}-1")

    def start(self, name, **fields):
        file = {
            "kernel_id": name,
            "transport": self.transport,
            "registration_ip": self.ip,
            "registration_port": self.port,
            "signature_scheme": "hmac-sha256",
            "key": KEY.decode(),
        } | fields
        path = self.folder / f"{name}.json"
        path.touch(0o600)
        path.write_text(json.dumps(file))
        self.processes[name] = subprocess.Popen(
            [self.program, "kernel", "-f", str(path)],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=os.environ | {"JPY_PARENT_PID": str(os.getpid())},
            start_new_session=True,
            text=True,
        )

    def registration(self, answer=True):
        """The content of the next registration; its form and signature must be right."""
        assert self.socket.poll(TIMEOUT * 1000), "no kernel registered"
        identity, delimiter, signature, content = self.socket.recv_multipart()
        # What a stranger could send does not count.
        self.socket.send_multipart([identity, DELIMITER, b"0" * 64, b"ACK"])
        self.socket.send_multipart([identity, b"ACK"])
        assert delimiter == DELIMITER
        assert hmac.compare_digest(signature, sign(content))
        if answer:
            self.socket.send_multipart([identity, DELIMITER, sign(b"ACK"), b"ACK"])
        return json.loads(content)

    def client(self, registration):
        client = BlockingKernelClient()
        client.load_connection_info(
            {"transport": self.transport, "ip": self.ip, "key": KEY, "signature_scheme": "hmac-sha256"}
            | {port: int(registration[port]) for port in PORTS}
        )
        client.start_channels()
        return client

    def close(self):
        for process in self.processes.values():
            process.kill()
        for process in self.processes.values():
            process.communicate()
        self.socket.close()


@pytest.fixture(params=["tcp", "ipc"])
def launcher(request, tmp_path):
    launcher = Launcher(tmp_path, request.param)
    yield launcher
    launcher.close()


def test_a_kernel_registers_its_ports_and_serves(launcher):
    launcher.start("one")
    registration = launcher.registration()
    assert registration.keys() == {"kernel_id", *PORTS}
    assert registration["kernel_id"] == "one"
    assert all(isinstance(registration[port], str) for port in PORTS)
    client = launcher.client(registration)
    client.wait_for_ready(timeout=TIMEOUT)
    session = Session(None, client)
    content, _ = session.run("6 * 7")
    assert content["status"] == "ok"
    assert session.control("shutdown_request", {"restart": False})["content"]["status"] == "ok"
    assert launcher.processes["one"].wait(timeout=5) == 0
    client.stop_channels()


def test_kernels_that_start_at_once_do_not_clash(launcher):
    started = time.monotonic()
    names = [f"kernel-{number}" for number in range(KERNELS)]
    for name in names:
        launcher.start(name, registration_port=str(launcher.port))
    registrations = {}
    for _ in names:
        registration = launcher.registration()
        registrations[registration["kernel_id"]] = registration
    assert registrations.keys() == set(names)
    ports = [registration[port] for registration in registrations.values() for port in PORTS]
    assert len(set(ports)) == len(ports) == 5 * KERNELS
    for registration in registrations.values():
        client = launcher.client(registration)
        client.wait_for_ready(timeout=TIMEOUT)
        client.stop_channels()
    assert all(process.poll() is None for process in launcher.processes.values())
    print(f"{KERNELS} kernels served after {time.monotonic() - started:.1f} s, 0 port clashes")


def test_a_kernel_that_nobody_acknowledges_ends(launcher):
    launcher.start("alone")
    launcher.registration(answer=False)
    process = launcher.processes["alone"]
    _, errors = process.communicate(timeout=TIMEOUT)
    assert process.returncode not in (0, None)
    assert "register" in errors and "no answer" in errors
