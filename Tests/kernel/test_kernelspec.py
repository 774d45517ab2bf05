"""What the kernel's entry says to Jupyter, and what the kernel says of its language."""

from __future__ import annotations

import json
import os
import re
import struct
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import nbconvert.exporters
import pygments.lexers
import pytest
from conftest import KERNEL, Kernel
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

# The fields of JEP 105 with their types, and of the metadata those that clients read.
SCHEMA = {
    "type": "object",
    "required": ["argv", "display_name", "language"],
    "additionalProperties": False,
    "properties": {
        "argv": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "display_name": {"type": "string", "minLength": 1},
        "language": {"type": "string", "minLength": 1},
        "kernel_protocol_version": {"type": "string", "pattern": r"^[0-9]+\.[0-9]+(\.[0-9]+)?$"},
        "interrupt_mode": {"enum": ["signal", "message"]},
        "env": {"type": "object", "additionalProperties": {"type": "string"}},
        "metadata": {
            "type": "object",
            "properties": {
                "debugger": {"type": "boolean"},
                "supported_encryption": {"type": "array", "items": {"enum": ["curve"]}},
            },
        },
    },
}


@pytest.fixture(scope="module")
def entry() -> KernelSpec:
    return KernelSpecManager().get_kernel_spec(KERNEL)


@pytest.fixture(scope="module")
def fields(entry: KernelSpec) -> dict[str, Any]:
    return json.loads((Path(entry.resource_dir) / "kernel.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def information(shared_kernel: Kernel) -> dict[str, Any]:
    request = shared_kernel.client.kernel_info()
    reply = shared_kernel.client.get_shell_msg(timeout=10)
    assert reply["parent_header"]["msg_id"] == request
    return reply["content"]


def test_the_entry_follows_the_schema(fields: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(fields)


def test_the_entry_starts_a_program_that_is_there(fields: dict[str, Any]) -> None:
    assert os.access(fields["argv"][0], os.X_OK)
    assert fields["argv"].count("{connection_file}") == 1
    assert all(part.isascii() for part in fields["argv"])


def test_the_name_is_one_that_jupyter_accepts(entry: KernelSpec) -> None:
    assert re.fullmatch(r"[A-Za-z0-9._-]+", Path(entry.resource_dir).name)


def test_interrupts_come_by_message(fields: dict[str, Any]) -> None:
    assert fields["interrupt_mode"] == "message"


def test_the_entry_and_the_kernel_agree(fields: dict[str, Any], information: dict[str, Any]) -> None:
    assert information["protocol_version"] == fields["kernel_protocol_version"]
    assert information["language_info"]["name"] == fields["language"]
    debugs = "debugger" in information.get("supported_features", [])
    assert information.get("debugger", False) is fields["metadata"]["debugger"] is debugs


@pytest.mark.parametrize("side", [32, 64])
def test_a_logo_of_points(entry: KernelSpec, side: int) -> None:
    png = (Path(entry.resource_dir) / f"logo-{side}x{side}.png").read_bytes()
    assert png[:8] == b"\x89PNG\r\n\x1a\n" and png[-8:-4] == b"IEND"
    assert struct.unpack(">II", png[16:24]) == (side, side)


def test_a_logo_of_lines(entry: KernelSpec) -> None:
    root = ElementTree.parse(Path(entry.resource_dir) / "logo-svg.svg").getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root.get("viewBox") and len(root) > 0


def test_jupyter_lists_the_kernel_with_its_logos() -> None:
    found = KernelSpecManager().get_all_specs()[KERNEL]
    logos = {path.name for path in Path(found["resource_dir"]).iterdir() if path.name.startswith("logo")}
    assert logos == {"logo-32x32.png", "logo-64x64.png", "logo-svg.svg"}
    assert found["spec"]["display_name"]


def test_the_language_is_described(information: dict[str, Any]) -> None:
    language = information["language_info"]
    for field in (
        "name", "version", "mimetype", "file_extension", "pygments_lexer", "codemirror_mode",
        "nbconvert_exporter",
    ):
        assert isinstance(language[field], str) and language[field].strip(), field
    assert re.fullmatch(r"\.[a-z0-9]+", language["file_extension"])
    # JupyterLab gives no hints while a person types in cells of type text/plain.
    assert language["mimetype"].startswith("text/x-")
    assert re.fullmatch(r"\d+(\.\d+)+", language["version"])


def test_highlighters_and_exporters_know_the_language(information: dict[str, Any]) -> None:
    language = information["language_info"]
    lexer = pygments.lexers.get_lexer_by_name(language["pygments_lexer"])
    assert "*" + language["file_extension"] in lexer.filenames
    assert language["mimetype"] in lexer.mimetypes
    assert nbconvert.exporters.get_exporter(language["nbconvert_exporter"])


def test_the_kernel_describes_itself(information: dict[str, Any]) -> None:
    for field in ("implementation", "implementation_version", "banner"):
        assert information[field].strip(), field
    assert isinstance(information["supported_features"], list)
    for link in information["help_links"]:
        assert link["text"].strip() and link["url"].startswith("https://")


def test_the_entry_offers_encryption() -> None:
    metadata: dict[str, Any] = KernelSpecManager().get_kernel_spec(KERNEL).metadata
    assert metadata["supported_encryption"] == ["curve"]


def test_the_entry_names_the_handshake() -> None:
    """A launcher hands a registration file only to kernels that say 5.6."""
    spec = KernelSpecManager().get_all_specs()[KERNEL]["spec"]
    assert tuple(map(int, spec["kernel_protocol_version"].split(".")))[:2] >= (5, 6)
