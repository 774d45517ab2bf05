"""Checks an executed notebook: complete, without errors, with its pictures, small, portable.

    check_notebook.py NOTEBOOK…

Tags say what a cell owes its reader: `picture` at least one PNG, `training` a progress panel that
ended on its final state, `headline` lines of text to print at the end of `make run`. A cell tagged
`recovery` follows one tagged `killed`, whose kernel was killed: it tells of that on stderr, and counts from 1. The
result of a cell tagged `claim`, to which the text beside it refers, is `true`.
"""

from __future__ import annotations

import base64
import re
import struct
import sys
import zlib
from pathlib import Path
from typing import Any, Iterator

import nbformat

LARGEST = 1_000_000
ROOT = Path(__file__).resolve().parent.parent
READABLE_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
FINAL = re.compile(r"\b(finished|complete|completed|interrupted|stopped)\b", re.IGNORECASE)


def problems(path: Path) -> list[str]:
    """What is wrong with the executed notebook, a sentence each; empty when all is well."""
    notebook = nbformat.read(path, as_version=4)
    found = []
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        found.append(f"it is not a valid notebook: {str(error).splitlines()[0]}")
    size = path.stat().st_size
    if size >= LARGEST:
        found.append(f"it is {size:,} bytes large, {LARGEST:,} is the limit")
    if str(ROOT) in path.read_text(encoding="utf-8"):
        found.append(f"it holds a path of this machine ({ROOT})")
    found += unstable_ids(notebook)
    if not any(cell.execution_count for cell in code_cells(notebook)):
        return [*found, "it was not executed"]
    count = 0
    for cell in code_cells(notebook):
        expected = count + 1
        if cell.execution_count != expected:
            found.append(f"cell '{cell.id}' has count {cell.execution_count}, not {expected}")
        count = cell.execution_count or expected
        if "killed" in cell.metadata.get("tags", []):
            count = 0
        found += [f"cell '{cell.id}' {problem}" for problem in cell_problems(cell)]
    return found


def code_cells(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def tagged(notebook: Any, tag: str) -> list[Any]:
    return [cell for cell in code_cells(notebook) if tag in cell.metadata.get("tags", [])]


def text_of(cell: Any) -> str:
    """What the cell printed and its result, as plain text."""
    parts = []
    for output in cell.outputs:
        if output.output_type == "stream" and output.name == "stdout":
            parts.append(output.text)
        elif "data" in output:
            parts.append(output.data.get("text/plain", ""))
    return "\n".join(part.strip("\n") for part in parts)


def pictures(cell: Any) -> list[bytes]:
    """The PNG files among the cell's outputs."""
    return [
        base64.b64decode(output.data["image/png"])
        for output in cell.outputs
        if "data" in output and "image/png" in output.data
    ]


def unstable_ids(notebook: Any) -> Iterator[str]:
    ids = [cell.get("id", "") for cell in notebook.cells]
    yield from (f"cell id '{id}' is not made of words" for id in ids if not READABLE_ID.fullmatch(id))
    yield from (f"cell id '{id}' is there twice" for id in set(ids) if ids.count(id) > 1)


def cell_problems(cell: Any) -> Iterator[str]:
    tags = cell.metadata.get("tags", [])
    for noise in ("execution", "papermill", "scrolled", "collapsed"):
        if noise in cell.metadata:
            yield f"has '{noise}' in its metadata, which changes from run to run"
    for output in cell.outputs:
        if output.output_type == "error":
            yield f"ended in an error: {output.ename}: {output.evalue}"
        elif output.output_type == "stream" and output.name == "stderr" and "recovery" not in tags:
            yield f"wrote to stderr: {output.text[:200]}"
        elif "data" in output:
            text = output.data.get("text/plain", "").strip()
            if not text or text.startswith("<"):
                yield f"has a {output.output_type} without plain text that a person can read"
    for number, png in enumerate(pictures(cell), 1):
        if fault := picture_fault(png):
            yield f"has a picture ({number}) that {fault}"
    if "picture" in tags and not pictures(cell):
        yield "should show a picture and has none"
    if "headline" in tags and not text_of(cell).strip():
        yield "should print the headline numbers and prints nothing"
    if "claim" in tags and text_of(cell).strip() != "true":
        yield f"claims what is not so: {cell.source}"
    if "training" in tags:
        panels = [output for output in cell.outputs if output.output_type == "display_data"]
        if len(panels) != 1:
            yield f"should show one progress panel, updated in place, and shows {len(panels)}"
        for panel in panels:
            if not FINAL.search(panel.data.get("text/plain", "")):
                yield "has a progress panel that did not end on its final state"


def picture_fault(png: bytes) -> str | None:
    """Why the bytes are not a picture with something in it, `None` when they are."""
    if png[:8] != b"\x89PNG\r\n\x1a\n":
        return "is no PNG"
    position, packed, header = 8, b"", None
    while position + 8 <= len(png):
        length, kind = struct.unpack(">I4s", png[position : position + 8])
        body = png[position + 8 : position + 8 + length]
        if zlib.crc32(kind + body) != int.from_bytes(png[position + 8 + length :][:4], "big"):
            return "is damaged"
        if kind == b"IHDR":
            header = struct.unpack(">IIBB", body[:10])
        elif kind == b"IDAT":
            packed += body
        elif kind == b"IEND":
            break
        position += 12 + length
    if header is None or header[0] < 16 or header[1] < 16:
        return "has no size to speak of"
    width, height, depth, kind = header
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[kind]
    row = 1 + (width * channels * depth + 7) // 8
    pixels = zlib.decompress(packed)
    if len(pixels) != row * height:
        return "ends too early"
    # A plain area leaves almost nothing behind once it is packed.
    return "is blank" if len(set(pixels)) < 8 and len(packed) < width * height / 400 else None


def main() -> int:
    faults = 0
    for name in sys.argv[1:]:
        for problem in problems(Path(name)):
            print(f"{name}: {problem}", file=sys.stderr)
            faults += 1
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
