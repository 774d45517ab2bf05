"""What Orbit's kernel is held to, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass

from .records import Mean, Summary

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


def mean_at_most(what: str, measured: Mean | None, limit: float, unit: str) -> list[Aim]:
    """An aim with an upper limit on a mean, which is told with its standard error."""
    if measured is None:
        return []
    return [Aim(what, f"≤ {limit:.1f} {unit}", f"{measured} {unit}", measured.mean <= limit)]


def thousandths(summary: Summary | None, which: str) -> float | None:
    """One number of a summary of seconds, in milliseconds."""
    return None if summary is None else 1e3 * getattr(summary, which)
