"""A workspace on disk: what it has, as its own database tells, and one of some size, made by a kernel of its own."""

from __future__ import annotations

import contextlib
import pathlib
import sqlite3
from dataclasses import dataclass

from .running import Running
from .snippets import KERNELS

ORBIT = KERNELS["orbit"]


def workspace(folder: pathlib.Path) -> pathlib.Path:
    """Where a kernel keeps what is made in a folder, while nobody tells it the notebook's name."""
    return folder / ".orbit" / "default"


def blobs_of_objects(folder: pathlib.Path) -> set[str]:
    """The names of the blobs that models and runs need, without checkpoints and what is about to be removed."""
    address = f"file:{workspace(folder) / 'workspace.sqlite'}?mode=ro"
    query = "SELECT blob FROM states UNION SELECT blob FROM objects"
    with contextlib.closing(sqlite3.connect(address, uri=True)) as database:
        return {blob for (blob,) in database.execute(query) if blob}


def size_of_objects(folder: pathlib.Path) -> int:
    """The bytes of these blobs."""
    return sum((workspace(folder) / "blobs" / name).stat().st_size for name in blobs_of_objects(folder))


@dataclass(frozen=True)
class Prepared:
    """What a kernel finds that starts in the folder."""

    folder: pathlib.Path
    bytes: int
    names: int
    models: int


def prepare(folder: pathlib.Path, megabytes: float, widths: str, killed: bool = False) -> Prepared:
    """Makes models of such widths, each with a run, until there are so many megabytes of them."""
    running = Running(ORBIT, folder).ready(prepare=False)
    running.run("let shapes = Shapes(count: 8, size: 16, seed: 1)\nvar note = 1")
    models = 0
    while (size := size_of_objects(folder)) < megabytes * 1e6:
        model = f"AET(for: shapes, encoder: NIN(widths: {widths}), seed: {models})"
        running.run(f"let model{models} = {model}", timeout=600)
        running.run(f"let run{models} = train(model{models}, on: shapes.train, epochs: 1, batch: 8)", timeout=600)
        models += 1
    running.stop(now=killed)
    return Prepared(folder, size, 2 + 2 * models, models)
