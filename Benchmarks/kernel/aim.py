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
    # None where the limit lies within what the measurement can be wrong by.
    met: bool | None

    @property
    def verdict(self) -> str:
        return {True: "met", False: "**missed**", None: "**undecided**"}[self.met]


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
    is_near = abs(measured.mean - limit) < (measured.error or 0)
    met = None if is_near else measured.mean <= limit
    return [Aim(what, f"≤ {limit:.1f} {unit}", f"{measured} {unit}", met)]


def thousandths(summary: Summary | None, which: str) -> float | None:
    """One number of a summary of seconds, in milliseconds."""
    return None if summary is None else 1e3 * getattr(summary, which)
