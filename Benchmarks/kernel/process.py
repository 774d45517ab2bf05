"""What the system knows of a process: its memory, time, threads and open files."""

from __future__ import annotations

import os
import pathlib


def proportional_set(process: int) -> float:
    """Megabytes, each shared page divided by its sharers (PSS)."""
    return _kilobytes(f"/proc/{process}/smaps_rollup", "Pss:") / 1024


def own(process: int) -> float:
    """Megabytes that the process has written itself: nothing of program files, which other processes may share."""
    return _kilobytes(f"/proc/{process}/smaps_rollup", "Pss_Anon:") / 1024


def resident(process: int) -> float:
    """Megabytes in memory (RSS)."""
    return _kilobytes(f"/proc/{process}/status", "VmRSS:") / 1024


def forget_peak(process: int) -> None:
    """Begins a new peak of the memory at what there is now."""
    pathlib.Path(f"/proc/{process}/clear_refs").write_text("5")


def peak(process: int) -> float:
    """The most megabytes in memory since `forget_peak`."""
    return _kilobytes(f"/proc/{process}/status", "VmHWM:") / 1024


def processor(process: int) -> float:
    """The seconds that its threads have had of the processors, in the program and in the system."""
    fields = pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    # The fourteenth and fifteenth, of which two stand before the bracket.
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def threads(process: int) -> int:
    return len(os.listdir(f"/proc/{process}/task"))


def open_files(process: int) -> int:
    return len(os.listdir(f"/proc/{process}/fd"))


def _kilobytes(path: str, name: str) -> int:
    with open(path) as file:
        return next(int(line.split()[1]) for line in file if line.startswith(name))
