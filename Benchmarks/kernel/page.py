"""The page: what was measured, by part, under the aims that Orbit is held to."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import subprocess
from types import ModuleType

import zmq

from . import table
from .aim import Aim
from .records import Records
from .running import ROOT
from .snippets import KERNELS


def machine() -> str:
    model = next(
        (line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")),
        "unknown",
    )
    return f"{model}, {os.cpu_count()} cores; {platform.system()} {platform.machine()}"


def commit() -> str:
    """The commit of the checkout, marked where files differ from it, but for the pages that benchmarks write."""

    def git(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["git", "-C", ROOT, *arguments], capture_output=True, text=True)

    described = git("describe", "--always", "--abbrev=10").stdout.strip()
    changed = git("diff", "--quiet", "HEAD", "--", ":!docs").returncode
    return described + ("-dirty" if changed else "") if described else "unknown"


def tools() -> str:
    names = ["jupyter_client", "pyzmq"]
    versions = [f"{name} {importlib.metadata.version(name)}" for name in names]
    return ", ".join([f"Python {platform.python_version()}", *versions, f"libzmq {zmq.zmq_version()}"])


def versions(records: Records) -> str:
    known = records.about["versions"]
    return "; ".join(f"{name} {known[name]}" for name in KERNELS if name in known)


def page(title: str, introduction: str, parts: list[ModuleType], records: Records) -> str:
    about = records.about
    lines = [
        f"# {title}",
        "",
        f"Made by `{about['command']}` on {about['date']} from commit {about.get('commit', 'unknown')};"
        f" {about['machine']}; load before it began: {about['load']}.",
        "",
        introduction,
    ]
    for name, reason in about["missing"]:
        lines += ["", f"**{name} was not measured**: {reason}."]
    measured = [part for part in parts if part.PART in about["parts"]]
    aims: list[Aim] = [one for part in measured for one in part.aims(records)]
    if aims:
        lines += [
            "",
            "## Aims",
            *table.rows(
                "Orbit | aim | measured | ", "lrrl",
                [[one.what, one.limit, one.measured, one.verdict] for one in aims],
            ),
        ]  # fmt: skip
    for part in measured:
        state = about["parts"][part.PART]
        lines += ["", f"## {part.TITLE}", "", *part.section(records)]
        if state["failure"]:
            lines += ["", f"**This part ended early**: {state['failure']}. What stands above is what came before."]
        day, origin = state["began"][:10], state.get("commit") or "an unknown commit"
        if (day, origin) != (about["date"], about.get("commit")):
            lines += ["", f"**Measured on {day}** from {origin}, not with the rest."]
    unmeasured = [part.TITLE for part in parts if part.PART not in about["parts"]]
    if unmeasured:
        lines += ["", f"Not measured yet: {', '.join(unmeasured)}."]
    return "\n".join(lines) + "\n"
