"""Measure Orbit's kernel beside ipykernel and xeus-python, alternately, and write docs/kernel-performance.md.

    make bench-kernel                       all of it, about three quarters of an hour on two cores
    make bench-kernel BENCH_KERNEL=--quick  a few repetitions of all, within five minutes, into build
    python Benchmarks/kernel.py --only start latency --kernels orbit --repetitions 50
    python Benchmarks/kernel.py --resume    what an earlier run left unfinished
    python Benchmarks/kernel.py --page      the page alone, from what was measured

Each part (`Benchmarks/kernel`) keeps every measurement in build/kernel-performance/PART.csv as soon as it is made.
Parts that are not chosen keep what they had, and the page has them all, also when a part fails or is interrupted.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import importlib.metadata
import os
import pathlib
import sys

from kernel import abort, interrupt, latency, live, output, side, slowdown, soak, start, swarm, welcome
from kernel.measuring import measure
from kernel.options import QUICK, Options
from kernel.page import commit, machine, page, tools, versions
from kernel.records import Records
from kernel.running import ROOT, specifications
from kernel.snippets import KERNELS, Kernel

PARTS = {part.PART: part for part in [start, welcome, latency, side, slowdown, interrupt, output, live, abort, swarm, soak]}
FOLDER = ROOT / "build" / "kernel-performance"


def installed(names: list[str], records: Records) -> list[Kernel]:
    """The kernels that can be measured; the page says which cannot."""
    known = specifications().find_kernel_specs()
    found, records.about["missing"] = [], []
    for name in names:
        kernel = KERNELS[name]
        if kernel.specification in known:
            found.append(kernel)
            if kernel.package:
                records.about["versions"][name] = importlib.metadata.version(kernel.package)
        else:
            reason = f"no kernel `{kernel.specification}` is installed; `make bench-kernel` installs it"
            records.about["missing"].append([name, reason])
            print(f"{name} is left out: {reason}", file=sys.stderr)
    for name in KERNELS.keys() - set(names):
        records.about["missing"].append([name, "it was not chosen"])
    if not found:
        raise SystemExit("none of the kernels is installed")
    return found


def introduction(records: Records) -> str:
    return (
        f"{versions(records)}. The client of all: {records.about['tools']}. The kernels take turns (A B C A B C …)"
        " in all that is repeated, and come one after the other in a figure that changes, in many kernels at once and in"
        " a long life; each is in a folder of its own, over TCP. Every single measurement is in the CSV files of"
        " `build/kernel-performance`; percentiles are of the nearest rank. Some means have their standard error with"
        " them; where an aim's limit lies within it, the aim counts as undecided."
    )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--quick", action="store_true", help="a few repetitions of all, into build")
    arguments.add_argument("--only", nargs="+", default=list(PARTS), choices=PARTS, metavar="PART")
    arguments.add_argument("--kernels", nargs="+", default=list(KERNELS), choices=KERNELS, metavar="KERNEL")
    arguments.add_argument("--repetitions", type=int, help="of everything that is repeated")
    arguments.add_argument("--executes", type=int, help="of each long life of Orbit")
    arguments.add_argument("--resume", action="store_true", help="leave out the parts that are finished")
    arguments.add_argument("--page", action="store_true", help="measure nothing, write the page")
    arguments.add_argument("--records", type=pathlib.Path, help="the folder of the measurements")
    arguments.add_argument("--output", type=pathlib.Path, help="the page")
    chosen = arguments.parse_args()
    folder = chosen.records or (FOLDER / "quick" if chosen.quick else FOLDER)
    target = chosen.output or (folder / "page.md" if chosen.quick else ROOT / "docs" / "kernel-performance.md")
    options = QUICK if chosen.quick else Options()
    if chosen.repetitions:
        options = options.times(chosen.repetitions)
    if chosen.executes:
        options = dataclasses.replace(options, executes=chosen.executes)

    records = Records(folder)
    names = [] if chosen.page else [n for n in chosen.only if not (chosen.resume and records.finished(n))]
    whole = True
    if names:
        records.about |= {
            "command": "make bench-kernel" + (" BENCH_KERNEL=--quick" if chosen.quick else ""),
            "date": str(datetime.date.today()), "commit": commit(), "machine": machine(), "tools": tools(),
            "load": f"{os.getloadavg()[0]:.1f}",
        }  # fmt: skip
        kernels = installed(chosen.kernels, records)
    try:
        for name in names:
            whole = measure(PARTS[name], records, kernels, options) and whole
    finally:
        records.save()
        if "date" in records.about:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(page("Performance of the kernel", introduction(records), list(PARTS.values()), records))
            print(f"Written: {target}")
    if not whole:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
