"""Kernels whose workspace's files the system refuses to change, at a point that a test chooses.

`faults.c` stands between the kernel and the system; a `Control` says to it what fails. `Watched` is a kernel whose
cells are answered or not, and whose client knows what of them it may rely on.
"""

from __future__ import annotations

import errno
import json
import mmap
import os
import queue
import shutil
import struct
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from conftest import Kernel

# What is said below a cell whose changes are not kept, and below the first one after it whose are again.
NOT_KEPT = "could not be kept on disk"
KEPT_AGAIN = "kept on disk again"
# What is said by the first cell where nothing is kept at all.
NEVER_KEPT = ("is kept in memory only", "are kept in memory only", "are not kept")


@dataclass(frozen=True)
class Mode:
    """How a point fails."""

    name: str
    number: int
    code: int = 0

    @property
    def kills(self) -> bool:
        return self.number in (2, 3)


MODES = [
    Mode("no-space-once", 0, errno.ENOSPC),
    Mode("broken-disk-once", 0, errno.EIO),
    Mode("no-space-from-there-on", 1, errno.ENOSPC),
    Mode("torn", 2),
    Mode("killed", 3),
]
READ_ONLY = Mode("read-only", 1, errno.EROFS)


def spread(mode: Mode, number: int, count: int) -> list[int]:
    """So many of the points up to `count`, spread over the whole; each mode has others."""
    step = count / (number * len(MODES))
    return [1 + int((MODES.index(mode) + turn * len(MODES)) * step) for turn in range(number)]


def library(folder: Path) -> Path:
    """`faults.c`, compiled."""
    compiler = os.environ.get("CC") or shutil.which("cc") or shutil.which("clang")
    assert compiler, "no C compiler is on PATH"
    built = folder / "faults.so"
    source = Path(__file__).with_name("faults.c")
    subprocess.run([compiler, "-O1", "-shared", "-fPIC", "-o", built, source, "-ldl"], check=True)
    return built


class Control:
    """The numbers that the library in the kernel's process looks at."""

    def __init__(self, library: Path, folder: Path) -> None:
        self.library = library
        self.path = folder / "faults.control"
        self.path.write_bytes(bytes(32))
        with open(self.path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 32)

    def set(self, at: int, mode: Mode) -> None:
        """Has the point `at` fail, counted from now."""
        self.memory[:] = struct.pack("<4q", 0, at, mode.number, mode.code)

    @property
    def points(self) -> int:
        return struct.unpack("<q", self.memory[:8])[0]

    @property
    def log(self) -> list[str]:
        """What the points were."""
        return Path(f"{self.path}.log").read_text().splitlines()

    def point(self, at: int) -> str:
        """What a point was."""
        return next((line for line in self.log if line.startswith(f"{at} ")), f"{at}, which was not reached")

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "LD_PRELOAD": str(self.library), "ORBIT_FAULTS": str(self.path)}


@dataclass
class Lived:
    """How far a kernel came with a list of cells."""

    statuses: list[str] = field(default_factory=list)
    # How many of the first cells are kept, as far as the kernel said.
    kept: int = 0
    begun: int = 0
    died: bool = False
    told: str = ""


class Watched(Kernel):
    """A kernel that may die."""

    def answer(self, code: str) -> tuple[str, str] | None:
        """The status of a cell and what it said on stderr; `None` when the kernel died before it answered."""
        request = self.client.execute(code, allow_stdin=False)
        status, told, idle = None, "", False
        while status is None or not idle:
            try:
                message = self.client.get_iopub_msg(timeout=0.05)
                if message["parent_header"].get("msg_id") == request:
                    content = message["content"]
                    idle = idle or content.get("execution_state") == "idle"
                    if message["msg_type"] == "stream" and content["name"] == "stderr":
                        told += content["text"]
                if not idle:
                    continue
            except queue.Empty:
                if not self.manager.is_alive():
                    return None
            try:
                reply = self.client.get_shell_msg(timeout=0.05)
                if reply["parent_header"].get("msg_id") == request:
                    status = reply["content"]["status"]
            except queue.Empty:
                pass
        return status, told


def live(folder: Path, cells: list[str], control: Control) -> Lived:
    """Runs cells in a kernel of the control, and ends it."""
    lived = Lived()
    kernel = Watched(folder, env=control.environment)
    keeps, ever = True, True
    for code in cells:
        lived.begun += 1
        answer = kernel.answer(code)
        if answer is None:
            lived.died = True
            break
        status, told = answer
        lived.statuses.append(status)
        lived.told += told
        ever = ever and not any(words in told for words in NEVER_KEPT)
        keeps = KEPT_AGAIN in told or (keeps and NOT_KEPT not in told)
        if keeps and ever:
            lived.kept = lived.begun
    # How it ends is a point like every other.
    kernel.stop()
    return lived


def tensors(path: Path) -> bytes:
    """The tensors of a safetensors file, without what is told beside them."""
    content = path.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + length])
    header.pop("__metadata__", None)
    return json.dumps(header, sort_keys=True).encode() + content[8 + length :]
