"""How often and how long everything is measured."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Options:
    starts: int = 20
    # The workspace that Orbit starts with besides, in megabytes.
    prepared: float = 100
    # How often eight subscribers come one after the other, and as often at once.
    crowds: int = 20
    trips: int = 500
    side_rounds: int = 3
    side_seconds: float = 5
    # So many that the standard error of their mean is below the one per cent that a training may lose.
    pairs: int = 200
    interrupts: int = 100
    displays: tuple[tuple[str, int], ...] = (("small", 20_000), ("middle", 8_000), ("large", 50))
    prints: int = 20_000
    sleeps: tuple[float, ...] = (0, 2, 6)
    floods: int = 2
    # Of how many readers a flood has, where it has several.
    readers: int = 8
    live_seconds: int = 60
    aborts: int = 10
    at_once: int = 50
    # How many cells a long life has, and as many completions: five times as many as the goal asks, see `soak.slopes`.
    executes: int = 500_000
    # How many processes of Orbit's execute so many.
    lives: int = 3
    # How many cells the kernels beside Orbit get, which complete a hundred times slower.
    executes_beside: int = 2_500

    def times(self, repetitions: int) -> Options:
        """The same with another number of repetitions of everything that is repeated."""
        return replace(
            self, starts=repetitions, crowds=repetitions, trips=repetitions, side_rounds=repetitions, pairs=repetitions,
            interrupts=repetitions, floods=repetitions, aborts=repetitions,
        )  # fmt: skip


QUICK = Options(
    starts=3, prepared=10, crowds=2, trips=20, side_rounds=1, side_seconds=1, pairs=1, interrupts=3,
    displays=(("small", 1_000), ("middle", 1_000), ("large", 5)), prints=1_000, sleeps=(0, 1), floods=1,
    live_seconds=1, aborts=1, at_once=5, executes=1_000, lives=1, executes_beside=200,
)  # fmt: skip
