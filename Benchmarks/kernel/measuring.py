"""Measures a part of a benchmark, and keeps what there is of it when it fails or is interrupted."""

from __future__ import annotations

import time
from types import ModuleType
from typing import Any

from .records import Records
from .running import Running


def measure(part: ModuleType, records: Records, *arguments: Any) -> bool:
    """Measures one part, which gets the arguments and the records; gives whether it came to its end."""
    print(f"· {part.TITLE} …", flush=True)
    began, failure = time.perf_counter(), None
    records.begin(part.PART)
    try:
        part.measure(*arguments, records)
    except KeyboardInterrupt:
        failure = "it was interrupted"
        raise
    except Exception as error:
        failure = f"{type(error).__name__}: {error}"
        print(f"  ended early: {failure}", flush=True)
    finally:
        Running.stop_all()
        records.end(time.perf_counter() - began, failure)
    if not failure:
        print(f"  {time.perf_counter() - began:.0f} s", flush=True)
    return failure is None
