"""The schemes by which messages can be signed, against Python's own HMAC in a real client."""

import json
import subprocess

import pytest
from conftest import KERNEL, TIMEOUT, Session
from jupyter_client import KernelManager
from jupyter_client.kernelspec import KernelSpecManager


@pytest.mark.parametrize("scheme", ["hmac-sha256", "hmac-sha512", "hmac-blake2b"])
def test_the_kernel_signs_by(scheme, tmp_path):
    manager = KernelManager(kernel_name=KERNEL)
    manager.session.signature_scheme = scheme
    manager.start_kernel(cwd=str(tmp_path))
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=TIMEOUT)
        assert client.session.signature_scheme == scheme
        assert Session(manager, client).run("6 * 7")[0]["status"] == "ok"
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_an_unknown_scheme_is_refused_with_those_that_are_known(tmp_path):
    path = tmp_path / "connection.json"
    path.touch(0o600)
    ports = ["shell_port", "iopub_port", "stdin_port", "control_port", "hb_port"]
    content = {"transport": "ipc", "ip": str(tmp_path / "k"), "key": "x"}
    content |= {name: number for number, name in enumerate(ports, 1)}
    path.write_text(json.dumps(content | {"signature_scheme": "hmac-sha384"}))
    program = KernelSpecManager().get_kernel_spec(KERNEL).argv[0]
    done = subprocess.run(
        [program, "kernel", "-f", str(path)], capture_output=True, text=True, timeout=TIMEOUT
    )
    assert done.returncode != 0
    assert "hmac-sha384" in done.stderr
    assert "hmac-sha256, hmac-sha512, hmac-blake2b" in done.stderr
