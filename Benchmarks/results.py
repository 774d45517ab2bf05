"""Run the experiments of docs/results.md, and write the page.

    python Benchmarks/results.py [--orbit .build/release/orbit] [--only aet vqvae] [--seeds 3]
        [--images 60000] [--epochs 6] [--long 16] [--few 2] [--into docs/results.md]

Every run is kept under build/results by what its cells are; a run that is there is not done again, so an
interrupted call goes on where it stopped. A page of fewer images, epochs or seeds than the defaults says so.
"""

import argparse
import datetime
import hashlib
import json
import math
import os
import pathlib
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent / "results"))
from experiments import EXPERIMENTS, Experiment  # noqa: E402


def run(orbit: str, cells: str, name: str, folder: pathlib.Path) -> dict[str, float]:
    """The numbers that cells print; from the folder when they were run before."""
    key = hashlib.sha256(cells.encode()).hexdigest()[:16]
    kept = folder / f"{name}-{key}.json"
    if kept.exists():
        return json.loads(kept.read_text())
    start = time.monotonic()
    done = subprocess.run(
        [orbit, "run", "-"], input=cells, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{name} failed:\n{done.stderr}\nIts cells:\n{cells}")
    found = {
        words[1]: float(words[2])
        for words in (line.split() for line in done.stdout.splitlines())
        if len(words) == 3 and words[0] == "@"
    }
    found["seconds"] = time.monotonic() - start
    part = kept.with_suffix(".partial")
    part.write_text(json.dumps(found))
    os.replace(part, kept)
    return found


def cells(experiment: Experiment, seed: int, options: argparse.Namespace) -> str:
    return experiment.cells.format(
        seed=seed, images=f"{options.images:_}", epochs=options.epochs, long=options.long, few=options.few
    )


def figure(values: list[float]) -> str:
    """Mean ± standard error."""
    digits = 4 if max(map(abs, values)) < 2 else 2
    mean = f"{statistics.mean(values):.{digits}f}"
    if len(values) < 2:
        return mean
    return f"{mean} ± {statistics.stdev(values) / math.sqrt(len(values)):.{digits}f}"


def overview(found: dict[str, list[dict[str, float]]]) -> list[str]:
    """The measurements of features that every method shares, in one table."""
    shown = [e for e in EXPERIMENTS if e.name in found and {"knn", "probe"} <= e.numbers.keys()]
    if len(shown) < 2:
        return []
    lines = [
        "## Frozen features, side by side", "",
        "Features of block 2 of the same encoder, or raw pixels: the vote of 200 neighbours of averaged "
        "features, and a convolutional head trained for 10 epochs on the maps.", "",
        "| | kNN accuracy | convolutional head | seeds |", "|---|---:|---:|---:|",
    ]  # fmt: skip
    for experiment in shown:
        rows = found[experiment.name]
        knn, probe = ([row[name] for row in rows] for name in ("knn", "probe"))
        lines.append(f"| {experiment.title} | {figure(knn)} | {figure(probe)} | {len(rows)} |")
    return [*lines, ""]


def differences(experiment: Experiment, found: dict[str, list[dict[str, float]]]) -> list[str]:
    """Seed by seed, how far a number lies above another experiment's."""
    lines = []
    for name, other, its in experiment.beside:
        pairs = list(zip(found[experiment.name], found.get(other, [])))
        if pairs:
            title = next(e.title for e in EXPERIMENTS if e.name == other)
            above = figure([row[name] - row_of_other[its] for row, row_of_other in pairs])
            lines += ["", f"Seed by seed, {experiment.numbers[name]} is {above} above: {title}."]
    return lines


def section(
    experiment: Experiment, found: dict[str, list[dict[str, float]]], example: str
) -> list[str]:
    rows = found[experiment.name]
    seeds = f"{len(rows)} seeds" if len(rows) > 1 else "one seed"
    lines = [
        f"## {experiment.title}", "",
        f"| measured on Fashion-MNIST | mean ± standard error, {seeds} | each seed | "
        "published, on its own data |",
        "|---|---:|---|---|",
    ]  # fmt: skip
    for name, words in experiment.numbers.items():
        values = [row[name] for row in rows]
        digits = 4 if max(map(abs, values)) < 2 else 1
        each = ", ".join(f"{value:.{digits}f}" for value in values)
        published = experiment.published.get(name, "–")
        words = words.replace("|", "\\|")
        lines.append(f"| {words} | {figure(values)} | {each} | {published} |")
    lines += differences(experiment, found)
    if experiment.remark:
        lines += ["", experiment.remark]
    seconds = statistics.mean(row["seconds"] for row in rows)
    lines += [
        "", f"{seconds:.0f} seconds a seed. The cells of seed {experiment.first}:", "", "```swift",
        example.replace("// %%\n", "").rstrip(), "```", "",
    ]  # fmt: skip
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--orbit", default=".build/release/orbit")
    parser.add_argument("--only", nargs="*", choices=[e.name for e in EXPERIMENTS])
    parser.add_argument("--seeds", type=int, default=0, help="fewer or more than the page's own")
    parser.add_argument("--images", type=int, default=60_000)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--long", type=int, default=16)
    parser.add_argument("--few", type=int, default=2, help="epochs where most labels are hidden")
    parser.add_argument("--into", type=pathlib.Path, default=pathlib.Path("docs/results.md"))
    options = parser.parse_args()
    folder = pathlib.Path("build/results")
    folder.mkdir(parents=True, exist_ok=True)
    chosen = [e for e in EXPERIMENTS if not options.only or e.name in options.only]
    lines = [
        "# Results", "",
        f"Made by `make results` on {datetime.date.today()}. Fashion-MNIST, the first "
        f"{options.images:,} training images, all 10,000 test images; {options.epochs} epochs unless the "
        "cells say otherwise. A seed settles first weights, data order, transformations and measurements. "
        "What others published stands for other data, networks and budgets: it says what a method can do, "
        "not what ours should.", "",
    ]  # fmt: skip
    found: dict[str, list[dict[str, float]]] = {}
    for experiment in chosen:
        rows = found[experiment.name] = []
        for seed in range(experiment.first, experiment.first + (options.seeds or experiment.seeds)):
            print(f"· {experiment.name}, seed {seed} …", flush=True)
            rows.append(
                run(options.orbit, cells(experiment, seed, options), f"{experiment.name}-{seed}", folder)
            )
            words = ", ".join(f"{name} {rows[-1][name]:.4g}" for name in experiment.numbers)
            print(f"  {words} ({rows[-1]['seconds']:.0f} s)", flush=True)
    lines += overview(found)
    for experiment in chosen:
        lines += section(experiment, found, cells(experiment, experiment.first, options))
    options.into.write_text("\n".join(lines))
    print(f"wrote {options.into}")


if __name__ == "__main__":
    main()
