"""A connection file that others can write: the kernel does not start, and nobody is let in meanwhile."""

import json
import os
import socket
import subprocess

import pytest
from conftest import KERNEL, TIMEOUT
from jupyter_client.connect import write_connection_file
from jupyter_client.kernelspec import KernelSpecManager


def start(path):
    program = KernelSpecManager().get_kernel_spec(KERNEL).argv[0]
    return subprocess.run(
        [program, "kernel", "-f", str(path)],
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        env={key: value for key, value in os.environ.items() if key != "JPY_PARENT_PID"},
    )


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_file_that_others_can_write_is_refused(tmp_path, mode):
    path = tmp_path / "kernel.json"
    write_connection_file(str(path), key=b"x" * 32, ip="127.0.0.1")
    path.chmod(mode)
    done = start(path)
    assert done.returncode != 0
    assert f"chmod 600 '{path}'" in done.stderr.strip().splitlines()[-1]
    # Nothing of it is left listening.
    with socket.socket() as probe:
        port = json.loads(path.read_text())["shell_port"]
        assert probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only the administrator can give a file away")
def test_a_file_of_somebody_else_is_refused(tmp_path):
    path = tmp_path / "kernel.json"
    write_connection_file(str(path), key=b"x" * 32, ip="127.0.0.1")
    os.chown(path, 12345, 12345)
    done = start(path)
    assert done.returncode != 0
    assert "user 12345" in done.stderr
