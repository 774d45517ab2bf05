"""Measure what keeping a workspace costs and how soon it is back, and write docs/workspace-performance.md.

    make bench-workspace                              all of it, about fifteen minutes on two cores
    make bench-workspace BENCH_WORKSPACE='--pairs 2'  fewer pairs
    python Benchmarks/workspace.py --only large --gigabytes 0.1
    python Benchmarks/workspace.py --page             the page alone, from what was measured

Two parts (`Benchmarks/workspace`). Training with everything kept (names, runs, checkpoints) beside the same training
in a kernel that keeps nothing, in many pairs of some seventeen seconds. And the time from the launch of a kernel until
it has answered `restore()` in a workspace of a gigabyte, killed by SIGKILL before. Every measurement is kept in
build/workspace-performance/PART.csv as soon as it is made.
"""

from __future__ import annotations

import argparse
import datetime
import os
import pathlib

from kernel.measuring import measure
from kernel.page import commit, machine, page
from kernel.records import Records
from kernel.running import ROOT
from workspace import large, training
from workspace.options import Options

PARTS = {part.PART: part for part in [training, large]}
INTRODUCTION = "Every single measurement is in the CSV files of `build/workspace-performance`."


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--only", nargs="+", default=list(PARTS), choices=PARTS, metavar="PART")
    arguments.add_argument("--pairs", type=int, default=Options.pairs)
    arguments.add_argument("--gigabytes", type=float, default=Options.gigabytes)
    arguments.add_argument("--page", action="store_true", help="measure nothing, write the page")
    arguments.add_argument("--records", type=pathlib.Path, default=ROOT / "build" / "workspace-performance")
    arguments.add_argument("--output", type=pathlib.Path, default=ROOT / "docs" / "workspace-performance.md")
    chosen = arguments.parse_args()
    options = Options(pairs=chosen.pairs, gigabytes=chosen.gigabytes)
    records = Records(chosen.records)
    names = [] if chosen.page else chosen.only
    if names:
        records.about |= {
            "command": "make bench-workspace", "date": str(datetime.date.today()), "commit": commit(),
            "machine": machine(), "load": f"{os.getloadavg()[0]:.1f}",
        }  # fmt: skip
    whole = True
    try:
        for name in names:
            whole = measure(PARTS[name], records, options) and whole
    finally:
        records.save()
        if "date" in records.about:
            chosen.output.write_text(page("What a workspace costs", INTRODUCTION, list(PARTS.values()), records))
            print(f"Written: {chosen.output}")
    if not whole:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
