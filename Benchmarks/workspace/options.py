"""How often and how much."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    pairs: int = 40
    gigabytes: float = 1.0
    starts: int = 5
