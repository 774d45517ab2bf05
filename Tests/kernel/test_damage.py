"""A workspace that was damaged, or that may not be written to, before the kernel came.

Whatever it is, the kernel starts and its cells run, one sentence says what is wrong and what to do, what is damaged
stays on the disk as it was, and everything else is restored.
"""

from __future__ import annotations

import hashlib
import os
import re
import resource
import shutil
import sqlite3
from pathlib import Path
from typing import Callable, Iterator

import pytest
from conftest import Execution, Kernel
from faulty import MODES, READ_ONLY, Control, Mode

CELLS = [
    'let small = 1\nvar word = "first"',
    "let shapes = Shapes(count: 128, size: 16, seed: 1)",
    "let aet = AET(for: shapes, encoder: NIN(widths: [4, 4]), seed: 1)",
    "let run = train(aet, on: shapes.train, epochs: 1, batch: 32, seed: 1)",
    "let twin = fork(aet)",
    "let picture = show(shapes.train.first(4))",
    'word = "second"',
]
DATABASE = ".orbit/default/workspace.sqlite"
BLOBS = ".orbit/default/blobs"
# Nobody may be sent away with less.
WAY_OUT = re.compile(
    r"move its folder away|choose a folder|from a backup|update Orbit|free some space|allow writing"
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace that nothing is wrong with, of a kernel that ended in order."""
    folder = tmp_path_factory.mktemp("whole")
    kernel = Kernel(folder)
    for code in CELLS:
        kernel.run(code)
    kernel.stop()
    # Whoever closes the database last brings it all into one file.
    with sqlite3.connect(folder / DATABASE) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return folder


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    shutil.copytree(whole / ".orbit", tmp_path / ".orbit")
    return tmp_path


@pytest.fixture
def opened(folder: Path) -> Iterator[Callable[..., Kernel]]:
    kernels: list[Kernel] = []

    def start(**options: object) -> Kernel:
        kernels.append(Kernel(folder, **options))
        return kernels[-1]

    yield start
    for kernel in kernels:
        kernel.stop()


def digest(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else None


def told(execution: Execution) -> str:
    """What a cell said on stderr."""
    return "".join(
        message["content"]["text"]
        for message in execution.of_type("stream")
        if message["content"]["name"] == "stderr"
    )


def said(kernel: Kernel) -> str:
    """What the first cell says is wrong, beside which names can be restored."""
    first = kernel.execute("1 + 1")
    assert first.result == "2"
    return "\n".join(line for line in told(first).splitlines() if "restore() brings back" not in line)


def change(folder: Path, *statements: str) -> None:
    with sqlite3.connect(folder / DATABASE) as database:
        for statement in statements:
            assert database.execute(statement).rowcount != 0, statement
    database.close()


def blob(folder: Path, name: str) -> Path:
    """The blob of the object that a name stands for."""
    with sqlite3.connect(folder / DATABASE) as database:
        (value,) = database.execute("SELECT value FROM names WHERE name = ?", (name,)).fetchone()
        number = re.search(r'"object":(\d+)', value)[1]
        row = database.execute(
            "SELECT blob, made_by FROM states WHERE object = :id UNION SELECT blob, 0 FROM objects WHERE id = :id "
            "ORDER BY made_by DESC",
            {"id": number},
        ).fetchone()
    database.close()
    return folder / BLOBS / row[0]


def works(kernel: Kernel, *names: str) -> None:
    """Holds these names against what the cells left."""
    values = {
        "small": ("small", "1"),
        "word": ("word", '"second"'),
        "shapes": ("shapes.train.count", "128"),
        "aet": ("aet.steps", "4"),
        "run": ("run.status", '"completed"'),
        "twin": ("twin.steps", "4"),
        "picture": ("picture", None),
    }
    for name in names or values:
        expression, value = values[name]
        execution = kernel.run(expression)
        assert value is None or execution.result == value, f"{name}: {execution.result}"


# Blobs

def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


@pytest.mark.parametrize("damage", [flip, truncate, Path.unlink], ids=["flipped", "cut", "gone"])
@pytest.mark.parametrize("name", ["twin", "picture"])
def test_a_damaged_blob_costs_the_name_that_needs_it(
    name: str, damage: Callable[[Path], None], folder: Path, opened: Callable[..., Kernel]
) -> None:
    path = blob(folder, name)
    damage(path)
    before = digest(path)
    kernel = opened()
    kernel.run("restore()")
    others = {"small", "word", "shapes", "aet", "run", "twin", "picture"} - {name}
    # The weights of the model and of its fork are the same file.
    works(kernel, *(others - {"aet", "run"} if name == "twin" else others))
    for _ in range(2):
        execution = kernel.execute(name)
        assert execution.status == "error"
        assert f"'{name}' cannot be brought back" in execution.error_text
        assert path.name[:16] in execution.error_text and WAY_OUT.search(execution.error_text)
    kernel.stop()
    assert digest(path) == before


def test_a_damaged_blob_is_mended_by_what_writes_it_again(folder: Path, opened: Callable[..., Kernel]) -> None:
    path = blob(folder, "aet")
    before = digest(path)
    flip(path)
    kernel = opened()
    kernel.run(CELLS[1])
    kernel.run(CELLS[2])
    kernel.run(CELLS[3])
    kernel.stop()
    assert digest(path) == before


def test_a_run_without_its_blob_leaves_the_model(folder: Path, opened: Callable[..., Kernel]) -> None:
    truncate(blob(folder, "run"))
    kernel = opened()
    kernel.run("restore()")
    model = kernel.run("aet.steps")
    assert "cannot be brought back" in told(model)
    kernel.run('save(aet, to: "aet.safetensors")')
    works(kernel, "small", "word", "shapes", "twin", "picture")
    assert "'run' cannot be brought back" in kernel.execute("run").error_text


# The database

def test_a_database_of_a_newer_version_is_left_alone(folder: Path, opened: Callable[..., Kernel]) -> None:
    change(folder, "PRAGMA user_version = 99")
    before = digest(folder / DATABASE)
    kernel = opened()
    words = said(kernel)
    assert "made by a newer Orbit (version 99" in words and DATABASE in words and WAY_OUT.search(words)
    assert kernel.execute("restore()").status == "error"
    kernel.run("let x = 5")
    kernel.stop()
    assert digest(folder / DATABASE) == before
    assert {file.name for file in (folder / BLOBS).iterdir()} >= {blob(folder, "aet").name}


@pytest.mark.parametrize("share", [0, 0.0005, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 0.9999])
def test_a_torn_database_is_left_alone(share: float, folder: Path, opened: Callable[..., Kernel]) -> None:
    path = folder / DATABASE
    os.truncate(path, int(path.stat().st_size * share))
    blobs = {file.name: digest(file) for file in (folder / BLOBS).iterdir()}
    before = digest(path)
    kernel = opened()
    words = said(kernel)
    assert "is not a whole run store" in words and DATABASE in words and WAY_OUT.search(words), words
    kernel.run("let x = 5")
    assert kernel.run("x").result == "5"
    kernel.stop()
    assert digest(path) == before
    assert {file.name: digest(file) for file in (folder / BLOBS).iterdir()} == blobs


@pytest.mark.parametrize("share", [0.0, 0.01, 0.2, 0.4, 0.6, 0.8, 0.99])
def test_a_torn_write_ahead_log_gives_an_earlier_cell(share: float, tmp_path: Path) -> None:
    kernel = Kernel(tmp_path)
    for code in CELLS:
        kernel.run(code)
    kernel.manager.provisioner.process.kill()
    kernel.manager.provisioner.process.wait()
    kernel.client.stop_channels()
    log = tmp_path / f"{DATABASE}-wal"
    assert log.stat().st_size > 100_000
    os.truncate(log, int(log.stat().st_size * share))
    kernel = Kernel(tmp_path)
    table = kernel.run("restore()").result or ""
    names = [name for name in ["small", "shapes", "aet", "run", "twin", "picture"] if f"\n{name} " in table]
    # What an earlier cell declared is there wherever a later one is.
    order = ["small", "shapes", "aet", "run", "twin", "picture"]
    assert names == order[: len(names)]
    if "aet" in names:
        assert kernel.run("aet.steps").result == ("4" if "run" in names else kernel.run("aet.steps").result)
        kernel.run('save(aet, to: "aet.safetensors")')
    for name in names:
        kernel.run(name)
    assert not told(kernel.run("let after = 1"))
    kernel.stop()


# Rows

ROWS = {
    "bad JSON": ("UPDATE names SET value = '{\"object\":' WHERE name = 'twin'", "twin", None),
    "foreign JSON": ("UPDATE names SET value = '{\"tensor\":[1]}' WHERE name = 'twin'", "twin", None),
    "bytes": ("UPDATE names SET value = x'ff00fe', place = 'x', constant = 'y' WHERE name = 'twin'", "twin", None),
    "no object": ("UPDATE names SET value = '{\"object\":999}' WHERE name = 'twin'", "twin", "no object 999"),
    "unknown kind": ("UPDATE objects SET kind = 'hologram' WHERE kind = 'remembered'", "picture", "hologram"),
    "no recipe": ("UPDATE objects SET recipe = 'x' WHERE kind = 'remembered'", "picture", None),
    "unknown method": (
        "UPDATE objects SET recipe = replace(recipe, '\"AET\"', '\"ZZZ\"') WHERE kind = 'model' AND id = "
        "(SELECT json_extract(value, '$.object') FROM names WHERE name = 'twin')",
        "twin",
        "method is not known",
    ),
    "state": ("UPDATE states SET content = 'x' WHERE blob IS NULL", "", None),
}


@pytest.mark.parametrize("statement, name, reason", ROWS.values(), ids=ROWS.keys())
def test_a_damaged_row_costs_one_name(
    statement: str, name: str, reason: str | None, folder: Path, opened: Callable[..., Kernel]
) -> None:
    change(folder, statement)
    kernel = opened()
    table = kernel.run("restore()").result
    if name:
        execution = kernel.execute(name)
        assert execution.status == "error"
        named = f"'{name}' cannot be brought back" in execution.error_text
        assert named or re.search(rf"^{name} .*cannot be read", table, re.MULTILINE), table
        assert reason is None or reason in execution.error_text
    works(kernel, *({"small", "word", "shapes", "aet", "run", "twin", "picture"} - {name}))


def test_a_run_whose_data_are_gone_leaves_the_model(folder: Path, opened: Callable[..., Kernel]) -> None:
    change(folder, "UPDATE objects SET recipe = replace(recipe, 'Shapes', 'Forms') WHERE kind = 'run'")
    kernel = opened()
    kernel.run("restore()")
    model = kernel.run("aet.parameters")
    assert "run 1 of the model cannot be brought back" in told(model) and "Forms" in told(model)
    kernel.run('save(aet, to: "aet.safetensors")')
    works(kernel, "small", "word", "shapes", "twin", "picture")


def test_other_images_than_those_of_a_run_are_told(folder: Path, opened: Callable[..., Kernel]) -> None:
    change(folder, "UPDATE objects SET recipe = replace(recipe, '\"checksum\":\"', '\"checksum\":\"0') WHERE kind = 'run'")
    kernel = opened()
    kernel.run("restore()")
    assert "are not those that they were" in told(kernel.run("aet"))


# Places that cannot be written to

def files(folder: Path) -> dict[str, str | None]:
    return {str(file.relative_to(folder)): digest(file) for file in (folder / ".orbit").rglob("*") if file.is_file()}


def reads_only(kernel: Kernel, words: str) -> None:
    """The names of before are there, the cells run, and it was said why nothing is kept."""
    assert WAY_OUT.search(words), words
    kernel.run("restore()")
    works(kernel)
    kernel.run("let after = train(aet, on: shapes.train, epochs: 1, batch: 32, seed: 2)")
    assert kernel.run("aet.steps").result == "8"
    assert kernel.execute("undo()").status in ("ok", "error")
    kernel.stop()


def test_a_read_only_folder_is_read(folder: Path, shim: Path, opened: Callable[..., Kernel]) -> None:
    before = files(folder)
    options = {}
    if os.geteuid() == 0:
        # No permission keeps root from writing; the library does.
        control = Control(shim, folder)
        control.set(1, READ_ONLY)
        options["env"] = control.environment
    else:
        for path in [*folder.rglob("*"), folder]:
            path.chmod(path.stat().st_mode & ~0o222)
    try:
        kernel = opened(**options)
        words = said(kernel)
        assert "workspace.sqlite" in words and re.search("Read-only file system|Permission denied", words)
        reads_only(kernel, words)
        assert files(folder) == before
    finally:
        folder.chmod(0o700)
        for path in folder.rglob("*"):
            path.chmod(path.stat().st_mode | 0o700)


def test_a_workspace_on_a_full_disk_is_read(folder: Path, shim: Path, opened: Callable[..., Kernel]) -> None:
    full = next(mode for mode in MODES if mode.name == "no-space-from-there-on")
    control = Control(shim, folder)
    control.set(1, full)
    blobs = {file.name: digest(file) for file in (folder / BLOBS).iterdir()}
    kernel = opened(env=control.environment)
    words = said(kernel)
    assert "workspace.sqlite" in words
    reads_only(kernel, words)
    assert {file.name: digest(file) for file in (folder / BLOBS).iterdir()} == blobs
    # And when there is room again, all is as it was.
    kernel = opened()
    kernel.run("restore()")
    works(kernel)


def test_files_that_may_not_grow(folder: Path, opened: Callable[..., Kernel]) -> None:
    """The system's own limit: writing beyond it fails with EFBIG, after a signal that would end who does not expect it."""
    largest = sum(file.stat().st_size for file in (folder / DATABASE).parent.glob("workspace.sqlite*")) + 40_000

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))

    kernel = opened(preexec_fn=limit)
    begun = told(kernel.run("restore()\nvar count = 0"))
    assert "cannot" not in begun, begun
    kept = 0
    for turn in range(1, 100):
        words = told(kernel.run(f"count = {turn}"))
        if words:
            break
        kept = turn
    assert kept and "could not be kept on disk" in words, words
    works(kernel)
    kernel.stop()
    kernel = opened()
    kernel.run("restore()")
    assert kernel.run("count").result in (f"{kept}", f"{kept + 1}")
    works(kernel)


def test_a_disk_that_fills_is_told_once_and_caught_up_with(tmp_path: Path, shim: Path) -> None:
    control = Control(shim, tmp_path)
    kernel = Kernel(tmp_path, env=control.environment)
    assert not told(kernel.run("let before = 1"))
    control.set(1, Mode("full", 1, 28))
    full = told(kernel.run("let during = 2"))
    assert "could not be kept on disk" in full and "disk" in full and full.count("\n") == 1
    assert not told(kernel.run("let later = 3")), "it was told twice"
    control.set(0, Mode("well", 0))
    assert "kept on disk again" in told(kernel.run("let after = 4"))
    assert not told(kernel.run("let last = 5"))
    kernel.stop()
    kernel = Kernel(tmp_path)
    kernel.run("restore()")
    assert kernel.run("[before, during, later, after, last]").result == "[1, 2, 3, 4, 5]"
    kernel.stop()
