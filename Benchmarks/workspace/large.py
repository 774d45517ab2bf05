"""How soon a large workspace is back after a crash."""

from __future__ import annotations

import pathlib
import tempfile
import time

from kernel import aim, table
from kernel.kept import ORBIT, Prepared, prepare
from kernel.records import Records
from kernel.running import ROOT, Running

from .options import Options

PART, TITLE = "large", "A large workspace"
# A model of 14 million parameters.
WIDTHS = "[256, 768]"
MEASURES = [
    ("from the launch to the reply of `restore()`", "restored"), ("then a number", "number"),
    ("then the first use of a model, which loads and verifies it", "model"),
]  # fmt: skip


def measure(options: Options, records: Records) -> None:
    with tempfile.TemporaryDirectory(prefix="bench-workspace-", dir=ROOT / "build") as folder:
        made = prepare(pathlib.Path(folder), 1e3 * options.gigabytes, WIDTHS, killed=True)
        for name, value in (("bytes", made.bytes), ("names", made.names), ("models", made.models)):
            records.add("", name, ORBIT.name, value)
        for repetition in range(options.starts):
            restore_once(made, records, repetition)


def restore_once(made: Prepared, records: Records, repetition: int) -> None:
    running = Running(ORBIT, made.folder)
    for name, code in (("restored", "restore()"), ("number", "note"), ("model", "model0.steps")):
        # The first is sent at once, and waits in the socket until the kernel is there.
        begin = running.began if name == "restored" else time.perf_counter()
        request = running.client.execute(code)
        reply = running.replies(request, timeout=600)[request]
        records.add("", name, ORBIT.name, time.perf_counter() - begin, repetition)
        if reply["content"]["status"] != "ok":
            raise RuntimeError(f"{code}: {reply['content']}")
    # By SIGKILL.
    running.stop()


def section(records: Records) -> list[str]:
    size, names, models = (records.values(PART, "", name, ORBIT.name) for name in ("bytes", "names", "models"))
    if not (size and names and models):
        return []
    return [
        f"{size[0] / 1e9:.1f} GB, {names[0]:.0f} names, {models[0]:.0f} models of {size[0] / models[0] / 1e6:.0f} MB; the kernel is killed by"
        " SIGKILL each time, and the next one is launched and asked at once. Files are in the system's cache.",
        *table.timings(records, PART, [(title, "", name) for title, name in MEASURES]),
    ]


def aims(records: Records) -> list[aim.Aim]:
    restored = records.summary(PART, "", "restored", ORBIT.name)
    size = records.values(PART, "", "bytes", ORBIT.name)
    if not (restored and size):
        return []
    title = f"first answer of a workspace of {size[0] / 1e9:.1f} GB, median"
    return aim.at_most(title, restored.median, 1, "{:.2f} s")
