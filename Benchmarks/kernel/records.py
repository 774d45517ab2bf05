"""Every single measurement, kept in a CSV file for each part as soon as it is made."""

from __future__ import annotations

import csv
import datetime
import json
import math
import pathlib
import statistics
from dataclasses import dataclass
from typing import Any, TextIO

FIELDS = ["case", "measure", "kernel", "repetition", "value"]


@dataclass(frozen=True)
class Summary:
    median: float
    p95: float
    p99: float
    least: float
    count: int

    @staticmethod
    def of(values: list[float]) -> Summary:
        ordered = sorted(values)

        def percentile(share: float) -> float:
            return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

        return Summary(
            statistics.median(ordered), percentile(0.95), percentile(0.99), ordered[0], len(ordered)
        )


@dataclass(frozen=True)
class Mean:
    """The mean of some measurements, and how far it can be trusted."""

    mean: float
    # The standard error; none of a single measurement.
    error: float | None
    count: int

    @staticmethod
    def of(values: list[float]) -> Mean | None:
        if not values:
            return None
        error = statistics.stdev(values) / math.sqrt(len(values)) if len(values) > 1 else None
        return Mean(statistics.mean(values), error, len(values))

    @staticmethod
    def slower(times: list[float], others: list[float]) -> Mean | None:
        """By how many per cent these took longer than the others, each with the one beside it.

        The mean is that of the ratios' logarithms, so that a pair and its reverse cancel.
        """
        return Mean.of([100 * math.log(time / other) for time, other in zip(times, others)])

    def __str__(self) -> str:
        return f"{self.mean:+.1f}" + (f" ± {self.error:.1f}" if self.error is not None else "")


class Records:
    """The measurements of a folder: those of earlier runs, and those being made."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.about: dict[str, Any] = {"parts": {}, "versions": {}, "missing": []}
        if (folder / "about.json").exists():
            self.about |= json.loads((folder / "about.json").read_text())
        self.rows: dict[str, list[dict[str, str]]] = {}
        for part in self.about["parts"]:
            with open(folder / f"{part}.csv", newline="") as file:
                self.rows[part] = list(csv.DictReader(file))
        self.part = ""
        self.file: TextIO | None = None

    def begin(self, part: str) -> None:
        """Begins a part anew."""
        self.part, self.rows[part] = part, []
        self.file = open(self.folder / f"{part}.csv", "w", newline="")
        csv.DictWriter(self.file, FIELDS).writeheader()
        now = datetime.datetime.now().isoformat(" ", "seconds")
        self.about["parts"][part] = {
            "began": now, "commit": self.about.get("commit"), "finished": False, "failure": None,
        }  # fmt: skip
        self.save()

    def end(self, seconds: float, failure: str | None = None) -> None:
        self.about["parts"][self.part] |= {
            "finished": failure is None, "failure": failure, "seconds": round(seconds, 1),
        }  # fmt: skip
        self.save()
        if self.file:
            self.file.close()

    def save(self) -> None:
        (self.folder / "about.json").write_text(json.dumps(self.about, indent=1) + "\n")

    def finished(self, part: str) -> bool:
        return self.about["parts"].get(part, {}).get("finished", False)

    def add(self, case: str, measure: str, kernel: str, value: float, repetition: int = 0) -> None:
        row = {
            "case": case, "measure": measure, "kernel": kernel, "repetition": str(repetition), "value": f"{value:.9g}",
        }  # fmt: skip
        self.rows[self.part].append(row)
        csv.DictWriter(self.file, FIELDS).writerow(row)
        self.file.flush()

    def values(self, part: str, case: str, measure: str, kernel: str) -> list[float]:
        wanted = (case, measure, kernel)
        return [
            float(row["value"])
            for row in self.rows.get(part, [])
            if (row["case"], row["measure"], row["kernel"]) == wanted
        ]

    def summary(self, part: str, case: str, measure: str, kernel: str) -> Summary | None:
        values = self.values(part, case, measure, kernel)
        return Summary.of(values) if values else None

    def cases(self, part: str) -> list[str]:
        return list(dict.fromkeys(row["case"] for row in self.rows.get(part, [])))

    def kernels(self, part: str, case: str | None = None) -> list[str]:
        """Those that have records, in their order of first appearance."""
        return list(
            dict.fromkeys(
                row["kernel"] for row in self.rows.get(part, []) if case is None or row["case"] == case
            )
        )
