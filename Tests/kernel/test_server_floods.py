"""Floods that would go over the limits of jupyter_server arrive whole, or say what is left out."""

from __future__ import annotations

import re
from typing import Any

import pytest
from test_server_limits import Flood, Server, check_no_warning, server  # noqa: F401

pytestmark = pytest.mark.alone

DISPLAYS = "for i in 0..<5_000 { help(clearOutput) }"
ALTERNATING = "for i in 0..<4_000 { print(i)\nprint(i, to: .standardError) }"
NUMBERS = "".join(f"{i}\n" for i in range(4_000))
# 6 MB: some lines, or all but a part that the kernel counts.
LONG_LINES = (
    'let line = Array(repeating: "0123456789", count: 200).joined()\n'
    "for i in 0..<3_000 { print(i, line) }"
)


def check_displays(flood: Flood) -> None:
    assert flood.counts["display_data"] == 5_000


def check_alternating(flood: Flood) -> None:
    """Both streams are whole; how their lines are mixed is left to the kernel."""
    assert flood.texts["stdout"] == NUMBERS
    assert flood.texts["stderr"] == NUMBERS


def check_long_lines(flood: Flood) -> None:
    text = flood.texts["stdout"]
    assert text.startswith("0 0123456789") and re.search(r"\n2999 (0123456789){200}\n$", text)
    if len(text) < 6_000_000:
        assert re.search(r"\d[\d,]* (bytes|characters|lines|KB|MB)", text), "nothing says how much is missing"


FLOODS: dict[str, tuple[str, Any]] = {
    "displays": (DISPLAYS, check_displays),
    "alternating": (ALTERNATING, check_alternating),
    "long lines": (LONG_LINES, check_long_lines),
}


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_passes_the_server(server: Server, name: str) -> None:  # noqa: F811
    cell, check = FLOODS[name]
    flood = server.flood(cell)
    check_no_warning(flood)
    check(flood)
