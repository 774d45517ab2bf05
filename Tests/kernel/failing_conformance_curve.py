"""Jupyter's conformance suite with encrypted sockets, and what a peer without keys gets of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import test_conformance
import zmq
from conftest import KERNEL, TIMEOUT
from jupyter_client import KernelManager


class OrbitKernelEncryptedTests(test_conformance.OrbitKernelTests):
    encryption = "required"


class OrbitWelcomeEncryptedTests(test_conformance.OrbitWelcomeTests):
    encryption = "required"


class OrbitKernelOverIPCEncryptedTests(test_conformance.OrbitKernelOverIPCTests):
    encryption = "required"


class OrbitWelcomeOverIPCEncryptedTests(test_conformance.OrbitWelcomeOverIPCTests):
    encryption = "required"


@pytest.mark.parametrize("transport", ["tcp", "ipc"])
def test_a_peer_without_keys_hears_nothing(tmp_path: Path, transport: str) -> None:
    address = {"ip": str(tmp_path / "k")} if transport == "ipc" else {}
    manager = KernelManager(
        kernel_name=KERNEL, transport=transport, transport_encryption="required", **address
    )
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    context = zmq.Context()
    try:
        client.wait_for_ready(timeout=TIMEOUT)
        information = json.loads(Path(manager.connection_file).read_text())
        separator = ":" if transport == "tcp" else "-"
        endpoint = f"{transport}://{information['ip']}{separator}"
        listener = context.socket(zmq.SUB)
        listener.linger = 0
        listener.subscribe(b"")
        listener.connect(f"{endpoint}{information['iopub_port']}")
        heart = context.socket(zmq.REQ)
        heart.linger = 0
        heart.connect(f"{endpoint}{information['hb_port']}")
        heart.send(b"ping")
        # Those with keys are served meanwhile.
        reply = client.execute_interactive('print("a secret")', timeout=TIMEOUT, output_hook=lambda _: None)
        assert reply["content"]["status"] == "ok"
        assert not listener.poll(1_000) and not heart.poll(100)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        context.destroy(linger=0)
