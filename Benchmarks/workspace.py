"""Measure what keeping a workspace costs and how soon it is back, and write docs/workspace-performance.md.

    make bench-workspace                            all of it, some minutes
    python Benchmarks/workspace.py --pairs 2        fewer pairs

Two figures. Training with everything kept (names, runs, checkpoints) against the same training in a kernel whose
workspace cannot be written and so keeps nothing, in pairs that take turns. And the time from the launch of a
kernel until it has answered `restore()` in a workspace of a gigabyte, killed by SIGKILL before.
"""

from __future__ import annotations

import argparse
import datetime
import os
import pathlib
import signal
import statistics
import sys
import tempfile
import time

from jupyter_client import KernelManager

from kernel.page import machine

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "workspace-performance.md"

TRAINING = "let run = train(model, on: images, epochs: 4, batch: 128, seed: 1)"
PREPARATION = """
let fashion = FashionMNIST()
let images = fashion.train.first(10_000)
"""
MODEL = "let model = AET(for: fashion, encoder: NIN(widths: [32, 64]), seed: 1)"


class Kernel:
    """Orbit's kernel in a folder, and a client that waits for its cells."""

    def __init__(self, folder: str, arguments: list[str]) -> None:
        self.manager = KernelManager(kernel_name="orbit")
        self.began = time.perf_counter()
        self.manager.start_kernel(cwd=folder, extra_arguments=arguments)
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def run(self, code: str) -> float:
        """The seconds that a cell takes, which has to succeed."""
        start = time.perf_counter()
        reply = self.client.execute_interactive(code, timeout=3_600, output_hook=lambda message: None)
        if reply["content"]["status"] != "ok":
            raise SystemExit(f"{code}: {reply['content']}")
        return time.perf_counter() - start

    def kill(self) -> None:
        os.kill(self.manager.provisioner.pid, signal.SIGKILL)
        self.close()

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


def training(pairs: int) -> list[str]:
    """The training time with and without a workspace on disk."""
    with tempfile.TemporaryDirectory() as folder:
        keeping, forgetting = Kernel(folder, []), Kernel(folder, ["--workspace", "/proc/nowhere"])
        for kernel in (keeping, forgetting):
            kernel.run(PREPARATION)
            kernel.run(MODEL)
            kernel.run(TRAINING)
        kept, forgotten = [], []
        for pair in range(pairs):
            turns = [(keeping, kept), (forgetting, forgotten)]
            for kernel, seconds in turns if pair % 2 == 0 else reversed(turns):
                kernel.run(MODEL)
                seconds.append(kernel.run(TRAINING))
                print(f"  {'kept' if seconds is kept else 'nothing kept'}: {seconds[-1]:.2f} s", flush=True)
        keeping.close()
        forgetting.close()
    ratios = [a / b for a, b in zip(kept, forgotten)]
    error = statistics.stdev(ratios) / len(ratios) ** 0.5 if len(ratios) > 1 else 0.0
    return [
        "## Training with and without a workspace",
        "",
        "AET with `NIN(widths: [32, 64])` on 10,000 images of Fashion-MNIST, four epochs, batch 128: the cell's time with"
        " everything kept, checkpoints at the start and at the ends of epochs among it, against a kernel whose workspace"
        " cannot be written. The two take turns.",
        "",
        "| | seconds, median | least |",
        "|---|---:|---:|",
        f"| everything kept | {statistics.median(kept):.2f} | {min(kept):.2f} |",
        f"| nothing kept | {statistics.median(forgotten):.2f} | {min(forgotten):.2f} |",
        f"| kept / nothing kept, of {pairs} pairs | {statistics.median(ratios):.3f} |"
        f" {min(ratios):.3f} to {max(ratios):.3f} |",
        "",
        f"Asked: at most 2 % slower. Measured: {100 * (statistics.median(ratios) - 1):+.1f} % in the median;"
        f" {100 * (statistics.mean(ratios) - 1):+.1f} ± {100 * error:.1f} % in the mean, with its standard error.",
        "",
    ]


def restoring(gigabytes: float) -> list[str]:
    """The time to the first answers of a large workspace."""
    with tempfile.TemporaryDirectory() as folder:
        kernel = Kernel(folder, [])
        kernel.run("let shapes = Shapes(count: 8, size: 16, seed: 1)\nvar note = 1")
        blobs = pathlib.Path(folder, ".orbit", "default", "blobs")
        count = 0
        while not blobs.exists() or sum(f.stat().st_size for f in blobs.iterdir()) < gigabytes * 1e9:
            kernel.run(f"let model{count} = AET(for: shapes, encoder: NIN(widths: [256, 768]), seed: {count})")
            kernel.run(f"let run{count} = train(model{count}, on: shapes.train, epochs: 1, batch: 8)")
            count += 1
        size = sum(f.stat().st_size for f in blobs.iterdir())
        names = 2 + 2 * count
        kernel.kill()
        rows: list[list[float]] = []
        for _ in range(5):
            kernel = Kernel(folder, [])
            kernel.run("restore()")
            restored = time.perf_counter() - kernel.began
            rows.append([restored, kernel.run("note"), kernel.run("model0.steps")])
            kernel.kill()
    middle = [statistics.median(column) for column in zip(*rows)]
    return [
        f"## A workspace of {size / 1e9:.1f} GB",
        "",
        f"{names} names, {count} models of 76 MB, the kernel killed by SIGKILL; medians of five starts, files in the"
        " system's cache.",
        "",
        "| | seconds |",
        "|---|---:|",
        f"| from the launch to the reply of `restore()`, the client's own start in between | {middle[0]:.3f} |",
        f"| then a number | {middle[1]:.4f} |",
        f"| then the first use of a model of 76 MB, which loads and verifies it | {middle[2]:.3f} |",
        "",
        f"Asked: under 1 s to the first answer. Measured: {middle[0]:.2f} s.",
        "",
    ]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--pairs", type=int, default=8)
    arguments.add_argument("--gigabytes", type=float, default=1.0)
    arguments.add_argument("--output", type=pathlib.Path, default=PAGE)
    chosen = arguments.parse_args()
    load = os.getloadavg()[0]
    lines = [
        "# What a workspace costs",
        "",
        f"Made by `make bench-workspace` on {datetime.date.today()}; {machine()}; load before it began: {load:.1f}.",
        "",
    ]
    print("· A large workspace …", flush=True)
    large = restoring(chosen.gigabytes)
    print("\n".join(large), "\n· Training …", flush=True)
    lines += training(chosen.pairs) + large
    chosen.output.write_text("\n".join(lines).rstrip() + "\n")
    print(f"Written: {chosen.output}")


if __name__ == "__main__":
    sys.exit(main())
