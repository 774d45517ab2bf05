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
    # What of it is the client's own, where that was measured.
    floor: str | None = None

    @property
    def verdict(self) -> str:
        if self.floor and not self.met:
            return f"**missed**; the client alone takes {self.floor}"
        return {True: "met", False: "**missed**", None: "**undecided**"}[self.met]


def at_most(
    what: str, value: float | None, limit: float, form: str = "{:.2f} ms", floor: float | None = None
) -> list[Aim]:
    """An aim with an upper limit; none where nothing was measured."""
    if value is None:
        return []
    own = None if floor is None else form.format(floor)
    return [Aim(what, "≤ " + form.format(limit), form.format(value), value <= limit, own)]


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
