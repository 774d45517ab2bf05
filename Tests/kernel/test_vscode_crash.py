"""What the last line of standard error says of a kernel that crashed."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from test_vscode import is_clear, killed, last_line


FAULTS = [signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL]


@pytest.mark.parametrize("kind", FAULTS, ids=lambda kind: kind.name)
def test_the_last_line_of_a_crash(tmp_path: Path, kind: signal.Signals) -> None:
    status, text = killed(tmp_path, kind)
    assert status == -kind
    line = last_line(text)
    assert is_clear(line), line
    assert kind.name in line and "cell" in line, line
