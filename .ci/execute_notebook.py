"""Executes notebooks through a real Jupyter client, stores and checks them.

    execute_notebook.py NOTEBOOK… --in-place          store the outputs in the notebook itself
    execute_notebook.py NOTEBOOK… --into build --html  leave the executed copy and its HTML there

`--small`, or ORBIT_SMALL_NOTEBOOKS=1, replaces the cell tagged `parameters` by the assignments that
its own metadata names under `small`, so that the notebook runs in seconds.

A cell tagged `killed` has its kernel killed by SIGKILL once its training has taken some steps (`killed_at_step`
in its metadata, `small_killed_at_step` in a small run); the cells after it run in a new kernel of the same workspace.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import Any

import nbformat
from check_notebook import ROOT, code_cells, pictures, problems, tagged, text_of
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError


SMALL = bool(os.environ.get("ORBIT_SMALL_NOTEBOOKS"))


class Failure(Exception):
    """A notebook that did not run to its end, in words for a person."""


class Runner(NotebookClient):
    """A client that knows which cell it is at, for the message when the kernel does not answer."""

    current: Any = None

    async def async_execute_cell(self, cell: Any, *arguments: Any, **options: Any) -> Any:
        self.current = cell
        execution = super().async_execute_cell(cell, *arguments, **options)
        if "killed" not in cell.metadata.get("tags", []):
            return await execution
        task = asyncio.ensure_future(execution)
        while steps_of(cell) < cell.metadata["killed_at_step"]:
            if task.done():
                raise Failure(described(cell, "it ended before its kernel could be killed"))
            await asyncio.sleep(0.05)
        os.kill(self.km.provisioner.pid, signal.SIGKILL)
        try:
            await task
        except DeadKernelError:
            pass
        self.kc.stop_channels()
        await self.km.cleanup_resources(restart=False)
        self.km, self.kc = None, None
        self.code_cells_executed = 0
        self.create_kernel_manager()
        await self.async_start_new_kernel(cwd=str(self.resources["metadata"]["path"]))
        await self.async_start_new_kernel_client()
        return cell


def make_small(notebook: Any) -> None:
    """Replaces the parameters by their small values; plain assignments, as papermill injects them."""
    cells = tagged(notebook, "parameters")
    if len(cells) != 1 or not cells[0].metadata.get("small"):
        raise Failure("small mode needs one cell tagged 'parameters' with 'small' in its metadata")
    cells[0].source = "\n".join(cells[0].metadata["small"])
    for cell in tagged(notebook, "killed"):
        cell.metadata["killed_at_step"] = cell.metadata["small_killed_at_step"]


def steps_of(cell: Any) -> int:
    """How many steps the panel of a training tells."""
    told = re.search(r"step ([\d,]+) of", text_of(cell))
    return int(told[1].replace(",", "")) if told else -1


def execute(notebook: Any, folder: Path, kernel: str, timeout: int) -> None:
    """Executes the notebook in place, with `folder` as the kernel's working directory."""
    for cell in code_cells(notebook):
        cell.outputs, cell.execution_count = [], None
    client = Runner(
        notebook,
        timeout=timeout,
        kernel_name=kernel,
        record_timing=False,
        resources={"metadata": {"path": str(folder)}},
    )
    try:
        client.execute()
    except CellExecutionError as error:
        raise Failure(described(client.current, f"{error.ename}: {error.evalue}")) from error
    except CellTimeoutError as error:
        raise Failure(described(client.current, f"no end after {timeout} s")) from error
    except DeadKernelError as error:
        raise Failure(described(client.current, "the kernel's process ended")) from error


def described(cell: Any, reason: str) -> str:
    if cell is None:
        return reason
    source = "\n".join("    " + line for line in cell.source.splitlines())
    return f"cell '{cell.id}' failed: {reason}\n{source}\n{text_of(cell)}".rstrip()


def tidy(notebook: Any) -> None:
    """Leaves out what changes from run to run, so that stored notebooks differ only where they do."""
    for cell in notebook.cells:
        for noise in ("execution", "papermill", "scrolled", "collapsed"):
            cell.metadata.pop(noise, None)
    notebook.metadata = {
        key: notebook.metadata[key]
        for key in ("kernelspec", "language_info", "title")
        if key in notebook.metadata
    }


def write(notebook: Any, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = nbformat.writes(notebook, version=4, indent=1, sort_keys=True, ensure_ascii=False)
    path.write_text(text.rstrip("\n") + "\n", encoding="utf-8")


def write_html(notebook: Any, path: Path) -> None:
    from nbconvert import HTMLExporter

    resources = {"metadata": {"name": path.stem}}
    html, _ = HTMLExporter().from_notebook_node(notebook, resources=resources)
    path.write_text(html, encoding="utf-8")


def store_pictures(notebook: Any) -> list[Path]:
    """Writes the first picture of every cell whose metadata names a file for it, for the README."""
    written = []
    for cell in code_cells(notebook):
        if name := cell.metadata.get("picture_file"):
            for picture in pictures(cell)[:1]:
                path = ROOT / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(picture)
                written.append(path.relative_to(ROOT))
    return written


def process(source: Path, arguments: argparse.Namespace) -> None:
    notebook = nbformat.read(source, as_version=4)
    if arguments.small:
        make_small(notebook)
    folder = arguments.work / source.stem
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    target = source if arguments.in_place else arguments.into / source.name
    print(f"· Executing {source} ({len(code_cells(notebook))} cells) …", flush=True)
    start = time.monotonic()
    try:
        execute(notebook, folder, arguments.kernel, arguments.timeout)
    except Failure:
        if not arguments.in_place:
            write(notebook, target)
        raise
    seconds = time.monotonic() - start
    tidy(notebook)
    write(notebook, target)
    written = [target]
    if arguments.in_place:
        written += store_pictures(notebook)
    if arguments.html:
        written.append(target.with_suffix(".html"))
        write_html(notebook, written[-1])
    if faults := problems(target):
        raise Failure("\n".join(faults))
    count = sum(len(pictures(cell)) for cell in code_cells(notebook))
    print(f"✓ Executed in {seconds:.0f} s, {count} pictures: {', '.join(map(str, written))}")
    for cell in tagged(notebook, "headline"):
        print("\n" + "\n".join("  " + line for line in text_of(cell).splitlines()))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebooks", nargs="+", type=Path)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--in-place", action="store_true")
    where.add_argument("--into", type=Path)
    parser.add_argument("--html", action="store_true")
    parser.add_argument("--small", action="store_true", default=SMALL)
    parser.add_argument("--kernel", default="orbit")
    parser.add_argument("--timeout", type=int, default=600, help="seconds a cell may take")
    parser.add_argument("--work", type=Path, default=Path("build/work"), help="where the kernels run")
    arguments = parser.parse_args()
    if arguments.in_place and arguments.small:
        parser.error("a small run would be stored over the real one; name a folder with --into")
    for source in arguments.notebooks:
        try:
            process(source, arguments)
        except Failure as failure:
            print(f"✗ {source}: {failure}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
