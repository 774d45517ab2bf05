"""Tables of the page."""

from __future__ import annotations

from .records import Records, Summary


def milliseconds(value: float) -> str:
    seconds = value * 1e3
    return f"{seconds:,.0f}" if seconds >= 100 else f"{seconds:.1f}" if seconds >= 10 else f"{seconds:.2f}"


def rows(heading: str, alignment: str, lines: list[list[str]]) -> list[str]:
    """A table; `alignment` has an `l` or an `r` for each column."""
    marks = {"l": "---", "r": "---:"}
    titles = [title.strip() for title in heading.split("|")]
    return [
        "",
        "| " + " | ".join(titles) + " |",
        "|" + "|".join(marks[letter] for letter in alignment) + "|",
        *("| " + " | ".join(line) + " |" for line in lines),
    ]


def timings(
    records: Records, part: str, measures: list[tuple[str, str, str]], floor: tuple[str, str, str] | None = None
) -> list[str]:
    """Milliseconds by measure and kernel; a measure is its title, case and name.

    With the case, measure and kernel of a floor, a column says what of the median stands above it.
    """
    below = records.summary(part, *floor) if floor else None
    lines = []
    for title, case, measure in measures:
        for kernel in records.kernels(part, case):
            summary = records.summary(part, case, measure, kernel)
            if not summary:
                continue
            line = [title, kernel, *(cells(summary))]
            if below:
                line.insert(3, milliseconds(max(0, summary.median - below.median)))
            lines.append(line)
    above = " | above the floor" if below else ""
    return rows(
        f"milliseconds | kernel | median{above} | 95 % | 99 % | least | of", "ll" + "r" * (6 if below else 5), lines
    )


def cells(summary: Summary) -> list[str]:
    times = [summary.median, summary.p95, summary.p99, summary.least]
    return [*(milliseconds(time) for time in times), str(summary.count)]
