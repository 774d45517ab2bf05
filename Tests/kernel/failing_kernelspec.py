"""Encryption that the kernel's entry offers."""

from __future__ import annotations

from typing import Any

from conftest import KERNEL
from jupyter_client.kernelspec import KernelSpecManager


def test_the_entry_offers_encryption() -> None:
    metadata: dict[str, Any] = KernelSpecManager().get_kernel_spec(KERNEL).metadata
    assert metadata["supported_encryption"] == ["curve"]


def test_the_entry_names_the_handshake() -> None:
    """A launcher hands a registration file only to kernels that say 5.6."""
    spec = KernelSpecManager().get_all_specs()[KERNEL]["spec"]
    assert tuple(map(int, spec["kernel_protocol_version"].split(".")))[:2] >= (5, 6)
