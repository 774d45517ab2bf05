"""CURVE: who knows the connection file talks to the kernel, and nobody else hears a word of it."""

import json
import subprocess
import time

import pytest
import zmq
from conftest import KERNEL, TIMEOUT, Session, kinds
from jupyter_client import KernelManager
from jupyter_client.kernelspec import KernelSpecManager

pytestmark = pytest.mark.skipif(not zmq.has("curve"), reason="this pyzmq has no CURVE")


@pytest.fixture(params=["tcp", "ipc"])
def encrypted(request, tmp_path):
    """A kernel that a manager started with `transport_encryption`, and a client."""
    options = {"ip": str(tmp_path / "k")} if request.param == "ipc" else {}
    manager = KernelManager(
        kernel_name=KERNEL, transport=request.param, transport_encryption="required", **options
    )
    manager.start_kernel(cwd=str(tmp_path))
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=TIMEOUT)
    yield Session(manager, client)
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def test_the_kernelspec_announces_it():
    spec = KernelSpecManager().get_kernel_spec(KERNEL)
    assert spec.metadata["supported_encryption"] == ["curve"]
    assert KernelManager(kernel_name=KERNEL)._kernel_supports_curve_encryption()


def test_a_client_with_the_key_is_served(encrypted):
    content, published = encrypted.run('print("a")\n6 * 7')
    assert content["status"] == "ok"
    assert kinds(published) == ["busy", "execute_input", "stream", "execute_result", "idle"]
    assert encrypted.control("kernel_info_request")["content"]["status"] == "ok"
    assert encrypted.client.hb_channel.is_beating()


def test_a_client_without_the_key_gets_nothing(encrypted):
    """The messages are signed with the right key: only the encryption keeps the stranger out."""
    plain = encrypted.manager.client(curve_publickey=None, curve_secretkey=None)
    assert plain.session.key == encrypted.client.session.key
    plain.start_channels(hb=False)
    plain.kernel_info()
    plain.control_channel.send(plain.session.msg("shutdown_request", {"restart": False}))
    encrypted.run('print("secret")')
    # Long enough for a plain client to be answered, several times over.
    time.sleep(0.5)
    for channel in (plain.shell_channel, plain.control_channel, plain.iopub_channel):
        assert not channel.msg_ready()
    plain.stop_channels()
    assert encrypted.run("1")[0]["status"] == "ok"
    assert encrypted.manager.is_alive()


@pytest.mark.parametrize(
    "keys, words",
    [
        ({"curve_publickey": "short", "curve_secretkey": "short"}, "40 characters of Z85"),
        ({"curve_publickey": "0" * 40}, "curve_secretkey is missing"),
        ({"curve_publickey": "0" * 40, "curve_secretkey": "0" * 40}, "does not belong"),
    ],
)
def test_keys_that_are_none_are_refused(tmp_path, keys, words):
    path = tmp_path / "connection.json"
    path.touch(0o600)
    ports = ["shell_port", "iopub_port", "stdin_port", "control_port", "hb_port"]
    numbers = {name: number for number, name in enumerate(ports, 1)}
    path.write_text(
        json.dumps({"transport": "ipc", "ip": str(tmp_path / "k"), "key": "x", **numbers, **keys})
    )
    program = KernelSpecManager().get_kernel_spec(KERNEL).argv[0]
    done = subprocess.run(
        [program, "kernel", "-f", str(path)], capture_output=True, text=True, timeout=TIMEOUT
    )
    assert done.returncode != 0
    assert words in done.stderr
    assert str(path) in done.stderr
