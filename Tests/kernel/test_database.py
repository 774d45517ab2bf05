"""The database of a workspace, read by another tool: the queries of docs/workspace.md, and what they answer."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
import subprocess
from pathlib import Path

import pytest
from conftest import KERNEL_NAME
from jupyter_client.kernelspec import KernelSpecManager

DOCUMENT = Path(__file__).parents[2] / "docs" / "workspace.md"
QUERIES = re.findall(r"```sql\n(.*?)```", DOCUMENT.read_text(), flags=re.DOTALL)
CELLS = """\
let shapes = Shapes(count: 200, size: 16, seed: 1)
let first = AET(for: shapes, encoder: NIN(widths: [4, 8]), seed: 1)
let second = AED(for: shapes, encoder: NIN(widths: [4, 8]), seed: 2)
// %%
// a, "quoted" cell
let one = train(first, on: shapes.train, epochs: 2, batch: 32, seed: 1)
// %%
let two = train(second, on: shapes.train, epochs: 3, batch: 16, learningRate: 0.001, seed: 2)
// %%
latents(first, on: shapes.test)
knn(first, train: shapes.train, test: shapes.test, k: 5)
knn(second, train: shapes.train, test: shapes.test, k: 5).accuracy
// %%
export(runs(), to: "FOLDER/runs.csv")
export(runs(), to: "FOLDER/runs.json")
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with two runs."""
    folder = tmp_path_factory.mktemp("workspace")
    orbit = KernelSpecManager().get_kernel_spec(KERNEL_NAME).argv[0]
    done = subprocess.run(
        [orbit, "run", "-", "--workspace", str(folder)],
        input=CELLS.replace("FOLDER", str(folder)), capture_output=True, text=True, timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def database(folder: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{folder}/workspace.sqlite?mode=ro", uri=True)


def test_there_are_three_queries() -> None:
    assert len(QUERIES) == 3


def test_the_best_runs(database: sqlite3.Connection) -> None:
    rows = database.execute(QUERIES[0]).fetchall()
    assert {row[0] for row in rows} == {1, 2}
    assert [row[4] for row in rows] == sorted((row[4] for row in rows), reverse=True)
    assert {row[1]: row[2] for row in rows} == {"first": "AET", "second": "AED"}
    assert {row[1]: row[3] for row in rows}["second"] == "0.001"


def test_the_loss_by_epoch(database: sqlite3.Connection) -> None:
    rows = database.execute(QUERIES[1]).fetchall()
    epochs = {1: [0, 1], 2: [0, 1, 2]}
    assert {run: [row[1] for row in rows if row[0] == run] for run in (1, 2)} == epochs
    # The loss of a run is the mean over its last epoch.
    for run, loss in database.execute("SELECT id, loss FROM runs"):
        assert [row[2] for row in rows if row[0] == run][-1] == pytest.approx(loss, rel=1e-9)


def test_the_cells_that_trained(database: sqlite3.Connection) -> None:
    rows = database.execute(QUERIES[2]).fetchall()
    assert [row[1] for row in rows] == [2, 3]
    assert all("train(" in row[2] for row in rows)
    assert [row[4] for row in rows] == ["finished", "finished"]
    assert [row[5] for row in rows] == [1, 0]


def test_a_run_carries_its_origin(database: sqlite3.Connection) -> None:
    for code, build, host, batch, steps, planned, seconds in database.execute(
        "SELECT code, build, host, batch, steps, planned, seconds FROM runs"
    ):
        assert "train(" in code and re.match(r"\d+\.\d+\.\d+", build)
        assert re.search(r"\d+ cores?$", host)
        assert batch in (16, 32) and steps == planned > 0 and seconds > 0


def test_the_csv_says_what_the_database_says(database: sqlite3.Connection, folder: Path) -> None:
    with open(folder / "runs.csv", newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    assert [row["id"] for row in rows] == ["2", "1"]
    database.row_factory = sqlite3.Row
    for row in rows:
        run = database.execute("SELECT * FROM runs WHERE id = ?", (row["id"],)).fetchone()
        for column in ("name", "method", "data", "checksum", "build", "host", "code"):
            assert row[column] == run[column]
        for column, name in (("loss", "loss"), ("rate", "samplesPerSecond"), ("seconds", "seconds")):
            assert float(row[name]) == run[column]
        for name, text in json.loads(run["options"]).items():
            assert row[f"options.{name}"] == text
        score = database.execute("SELECT value FROM probes WHERE run = ?", (row["id"],)).fetchone()
        assert float(row["knn"]) == score["value"]


def test_the_json_has_the_metrics(database: sqlite3.Connection, folder: Path) -> None:
    runs = json.loads((folder / "runs.json").read_text())
    for run in runs:
        values = database.execute(
            "SELECT step, value FROM metrics WHERE run = ? AND name = 'loss' ORDER BY step", (run["id"],)
        ).fetchall()
        loss = run["metrics"]["loss"]
        assert list(zip(loss["steps"], loss["values"])) == values
        assert run["probes"][0]["name"] == "knn" and "k = 5" in run["probes"][0]["protocol"]
