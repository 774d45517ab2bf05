"""What Orbit's kernel is held to, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass

from .records import Summary

ORBIT = "orbit"


@dataclass(frozen=True)
class Aim:
    what: str
    limit: str
    measured: str
    met: bool


def at_most(what: str, value: float | None, limit: float, form: str = "{:.2f} ms") -> list[Aim]:
    """An aim with an upper limit; none where nothing was measured."""
    if value is None:
        return []
    return [Aim(what, "≤ " + form.format(limit), form.format(value), value <= limit)]


def at_least(what: str, value: float | None, limit: float, form: str = "{:,.0f}") -> list[Aim]:
    if value is None:
        return []
    return [Aim(what, "≥ " + form.format(limit), form.format(value), value >= limit)]


def thousandths(summary: Summary | None, which: str) -> float | None:
    """One number of a summary of seconds, in milliseconds."""
    return None if summary is None else 1e3 * getattr(summary, which)
